"""Reference frames are warped to where their transform says, with the mask of valid pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import transform_from_box
from whenanime_pipeline.core.search.geometry.warping import to_pixel_transform, warp_frame

SIZE = 64, 36
REFERENCE = np.tile(np.arange(80, dtype=np.uint8) * 3, (45, 1))
"""A horizontal ramp, 3 gray levels per pixel."""
ROTATED = np.array([[1.0, 0.08, -0.03], [-0.05, 1.1, 0.02], [0, 0, 1]])
PERSPECTIVE = np.array([[1.1, 0.05, -0.05], [0.02, 1.0, 0.01], [0.1, 0.05, 1]])


def _map_pixels(
    transform: NDArray[np.float64], width: int, reference_width: int
) -> NDArray[np.float64]:
    """Return the reference positions of the query's pixel centres, `(h, w, 2)`, in pixels."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    moved = np.stack([x / width, y / width, np.ones_like(x)], axis=-1) @ transform.T
    found: NDArray[np.float64] = moved[..., :2] / moved[..., 2:] * reference_width
    return found


@pytest.mark.parametrize(
    "transform",
    [np.eye(3), transform_from_box((0.2, 0.1, 0.7, 0.4), 0.5625), ROTATED, PERSPECTIVE],
)
def test_pixels_are_warped_by_the_transform(transform: NDArray[np.float64]) -> None:
    warp = to_pixel_transform(transform, SIZE[0], 80)
    assert warp is not None
    warped = warp_frame(REFERENCE, warp, SIZE)
    assert warped is not None
    positions = _map_pixels(transform, SIZE[0], 80)
    expected_mask: NDArray[np.bool_] = np.all((positions > 0) & (positions < (80, 45)), axis=2)
    found = np.zeros(SIZE[::-1], bool)
    found[warped.rows, warped.columns] = (
        True if warped.valid_mask is None else warped.valid_mask > 0
    )
    assert found.sum() == warped.pixel_count
    # At the very edge rounding decides; a pixel in a hundred.
    assert (found != expected_mask).mean() < 0.01
    expected = np.clip((positions[..., 0] - 0.5) * 3, 0, 79 * 3)[warped.rows, warped.columns]
    off = np.abs(warped.pixels - expected)[expected_mask[warped.rows, warped.columns]]
    assert off.max() <= 1


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.05, 3), st.floats(0.05, 3))
def test_a_scale_and_shift_yields_a_rectangle_without_a_mask(
    left: float, top: float, wide: float, high: float
) -> None:
    transform = transform_from_box((left, top, left + wide, top + high), 0.5625)
    positions = _map_pixels(transform, SIZE[0], 80)
    warp = to_pixel_transform(transform, SIZE[0], 80)
    assert warp is not None
    warped = warp_frame(REFERENCE, warp, SIZE)
    # Centres that lie on the very edge are either in or out.
    least, most = (
        ((positions > edge) & (positions < np.array([80, 45]) - edge)).all(axis=2).sum()
        for edge in (1e-6, -1e-6)
    )
    assert least <= (0 if warped is None else warped.pixel_count) <= most
    if warped is not None:
        assert warped.valid_mask is None
        assert warped.pixels.shape == positions[warped.rows, warped.columns].shape[:2]


@pytest.mark.parametrize("broken", [np.nan, np.inf])
@pytest.mark.parametrize("place", [(0, 2), (1, 1), (2, 0), (2, 2)])
def test_a_transform_that_is_not_finite_yields_none(broken: float, place: tuple[int, int]) -> None:
    transform = np.eye(3)
    transform[place] = broken
    warp = to_pixel_transform(transform, SIZE[0], 80)
    assert warp is None or warp_frame(REFERENCE, warp, SIZE) is None
