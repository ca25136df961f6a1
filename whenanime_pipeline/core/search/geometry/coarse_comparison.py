"""Compares a query with the frames of a candidate segment at the small size.

Hopeless segments are abandoned after the frames of their hypotheses; of long ones a subset is
compared, then the neighbours of the best.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.pixel_comparison import Gray, PixelComparison
from whenanime_pipeline.core.search.geometry.query_crop import QueryCrop

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
class FrameComparison:
    """The comparison of a query with a frame under the best of several hypotheses.

    Attributes:
        comparison: the comparison, at the small size.
        hypothesis: the hypothesis with the lowest cost.
    """

    comparison: PixelComparison
    hypothesis: PoseHypothesis


@dataclass(frozen=True, slots=True)
class CoarseComparison:
    """Comparisons of a query with frames of a segment, at the small size.

    Attributes:
        frames: frame ordinal → its best comparison.
        is_abandoned: whether only the frames of the hypotheses were compared.
    """

    frames: dict[int, FrameComparison]
    is_abandoned: bool

    def rank_frames(self) -> list[int]:
        """Return the ordinals of the frames, lowest cost first."""
        return _rank_frames(self.frames)


def compare_frames(
    part: QueryCrop, segment: CandidateSegment, read: FrameReader, best_cost: float
) -> CoarseComparison:
    """Compare a segment's frames: a subset, then the neighbours of the best.

    Args:
        part: the query, or the part of it that shows the frame.
        segment: segment to search.
        read: reads reference frames.
        best_cost: lowest cost of other segments; much costlier segments are abandoned.
    """
    found: dict[int, FrameComparison] = {}

    def compare(frames: Iterable[int]) -> None:
        for frame in frames:
            if frame in found or not segment.first <= frame <= segment.last:
                continue
            reference = read(segment.content, frame, half=True)
            if reference is not None:
                comparisons = [
                    FrameComparison(part.compare_coarse(reference, hypothesis), hypothesis)
                    for hypothesis in _select_hypotheses(segment, frame)
                ]
                found[frame] = min(comparisons, key=lambda one: one.comparison.cost)

    stride = 1 if segment.last - segment.first < 2 * _DENSE_FRAMES else 2
    compare(hypothesis.frame for hypothesis in segment.hypotheses[:_DENSE_FRAMES])
    limit = best_cost + _MAX_COST_GAP
    if not segment.vote_weight:
        limit = min(limit, _MAX_FRAME_COST)
    if found and all(one.comparison.cost > limit for one in found.values()):
        return CoarseComparison(found, is_abandoned=True)
    compare(range(segment.first, segment.last + 1, stride))
    for best in _rank_frames(found)[:_DENSE_FRAMES]:
        compare(range(best - stride + 1, best + stride))
    return CoarseComparison(found, is_abandoned=False)


def _rank_frames(found: dict[int, FrameComparison]) -> list[int]:
    return sorted(found, key=lambda frame: found[frame].comparison.cost)


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
