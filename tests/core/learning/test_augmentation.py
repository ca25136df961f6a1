from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training import screenshot_augmentation as augmentation
from whenanime_pipeline.core.learning.training.edits import geometric as frames
from whenanime_pipeline.core.learning.training.edits import jpeg as quality
from whenanime_pipeline.core.learning.training.edits import overlays as marks
from whenanime_pipeline.core.learning.training.edits import photometric as tones
from whenanime_pipeline.core.learning.training.edits import random_draws as chance

FRAMED: dict[str, Any] = {"area": (0.3, 1.0), "stretch": 1.6, "flip": 0.3}
EDITS = {
    "cropped": partial(frames.crop_randomly, size=48, **FRAMED),
    **{
        place: partial(frames.place_in_screenshots, size=48, **FRAMED, shares={place: 1.0})
        for place in ("bars", "borders", "within", "photographed")
    },
    "toned": partial(tones.jitter_tone, strength=1.0),
    "recoloured": partial(tones.jitter_colours, strength=0.2),
    "grayed": partial(tones.drop_colours, share=0.5),
    "blurred": partial(tones.add_blur, share=0.5),
    "noisy": partial(tones.add_noise, most=0.1),
    "captioned": partial(marks.add_captions, share=0.5),
    "played": partial(marks.add_player_controls, share=0.5),
    "stickered": partial(marks.add_stickers, share=0.5),
    "screened": partial(marks.add_screen_artifacts, share=0.5),
    "compressed": partial(quality.compress_jpeg, share=0.5),
    "clean_view": partial(augmentation.make_reference_view, size=48),
    "edited_view": partial(augmentation.make_screenshot_view, size=48, mild=0.5),
}
Edit = Callable[[Tensor, Generator], Tensor]


def _pictures(count: int = 12, side: int = 48) -> Tensor:
    ramp = torch.linspace(0, 1, side)
    colours = torch.rand(count, 3, 1, 1, generator=torch.manual_seed(3))
    return (ramp.view(1, 1, 1, -1) + ramp.view(1, 1, -1, 1) ** 2) / 2 * colours


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_repeatable_changes_something_and_stays_in_range(edit: Edit) -> None:
    pictures = _pictures()
    before = pictures.clone()
    first, again, other = (edit(pictures, Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(pictures, before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == pictures.shape
    assert not torch.equal(first, pictures)
    assert first.min() >= -1e-5
    assert first.max() <= 1 + 1e-5


@pytest.mark.parametrize(
    "edit",
    [
        tones.drop_colours,
        tones.add_blur,
        marks.add_captions,
        marks.add_player_controls,
        marks.add_stickers,
        marks.add_screen_artifacts,
        quality.compress_jpeg,
    ],
)
def test_no_share_is_no_change(edit: Callable[..., Tensor]) -> None:
    pictures = _pictures()
    torch.testing.assert_close(edit(pictures, Generator().manual_seed(1), share=0.0), pictures)


def test_some_pictures_are_edited_and_the_others_are_left() -> None:
    pictures = _pictures(200)
    edited = chance.edit_share(pictures, Generator().manual_seed(1), 0.25, lambda one: 1 - one)
    touched = (edited != pictures).flatten(1).any(1)
    assert 25 < touched.sum() < 75
    torch.testing.assert_close(edited[touched], 1 - pictures[touched])


def test_a_whole_crop_is_the_picture_and_a_flip_its_mirror_image() -> None:
    pictures = _pictures()
    whole = frames.crop_randomly(pictures, Generator().manual_seed(1), size=48)
    torch.testing.assert_close(whole, pictures, atol=1e-4, rtol=0)
    mirrored = frames.crop_randomly(pictures, Generator().manual_seed(1), size=48, flip=1.0)
    torch.testing.assert_close(mirrored, pictures.flip(3), atol=1e-4, rtol=0)


def test_a_crop_shows_a_part_of_the_asked_area() -> None:
    ramp = torch.linspace(0, 1, 96).expand(20, 3, 96, 96)
    view = frames.crop_randomly(ramp, Generator().manual_seed(1), size=48, area=(0.25, 0.25))
    shown = view[:, 0, 0, -1] - view[:, 0, 0, 0]
    torch.testing.assert_close(shown, torch.full((20,), 0.5), atol=0.02, rtol=0)
    assert view[:, 0, 0, 0].std() > 0.05


@pytest.mark.parametrize("place", ["bars", "borders", "within", "photographed"])
def test_a_placed_picture_has_surroundings(place: str) -> None:
    colour = torch.tensor([0.9, 0.1, 0.5]).view(1, 3, 1, 1)
    pictures = colour.repeat(42, 1, 96, 96)
    pictures[::2] = 0  # what lies around every second one: the picture half a batch before
    whole = frames.place_in_screenshots(
        pictures,
        Generator().manual_seed(1),
        size=48,
        area=(1.0, 1.0),
        stretch=1.0,
        flip=0.0,
        shares={place: 1.0},
    )
    seen = ((whole - colour).abs().amax(1) < 1e-3).float().mean((1, 2))
    assert seen[1::2].min() > 0.1
    assert (seen[1::2] < 0.99).float().mean() > 0.8
    assert seen[1::2].std() > 0.02
    # The others are black, and lie between bars or in such a picture.
    assert (seen[::2].max() > 0) == (place in ("within", "photographed"))


def test_a_picture_that_shrinks_much_is_not_sampled_in_single_pixels() -> None:
    checks = (torch.arange(192).view(1, -1) + torch.arange(192).view(-1, 1)) % 2
    pictures = checks.float().expand(4, 3, 192, 192)
    view = frames.crop_randomly(pictures, Generator().manual_seed(1), size=48)
    torch.testing.assert_close(view, torch.full_like(view, 0.5), atol=0.01, rtol=0)


def test_worse_quality_loses_more() -> None:
    pictures = torch.rand(8, 3, 48, 48, generator=torch.manual_seed(5))

    def lost(level: float) -> float:
        lossy = quality.compress_jpeg(
            pictures, Generator().manual_seed(1), share=1.0, quality=(level, level)
        )
        return (lossy - pictures).abs().mean().item()

    assert lost(95) < lost(50) < lost(10)
    assert lost(95) < 0.05


@pytest.mark.parametrize("mild", [0.0, 1.0])
def test_a_single_picture_can_be_edited_either_way(mild: float) -> None:
    view = augmentation.make_screenshot_view(
        _pictures(1), Generator().manual_seed(1), size=48, mild=mild
    )
    assert view.shape == (1, 3, 48, 48)
