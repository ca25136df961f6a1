"""Regions of a query that may each show a whole frame, and their mirror images."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import transform_points
from whenanime_pipeline.core.search.query.regions import QueryRegion, find_whole_regions


def _picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(30, 256, (height, width, 3), np.uint8)


def _box(region: QueryRegion) -> list[float]:
    """Return left, top, right and bottom of a region, in widths of the query."""
    inverse = np.linalg.inv(region.to_unit_square).astype(np.float64)
    unit_square = np.array([[0.0, 0.0], [1.0, 1.0]])
    box: list[float] = transform_points(inverse, unit_square).ravel().tolist()
    return box


def test_a_letterboxed_screenshot_has_two_regions() -> None:
    boxed = np.pad(_picture(180, 320), ((30, 30), (0, 0), (0, 0)))
    whole, inside = find_whole_regions(boxed)
    assert whole.picture.shape == (240, 320, 3)
    assert inside.picture.shape == (180, 320, 3)
    np.testing.assert_allclose(_box(inside), (0, 30 / 320, 1, 210 / 320))
    assert len(find_whole_regions(_picture(180, 320))) == 1


def test_a_mirrored_region_is_the_same_part_of_the_mirror_image() -> None:
    boxed = np.pad(_picture(180, 320), ((0, 0), (40, 100), (0, 0)))
    inside = find_whole_regions(boxed)[1]
    mirrored = inside.mirror()
    mirror_image = boxed[:, ::-1]
    left, top, right, bottom = (round(side * boxed.shape[1]) for side in _box(mirrored))
    np.testing.assert_array_equal(mirrored.picture, mirror_image[top:bottom, left:right])
    assert mirrored.mirrored
    back = mirrored.mirror()
    assert not back.mirrored
    np.testing.assert_array_equal(back.to_unit_square, inside.to_unit_square)
