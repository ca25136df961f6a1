"""Leads of the embedding channel: stored frames that look alike as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.borders import find_content_area
from whenanime_pipeline.core.media.insets import find_insets, rectify_inset
from whenanime_pipeline.core.search.embedding.hnsw import Labels
from whenanime_pipeline.core.search.embedding.labels import split_label
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.transform import (
    Transform,
    transform_from_box,
    transform_from_corners,
)

_MAX_GAP = 6
"""Stored frames between two that look alike within one shot, at most."""
_MARGIN = 1
"""Stored frames before and after those found that are compared as well."""
_MAX_LENGTH = 24
"""Stored frames of a lead: those around the one that looks most alike."""

_MIRROR = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class QueryRegion:
    """A part of a screenshot that may be a whole frame of a film.

    Attributes:
        picture: RGB, `(height, width, 3)`.
        to_unit_square: places the screenshot so that the part reaches from (0, 0) to (1, 1).
        mirrored: whether it is a part of the screenshot's mirror image, which is placed then.
    """

    picture: NDArray[np.uint8]
    to_unit_square: Transform
    mirrored: bool = False

    def mirror(self) -> Self:
        """Return its mirror image."""
        picture = np.ascontiguousarray(self.picture[:, ::-1])
        return type(self)(picture, _MIRROR @ self.to_unit_square @ _MIRROR, not self.mirrored)


def find_whole_regions(picture: NDArray[np.uint8]) -> list[QueryRegion]:
    """Return the whole screenshot, and what is left without its borders where it has some.

    Args:
        picture: RGB, `(height, width, 3)`.
    """
    height, width = picture.shape[:2]
    found = [QueryRegion(picture, transform_from_box((0.0, 0.0, 1.0, height / width), 1.0))]
    rows, columns = find_content_area(picture)
    inside = picture[rows, columns]
    if inside.shape != picture.shape:
        box = columns.start, rows.start, columns.stop, rows.stop
        left, top, right, bottom = (side / width for side in box)
        found.append(QueryRegion(inside, transform_from_box((left, top, right, bottom), 1.0)))
    return found


def find_inset_regions(picture: NDArray[np.uint8]) -> list[QueryRegion]:
    """Return the parts of a screenshot that may be a picture of their own, a whole frame each.

    Args:
        picture: RGB, `(height, width, 3)`.
    """
    return [
        QueryRegion(rectify_inset(picture, corners), transform_from_corners(corners))
        for corners in find_insets(picture)
    ]


def gather_frame_candidates(
    regions: Sequence[QueryRegion],
    labels: Labels,
    cosines: Vectors,
    frame_counts: Mapping[int, int],
    aspect_of: Callable[[int], float],
) -> list[CandidateSegment]:
    """Gather the nearest stored frames into leads, the most alike first.

    Args:
        regions: of the screenshot, or all of its mirror image.
        labels: `(views, n)`, of the stored frames nearest to each.
        cosines: `(views, n)`, of their embeddings.
        frame_counts: how many stored frames each content has.
        aspect_of: returns the height of a content's stored pictures, in their widths.
    """
    alike: dict[tuple[int, int], list[PoseHypothesis]] = {}
    for number, view in enumerate(regions):
        placements: dict[int, Transform] = {}
        for label, cosine in zip(labels[number].tolist(), cosines[number].tolist(), strict=True):
            content, frame = split_label(label)
            if content not in placements:
                placements[content] = np.diag((1.0, aspect_of(content), 1.0)) @ view.to_unit_square
            guess = PoseHypothesis(frame, placements[content], 0, 0.0, cosine)
            alike.setdefault((content, frame), []).append(guess)
    mirrored = any(view.mirrored for view in regions)
    found: list[CandidateSegment] = []
    for content, places in groupby(sorted(alike), key=lambda place: place[0]):
        near: list[int] = []
        for _, frame in places:
            if near and frame - near[-1] > _MAX_GAP:
                found.append(
                    _make_segment(content, near, alike, frame_counts[content], mirrored=mirrored)
                )
                near = []
            near.append(frame)
        found.append(_make_segment(content, near, alike, frame_counts[content], mirrored=mirrored))
    return sorted(found, key=lambda lead: -lead.cosine)


def keep_more_similar(
    segments: Sequence[CandidateSegment], others: Sequence[CandidateSegment]
) -> list[CandidateSegment]:
    """Return the leads whose cosines are above those of all others."""
    highest = max((lead.cosine for lead in others), default=-1.0)
    return [lead for lead in segments if lead.cosine > highest]


def _make_segment(
    content: int,
    near: Sequence[int],
    alike: Mapping[tuple[int, int], list[PoseHypothesis]],
    count: int,
    *,
    mirrored: bool,
) -> CandidateSegment:
    guesses = sorted(
        (guess for frame in near for guess in alike[content, frame]), key=lambda one: -one.cosine
    )
    middle = guesses[0].frame
    first = max(0, near[0] - _MARGIN, middle - _MAX_LENGTH // 2)
    last = min(count - 1, near[-1] + _MARGIN, middle + _MAX_LENGTH // 2)
    return CandidateSegment(content, first, last, tuple(guesses), mirrored=mirrored)
