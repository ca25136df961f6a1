"""Finds the frame of a candidate segment by warping its reference frames onto the query.

All frames are compared at a small size, then the best at a size that shows an open mouth.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol

import numpy as np

from whenanime_pipeline.core.search.geometry.ecc_refinement import refine_transform
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.pixel_comparison import (
    Gray,
    PixelComparison,
    ScaledQuery,
)
from whenanime_pipeline.core.search.geometry.transform import Transform, transform_points

COARSE_SIDE, FINE_SIDE = 64, 160
"""Longer side of the query, in pixels, to compare all frames of a segment, and then the best."""
_WHOLE_QUERY_SHARE = 0.7
"""Share of the query's area above which the whole query is compared instead of a crop."""
_MARGIN = 0.1
"""Margin of the crop, as a share of the frame's sides: other hypotheses differ a little."""
_FRAME_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.75], [0.0, 0.75]])
"""Corners of a 4:3 reference frame; wider ones lie inside it."""
_MIN_SIDE = 12
"""Shortest side of a query crop that is compared, in pixels."""
_FINALISTS = 5
"""Frames compared at the large size."""
_MAX_FRAME_COST = 0.3
"""Cost of the embedding's candidates above which their neighbours are skipped. It skips nine in ten
wrong segments; of 498 right ones, none cost more than -0.8."""
_MAX_COST_GAP = 0.5
"""Cost above the best segment's at which a segment is abandoned: 296 of 1,021 were, of which two
would have become the best."""
_DENSE_FRAMES = 16
"""Of segments with more than twice as many frames, every second frame is compared, and then the
neighbours of this many of the best: a figure moving before a held background looks different in
every frame."""
_HYPOTHESES_PER_FRAME = 2
"""Transforms tried for a frame: that of the nearest keyframe, and one interpolated between the
keyframes on both sides, as a moving camera has a different one in every frame."""
_RESIDUAL_TOLERANCE = 0.1
"""Residual above the best frame's up to which neighbouring frames count as the same picture."""
_MIN_COST_GAIN = 0.1
"""Decrease of the cost that a refined transform must achieve."""

_Comparisons = dict[int, tuple[PixelComparison, PoseHypothesis]]
"""Frame ordinal → its best comparison, and the hypothesis it was made under."""


class FrameReader(Protocol):
    """Reads reference frames."""

    def __call__(self, content: int, frame: int, *, half: bool) -> Gray | None:
        """Return a reference frame `(height, width)` in gray levels.

        Args:
            content: ordinal of the content.
            frame: ordinal of the reference frame.
            half: whether to return it at half its size.

        Returns:
            The frame; None if it no longer exists.
        """


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


@dataclass(frozen=True, slots=True)
class _QueryCrop:
    """The part of a query that shows the frame, at both sizes of comparison.

    Attributes:
        coarse, fine: the part at the small and at the large size.
        crop_to_query: maps positions in the part, in its widths, to positions in the query.
        area_share: its share of the query's area.
    """

    coarse: ScaledQuery
    fine: ScaledQuery
    crop_to_query: Transform
    area_share: float

    def compare_coarse(self, reference: Gray, hypothesis: PoseHypothesis) -> PixelComparison:
        return self._scale_coverage(
            self.coarse.compare(reference, hypothesis.transform @ self.crop_to_query)
        )

    def compare_fine(self, reference: Gray, hypothesis: PoseHypothesis) -> PixelComparison:
        return self._scale_coverage(
            self.fine.compare(reference, hypothesis.transform @ self.crop_to_query)
        )

    def refine_transform(self, reference: Gray, hypothesis: PoseHypothesis) -> Transform | None:
        transform = refine_transform(
            self.fine.gray, reference, hypothesis.transform @ self.crop_to_query
        )
        return None if transform is None else transform @ np.linalg.inv(self.crop_to_query)

    def _scale_coverage(self, comparison: PixelComparison) -> PixelComparison:
        """Return a comparison with its coverage relative to the whole query."""
        return replace(comparison, query_coverage=comparison.query_coverage * self.area_share)


