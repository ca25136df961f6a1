import colorsys
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor
from torchvision.transforms import v2

from whenanime_pipeline.core.learning.training.crop_augmentation import (
    augment_batch,
    draw_crop_boxes,
    resize_batch,
)
from whenanime_pipeline.core.learning.training.edits.photometric import jitter_colours

seeds = st.integers(0, 1 << 40)


def _chance(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def _pictures(count: int = 6, side: int = 32) -> Tensor:
    ramp = torch.linspace(0, 1, side)
    colours = torch.rand(count, 3, 1, 1, generator=_chance(3))
    return (ramp.view(1, 1, 1, -1) + ramp.view(1, 1, -1, 1) ** 2) / 2 * colours


@given(seeds, st.floats(0.3, 4), st.floats(0.05, 1))
def test_crops_lie_in_the_frame_and_have_the_asked_shape(
    seed: int, aspect: float, scale: float
) -> None:
    left, top, wide, high = draw_crop_boxes(torch.full((50,), aspect), _chance(seed), scale=scale)
    for begin, length in ((left, wide), (top, high)):
        assert begin.min() >= 0
        assert length.min() > 0
        assert (begin + length).max() <= 1 + 1e-5
    ratios = wide / high * aspect
    assert ratios.min() >= 3 / 4 - 1e-4
    assert ratios.max() <= 4 / 3 + 1e-4


@pytest.mark.parametrize("aspect", [16 / 9, 4 / 3, 1.0, 0.5, 3.0])
def test_crops_are_distributed_as_torchvisions(aspect: float) -> None:
    count, height = 6000, 1000
    width = round(height * aspect)
    left, top, wide, high = draw_crop_boxes(
        torch.full((count,), width / height), _chance(1), scale=0.2
    )
    torch.manual_seed(1)
    crop, frame = v2.RandomResizedCrop(8, scale=(0.2, 1)), torch.empty(3, height, width)
    theirs = [crop.make_params([frame]) for _ in range(count)]
    for ours, name, whole in (
        (left, "left", width),
        (top, "top", height),
        (wide, "width", width),
        (high, "height", height),
    ):
        expected = np.array([params[name] for params in theirs]) / whole
        for share in (0.1, 0.5, 0.9):
            assert np.quantile(ours.numpy(), share) == pytest.approx(
                np.quantile(expected, share), abs=0.02
            )


def test_a_view_shows_the_part_that_was_drawn() -> None:
    """A picture whose colours are its coordinates says where a view is from."""
    side = 200
    ramp = (torch.arange(side) + 0.5) / side
    picture = torch.stack([ramp.expand(side, side), ramp[:, None].expand(side, side)])
    picture = torch.cat([picture, torch.zeros(1, side, side)]).expand(40, 3, side, side)
    aspects = torch.full((40,), 1.5)
    view = augment_batch(picture, _chance(5), size=100, aspects=aspects, flip=0.5, color=0)
    left, top, wide, high = draw_crop_boxes(aspects, _chance(5), scale=0.2)
    mirrored = view[:, 0, 0, 0] > view[:, 0, 0, -1]
    assert 0.2 < mirrored.float().mean() < 0.8
    first = torch.where(mirrored, view[:, 0, 0, -1], view[:, 0, 0, 0])
    torch.testing.assert_close(first, left + wide / 200, atol=0.01, rtol=0)
    torch.testing.assert_close(view[:, 1, 0, 0], top + high / 200, atol=0.01, rtol=0)
    torch.testing.assert_close(
        (view[:, 0, 0, -1] - view[:, 0, 0, 0]).abs(), wide * 0.99, atol=0.01, rtol=0
    )


@given(seeds)
def test_no_strength_changes_no_colour(seed: int) -> None:
    torch.testing.assert_close(
        jitter_colours(_pictures(), _chance(seed), strength=0.0), _pictures()
    )


@given(seeds, st.floats(0.01, 0.9))
def test_colours_stay_in_range_and_gray_stays_gray(seed: int, strength: float) -> None:
    changed = jitter_colours(_pictures(), _chance(seed), strength=strength)
    assert changed.min() >= 0
    assert changed.max() <= 1
    gray = _pictures().mean(1, keepdim=True).expand(-1, 3, -1, -1)
    still = jitter_colours(gray, _chance(seed), strength=strength)
    torch.testing.assert_close(still.amax(1), still.amin(1), atol=1e-3, rtol=0)


def test_hues_turn_about_as_far_as_torchvisions() -> None:
    """Turned in another plane; over all colours it is as far."""
    flat = torch.rand(600, 3, 1, 1, generator=_chance(3)) * 0.6 + 0.2
    turned = jitter_colours(flat, _chance(2), strength=0.2)
    torch.manual_seed(2)
    jitter = v2.ColorJitter(0.2, 0.2, 0.2, 0.2)
    theirs = torch.stack([jitter(one) for one in flat])

    def turns(changed: Tensor) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        pairs = zip(changed.flatten(1).tolist(), flat.flatten(1).tolist(), strict=True)
        apart = [colorsys.rgb_to_hsv(*one)[0] - colorsys.rgb_to_hsv(*two)[0] for one, two in pairs]
        return np.abs((np.array(apart) + 0.5) % 1 - 0.5)

    for share in (0.25, 0.5, 0.75):
        assert np.quantile(turns(turned), share) == pytest.approx(
            np.quantile(turns(theirs), share), abs=0.03
        )


def test_colours_change_about_as_much_as_torchvisions() -> None:
    pictures = torch.rand(200, 3, 8, 8, generator=_chance(1)) * 0.6 + 0.2
    ours = (jitter_colours(pictures, _chance(1), strength=0.2) - pictures).abs().mean((1, 2, 3))
    torch.manual_seed(1)
    jitter = v2.ColorJitter(0.2, 0.2, 0.2, 0.2)
    theirs = torch.stack([(jitter(one) - one).abs().mean() for one in pictures])
    assert ours.median().item() == pytest.approx(theirs.median().item(), rel=0.25)


def test_a_source_view_is_only_scaled() -> None:
    bright = (_pictures(side=64) * 255).byte()
    scaled = resize_batch(bright, size=32)
    expected = bright.view(6, 3, 32, 2, 32, 2).float().mean((3, 5)) / 255
    torch.testing.assert_close(scaled, expected, atol=0.02, rtol=0)
    torch.testing.assert_close(resize_batch(bright, size=64), bright.float() / 255)


def test_the_same_seed_gives_the_same_views() -> None:
    first, again = (augment_batch(_pictures(), _chance(1), size=24) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, augment_batch(_pictures(), _chance(2), size=24))
    assert math.isfinite(first.sum().item())
