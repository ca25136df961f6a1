from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training import augmentation

EDITS = {
    "cropped": partial(augmentation.cropped, size=48, area=(0.3, 1.0), stretch=1.6, flip=0.3),
    "toned": partial(augmentation.toned, strength=1.0),
    "grayed": partial(augmentation.grayed, share=0.5),
    "blurred": partial(augmentation.blurred, share=0.5),
    "boxed": partial(augmentation.boxed, share=0.5),
    "captioned": partial(augmentation.captioned, share=0.5),
    "noisy": partial(augmentation.noisy, most=0.1),
    "compressed": partial(augmentation.compressed, share=0.5),
    "clean_view": partial(augmentation.clean_view, size=48),
    "edited_view": partial(augmentation.edited_view, size=48, mild=0.5),
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


@pytest.mark.parametrize("name", ["grayed", "blurred", "boxed", "captioned", "compressed"])
def test_no_share_is_no_change(name: str) -> None:
    pictures = _pictures()
    edit = getattr(augmentation, name)
    torch.testing.assert_close(
        edit(pictures, Generator().manual_seed(1), share=0.0), pictures, atol=1e-5, rtol=0
    )


def test_a_whole_crop_is_the_picture_and_a_flip_its_mirror_image() -> None:
    pictures = _pictures()
    whole = augmentation.cropped(pictures, Generator().manual_seed(1), size=48)
    torch.testing.assert_close(whole, pictures, atol=1e-4, rtol=0)
    mirrored = augmentation.cropped(pictures, Generator().manual_seed(1), size=48, flip=1.0)
    torch.testing.assert_close(mirrored, pictures.flip(3), atol=1e-4, rtol=0)


def test_a_crop_shows_a_part_of_the_asked_area() -> None:
    ramp = torch.linspace(0, 1, 96).expand(20, 3, 96, 96)
    view = augmentation.cropped(ramp, Generator().manual_seed(1), size=48, area=(0.25, 0.25))
    shown = view[:, 0, 0, -1] - view[:, 0, 0, 0]
    torch.testing.assert_close(shown, torch.full((20,), 0.5), atol=0.02, rtol=0)
    assert view[:, 0, 0, 0].std() > 0.05


def test_bars_squeeze_the_picture_and_keep_its_edges() -> None:
    white = torch.ones(40, 3, 48, 48)
    boxed = augmentation.boxed(white, Generator().manual_seed(1), share=1.0)
    inside = boxed[:, 0, 24, 24]
    torch.testing.assert_close(inside, torch.ones(40))
    assert (boxed.amin((1, 2, 3)) < 0.99).float().mean() > 0.8


def test_worse_quality_loses_more() -> None:
    pictures = torch.rand(8, 3, 48, 48, generator=torch.manual_seed(5))

    def lost(quality: float) -> float:
        lossy = augmentation.compressed(
            pictures, Generator().manual_seed(1), share=1.0, quality=(quality, quality)
        )
        return (lossy - pictures).abs().mean().item()

    assert lost(95) < lost(50) < lost(10)
    assert lost(95) < 0.05


@pytest.mark.parametrize("mild", [0.0, 1.0])
def test_a_single_picture_can_be_edited_either_way(mild: float) -> None:
    view = augmentation.edited_view(_pictures(1), Generator().manual_seed(1), size=48, mild=mild)
    assert view.shape == (1, 3, 48, 48)
