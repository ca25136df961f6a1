"""Regions of a query that may each show a whole frame of a film."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.borders import find_content_area
from whenanime_pipeline.core.media.insets import find_insets, rectify_inset
from whenanime_pipeline.core.search.geometry.transform import (
    Transform,
    transform_from_box,
    transform_from_corners,
)

_MIRROR = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class QueryRegion:
    """A region of a query that may be a whole frame of a film.

    Attributes:
        picture: RGB, `(height, width, 3)`.
        to_unit_square: transform of the query that maps the region to (0, 0)–(1, 1).
        mirrored: whether it is a region of the query's mirror image; the transform is the mirror
            image's then.
    """

    picture: NDArray[np.uint8]
    to_unit_square: Transform
    mirrored: bool = False

    def mirror(self) -> Self:
        """Return its mirror image."""
        picture = np.ascontiguousarray(self.picture[:, ::-1])
        return type(self)(picture, _MIRROR @ self.to_unit_square @ _MIRROR, not self.mirrored)


def find_whole_regions(picture: NDArray[np.uint8]) -> list[QueryRegion]:
    """Return the whole query and, where it has borders, what they enclose.

    Args:
        picture: RGB, `(height, width, 3)`.
    """
    height, width = picture.shape[:2]
    regions = [QueryRegion(picture, transform_from_box((0.0, 0.0, 1.0, height / width), 1.0))]
    rows, columns = find_content_area(picture)
    inside = picture[rows, columns]
    if inside.shape != picture.shape:
        box = columns.start, rows.start, columns.stop, rows.stop
        left, top, right, bottom = (side / width for side in box)
        regions.append(QueryRegion(inside, transform_from_box((left, top, right, bottom), 1.0)))
    return regions


def find_inset_regions(picture: NDArray[np.uint8]) -> list[QueryRegion]:
    """Return the pictures shown inside a query, such as one in a chat; each may be a whole frame.

    Args:
        picture: RGB, `(height, width, 3)`.
    """
    return [
        QueryRegion(rectify_inset(picture, corners), transform_from_corners(corners))
        for corners in find_insets(picture)
    ]