class QueryImage:
    """A query and its mirror image, to be compared with reference frames."""

    def __init__(self, gray: Gray) -> None:
        """Scale a query to the sizes of comparison.

        Args:
            gray: `(height, width)`, gray levels.
        """
        self._sides = gray, np.ascontiguousarray(gray[:, ::-1])
        self._whole = tuple(
            _QueryCrop(ScaledQuery(side, COARSE_SIDE), ScaledQuery(side, FINE_SIDE), np.eye(3), 1.0)
            for side in self._sides
        )

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
        found, continued = _compare_frames(part, segment, read, best_coarse_cost)
        ranked = sorted(found, key=lambda frame: found[frame][0].cost)
        best: tuple[PixelComparison, PoseHypothesis, int] | None = None
        for frame in ranked[: _FINALISTS if continued else 1]:
            reference = read(segment.content, frame, half=False)
            if reference is None:
                continue
            hypothesis = found[frame][1]
            comparison = part.compare_fine(reference, hypothesis)
            if best is None or comparison.cost < best[0].cost:
                best = comparison, hypothesis, frame
        if best is None or not np.isfinite(best[0].residual):
            return None
        comparison, hypothesis, frame = best
        limit = found[frame][0].residual + _RESIDUAL_TOLERANCE
        before = [other for other in sorted(found) if other <= frame]
        after = [other for other in sorted(found, reverse=True) if other >= frame]
        first, last = (
            list(takewhile(lambda other: found[other][0].residual <= limit, reversed(side)))[-1]
            for side in (before, after)
        )
        coarse_cost, finalists = found[ranked[0]][0].cost, tuple(ranked[:_FINALISTS])
        return VerifiedFrame(
            segment, frame, hypothesis, comparison, first, last, coarse_cost, finalists
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

    def _crop_query(self, segment: CandidateSegment) -> _QueryCrop:
        """Crop the query to the frame under the best hypothesis, with a margin.

        Returns:
            The part; the whole query where the part is nearly all of it, or too small.
        """
        whole, gray = self._whole[segment.mirrored], self._sides[segment.mirrored]
        height, width = gray.shape
        with np.errstate(all="ignore"):
            back = np.asarray(np.linalg.pinv(segment.hypotheses[0].transform), np.float64)
            corners = transform_points(back, _FRAME_CORNERS) * width
        if not np.isfinite(corners).all():
            return whole
        margin = _MARGIN * (corners.max(axis=0) - corners.min(axis=0))
        low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
        left, top = np.clip(np.floor(low), 0, (width, height)).astype(int).tolist()
        right, bottom = np.clip(np.ceil(high), 0, (width, height)).astype(int).tolist()
        share = (right - left) * (bottom - top) / gray.size
        if share > _WHOLE_QUERY_SHARE or min(right - left, bottom - top) < _MIN_SIDE:
            return whole
        inside = gray[top:bottom, left:right]
        zoom = np.array([[right - left, 0, left], [0, right - left, top], [0, 0, width]]) / width
        return _QueryCrop(
            ScaledQuery(inside, COARSE_SIDE), ScaledQuery(inside, FINE_SIDE), zoom, share
        )


def _compare_frames(
    part: _QueryCrop, segment: CandidateSegment, read: FrameReader, best_cost: float
) -> tuple[_Comparisons, bool]:
    """Compare a segment's frames at the small size: a subset, then the neighbours of the best.

    Args:
        part: the query, or the part of it that shows the frame.
        segment: segment to search.
        read: reads reference frames.
        best_cost: lowest cost of other segments.

    Returns:
        The comparisons, and whether the search went on after the frames of the hypotheses.
    """
    found: _Comparisons = {}

    def compare(frames: Iterable[int]) -> None:
        for frame in frames:
            if frame in found or not segment.first <= frame <= segment.last:
                continue
            reference = read(segment.content, frame, half=True)
            if reference is not None:
                comparisons = [
                    (part.compare_coarse(reference, hypothesis), hypothesis)
                    for hypothesis in _select_hypotheses(segment, frame)
                ]
                found[frame] = min(comparisons, key=lambda pair: pair[0].cost)

    stride = 1 if segment.last - segment.first < 2 * _DENSE_FRAMES else 2
    compare(hypothesis.frame for hypothesis in segment.hypotheses[:_DENSE_FRAMES])
    limit = (
        best_cost + _MAX_COST_GAP
        if segment.vote_weight
        else min(best_cost + _MAX_COST_GAP, _MAX_FRAME_COST)
    )
    if found and all(one.cost > limit for one, _ in found.values()):
        return found, False
    compare(range(segment.first, segment.last + 1, stride))
    for best in sorted(found, key=lambda frame: found[frame][0].cost)[:_DENSE_FRAMES]:
        compare(range(best - stride + 1, best + stride))
    return found, True


def _select_hypotheses(segment: CandidateSegment, frame: int) -> list[PoseHypothesis]:
    """Return the hypotheses to try on a frame: the nearest, and one interpolated between two."""
    by_distance = sorted(segment.hypotheses, key=lambda one: abs(one.frame - frame))
    found = by_distance[:1]
    before = next((one for one in by_distance if one.frame <= frame), None)
    after = next((one for one in by_distance if one.frame > frame), None)
    if before is not None and after is not None and before.transform is not after.transform:
        share = (frame - before.frame) / (after.frame - before.frame)
        between = (1 - share) * before.transform + share * after.transform
        found.append(replace(found[0], transform=between))
    for hypothesis in by_distance[1:]:
        if len(found) == _HYPOTHESES_PER_FRAME:
            break
        if hypothesis.transform is not found[0].transform:
            found.append(hypothesis)
    return found
