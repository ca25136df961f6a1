"""Finds the frame of a candidate segment by warping its reference frames onto the query.

All frames are compared at a small size, then the best at a size that shows an open mouth.
"""

from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from whenanime_pipeline.core.search.geometry.coarse_comparison import (
    CoarseComparison,
    FrameReader,
    compare_frames,
)
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.pixel_comparison import Gray, PixelComparison
from whenanime_pipeline.core.search.geometry.query_crop import QueryCrop, crop_to_frame

_FINALISTS = 5
"""Frames compared at the large size."""
_RESIDUAL_TOLERANCE = 0.1
"""Residual above the best frame's up to which neighbouring frames count as the same picture."""
_MIN_COST_GAIN = 0.1
"""Decrease of the cost that a refined transform must achieve."""


@dataclass(frozen=True, slots=True)
class VerifiedFrame:
    """The best frame of a candidate segment.

    Attributes:
        segment: the segment that was searched.
        frame: ordinal of the reference frame.
        hypothesis: the hypothesis with the lowest cost on it.
        comparison: comparison of query and frame at the large size.
        first, last: ordinals of the frames around it with nearly the same residual, inclusive.
        coarse_cost: lowest cost at the small size.
        finalists: frames with the lowest costs at the small size, best first.
    """

    segment: CandidateSegment
    frame: int
    hypothesis: PoseHypothesis
    comparison: PixelComparison
    first: int
    last: int
    coarse_cost: float
    finalists: tuple[int, ...]


class QueryImage:
    """A query and its mirror image, to be compared with reference frames."""

    def __init__(self, gray: Gray) -> None:
        """Scale a query to the sizes of comparison.

        Args:
            gray: `(height, width)`, gray levels.
        """
        self._sides = gray, np.ascontiguousarray(gray[:, ::-1])
        self._whole = tuple(QueryCrop.from_gray(side, np.eye(3), 1.0) for side in self._sides)

    def find_best_frame(
        self, segment: CandidateSegment, read: FrameReader, best_coarse_cost: float = np.inf
    ) -> VerifiedFrame | None:
        """Find the frame of a segment with the lowest cost.

        Args:
            segment: segment to search.
            read: reads reference frames.
            best_coarse_cost: lowest `coarse_cost` of other segments; much costlier ones are
                abandoned early.

        Returns:
            The frame; None if no reference frame overlaps the query.
        """
        part = self._crop_query(segment)
        coarse = compare_frames(part, segment, read, best_coarse_cost)
        ranked = coarse.rank_frames()
        best: tuple[PixelComparison, int] | None = None
        for frame in ranked[: 1 if coarse.is_abandoned else _FINALISTS]:
            reference = read(segment.content, frame, half=False)
            if reference is None:
                continue
            comparison = part.compare_fine(reference, coarse.frames[frame].hypothesis)
            if best is None or comparison.cost < best[0].cost:
                best = comparison, frame
        if best is None or not np.isfinite(best[0].residual):
            return None
        comparison, frame = best
        first, last = _find_similar_run(coarse, frame)
        return VerifiedFrame(
            segment,
            frame,
            coarse.frames[frame].hypothesis,
            comparison,
            first,
            last,
            coarse_cost=coarse.frames[ranked[0]].comparison.cost,
            finalists=tuple(ranked[:_FINALISTS]),
        )

    def refine_frames(self, answer: VerifiedFrame, read: FrameReader) -> VerifiedFrame | None:
        """Search the segment again, with the transform refined on each finalist by ECC.

        A transform estimated on another frame, in which something else had moved, is slightly off
        here; that can be enough for a wrong frame to cost less than the right one.

        Args:
            answer: result of `find_best_frame` on this query.
            read: reads reference frames.

        Returns:
            The frame found with the best refined transform; None if none lowers the cost enough.
        """
        part, segment = self._crop_query(answer.segment), answer.segment
        better, best_cost = None, answer.comparison.cost - _MIN_COST_GAIN
        for frame in answer.finalists:
            reference = read(segment.content, frame, half=False)
            transform = (
                None if reference is None else part.refine_transform(reference, answer.hypothesis)
            )
            if reference is None or transform is None:
                continue
            hypothesis = replace(answer.hypothesis, frame=frame, transform=transform)
            cost = part.compare_fine(reference, hypothesis).cost
            if cost < best_cost:
                better, best_cost = hypothesis, cost
        return (
            None
            if better is None
            else self.find_best_frame(replace(segment, hypotheses=(better,)), read)
        )

    def _crop_query(self, segment: CandidateSegment) -> QueryCrop:
        """Return the part of the query that shows the frame under the best hypothesis."""
        part = crop_to_frame(self._sides[segment.mirrored], segment.hypotheses[0].transform)
        return self._whole[segment.mirrored] if part is None else part


def _find_similar_run(coarse: CoarseComparison, frame: int) -> tuple[int, int]:
    """Return the first and last of the frames around one with nearly its residual, inclusive."""
    found = coarse.frames
    limit = found[frame].comparison.residual + _RESIDUAL_TOLERANCE
    # Both from the frame outwards.
    before = [other for other in sorted(found, reverse=True) if other <= frame]
    after = [other for other in sorted(found) if other >= frame]
    first, last = (
        list(takewhile(lambda other: found[other].comparison.residual <= limit, side))[-1]
        for side in (before, after)
    )
    return first, last
