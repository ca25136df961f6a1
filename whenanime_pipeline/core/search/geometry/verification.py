"""Finds the frame of a candidate segment by warping its reference frames onto the query.

First all of them at a small size, then the best at a size at which a mouth can be distinguished.
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
"""Pixels of the longer side for comparing all frames of a segment, and then the best."""
_WHOLE_QUERY_SHARE = 0.7
"""Share of the query above which a frame is compared on all of it."""
_MARGIN = 0.1
"""Share of the frame's sides added around it: other hypotheses differ a little."""
_FRAME_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.75], [0.0, 0.75]])
"""Corners of a reference frame; of a wide one, with the area below it."""
_MIN_SIDE = 12
"""Shortest side of a query crop that is compared, in pixels."""
_FINALISTS = 5
_MAX_FRAME_COST = 0.3
"""Cost of whole-frame candidates above which their neighbours are skipped: nine segments in ten
that are wrong; of 498 that were matches, none had more than -0.8."""
_MAX_COST_GAP = 0.5
"""Cost above the best segment's at which a segment is abandoned: of 1,021 segments, 296 had more
than that at their hypothesis, and two became the best."""
_DENSE_FRAMES = 16
"""Of a lead of more than twice as many frames every second one is looked at, and those next to this
many of the best: a figure that moves before a held background is hardly the same twice."""
_HYPOTHESES_PER_FRAME = 2
"""Transforms tried for a frame: the one of the key frame next to it, and the one between it and the
one on the other side, as a camera that moves has another one for each frame."""
_RESIDUAL_TOLERANCE = 0.1
"""Residual above the best one's up to which frames still show what was asked for."""
_MIN_COST_GAIN = 0.1
"""Cost that a transform of its own has to win."""

_Comparisons = dict[int, tuple[PixelComparison, PoseHypothesis]]
"""Frames of a lead, how each agrees, and under which guess."""


class FrameReader(Protocol):
    """Reads stored frames."""

    def __call__(self, content: int, frame: int, *, half: bool) -> Gray | None:
        """Return a stored frame in gray levels, at half its size if so asked; None: gone."""


@dataclass(frozen=True, slots=True)
class VerifiedFrame:
    """The frame of a lead that agrees best.

    Attributes:
        segment: that was followed up.
        frame: the stored frame's ordinal.
        hypothesis: the transform under which it agrees.
        comparison: of the two.
        first, last: ordinals of the frames around it that agree nearly as well.
        coarse_cost: cost of the best frame at the small size.
        finalists: frames that agree best at the small size, the best first.
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
    """The part of a screenshot on which a frame lies, at the sizes at which it is compared.

    Attributes:
        coarse, fine: canvases.
        crop_to_query: maps places in the part, in its own widths, to places in the screenshot.
        area_share: of the screenshot's area.
    """

    coarse: ScaledQuery
    fine: ScaledQuery
    crop_to_query: Transform
    area_share: float

    def compare_coarse(self, stored: Gray, guess: PoseHypothesis) -> PixelComparison:
        return self._scale_coverage(
            self.coarse.compare(stored, guess.transform @ self.crop_to_query)
        )

    def compare_fine(self, stored: Gray, guess: PoseHypothesis) -> PixelComparison:
        return self._scale_coverage(self.fine.compare(stored, guess.transform @ self.crop_to_query))

    def refine_transform(self, stored: Gray, guess: PoseHypothesis) -> Transform | None:
        transform = refine_transform(self.fine.gray, stored, guess.transform @ self.crop_to_query)
        return None if transform is None else transform @ np.linalg.inv(self.crop_to_query)

    def _scale_coverage(self, agreement: PixelComparison) -> PixelComparison:
        return replace(agreement, query_coverage=agreement.query_coverage * self.area_share)


class QueryImage:
    """A screenshot and its mirror image, to be compared with stored frames."""

    def __init__(self, gray: Gray) -> None:
        """Scale it.

        Args:
            gray: `(height, width)`.
        """
        self._sides = gray, np.ascontiguousarray(gray[:, ::-1])
        self._whole = tuple(
            _QueryCrop(ScaledQuery(side, COARSE_SIDE), ScaledQuery(side, FINE_SIDE), np.eye(3), 1.0)
            for side in self._sides
        )

    def find_best_frame(
        self, segment: CandidateSegment, read: FrameReader, best_coarse_cost: float = np.inf
    ) -> VerifiedFrame | None:
        """Find the frame of a lead that agrees best with the screenshot.

        Args:
            segment: to follow up.
            read: reads stored frames.
            best_coarse_cost: rough cost of the best that is known of other leads.

        Returns:
            The frame; None when none agrees at all.
        """
        part = self._crop_query(segment)
        found, hopeful = _compare_frames(part, segment, read, best_coarse_cost)
        ranked = sorted(found, key=lambda frame: found[frame][0].cost)
        best: tuple[PixelComparison, PoseHypothesis, int] | None = None
        for frame in ranked[: _FINALISTS if hopeful else 1]:
            stored = read(segment.content, frame, half=False)
            if stored is None:
                continue
            guess = found[frame][1]
            agreement = part.compare_fine(stored, guess)
            if best is None or agreement.cost < best[0].cost:
                best = agreement, guess, frame
        if best is None or not np.isfinite(best[0].residual):
            return None
        agreement, guess, frame = best
        limit = found[frame][0].residual + _RESIDUAL_TOLERANCE
        before = [other for other in sorted(found) if other <= frame]
        after = [other for other in sorted(found, reverse=True) if other >= frame]
        first, last = (
            list(takewhile(lambda other: found[other][0].residual <= limit, reversed(way)))[-1]
            for way in (before, after)
        )
        rough, finalists = found[ranked[0]][0].cost, tuple(ranked[:_FINALISTS])
        return VerifiedFrame(segment, frame, guess, agreement, first, last, rough, finalists)

    def refine_frames(self, answer: VerifiedFrame, read: FrameReader) -> VerifiedFrame | None:
        """Find a better frame of an answer's shot, with a transform of its own for each.

        A transform that was found on another moment, where something else had moved, is a little
        off on this one: enough for a third one to agree better than either.

        Args:
            answer: that was found on this screenshot.
            read: reads stored frames.

        Returns:
            The better answer; None when there is none.
        """
        part, lead = self._crop_query(answer.segment), answer.segment
        better, least = None, answer.comparison.cost - _MIN_COST_GAIN
        for frame in answer.finalists:
            stored = read(lead.content, frame, half=False)
            transform = None if stored is None else part.refine_transform(stored, answer.hypothesis)
            if stored is None or transform is None:
                continue
            guess = replace(answer.hypothesis, frame=frame, transform=transform)
            cost = part.compare_fine(stored, guess).cost
            if cost < least:
                better, least = guess, cost
        return (
            None
            if better is None
            else self.find_best_frame(replace(lead, hypotheses=(better,)), read)
        )

    def _crop_query(self, lead: CandidateSegment) -> _QueryCrop:
        """Cut out where the best guess lays the frame, with a margin for the others."""
        whole, gray = self._whole[lead.mirrored], self._sides[lead.mirrored]
        height, width = gray.shape
        with np.errstate(all="ignore"):
            back = np.asarray(np.linalg.pinv(lead.hypotheses[0].transform), np.float64)
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
    part: _QueryCrop, lead: CandidateSegment, read: FrameReader, least: float
) -> tuple[_Comparisons, bool]:
    """Compare a lead's frames at the small size: some of all, and all next to the best.

    Returns:
        What was found, and whether the frames that were guessed promised enough to look further.
    """
    found: _Comparisons = {}

    def look(frames: Iterable[int]) -> None:
        for frame in frames:
            if frame in found or not lead.first <= frame <= lead.last:
                continue
            stored = read(lead.content, frame, half=True)
            if stored is not None:
                tried = [
                    (part.compare_coarse(stored, guess), guess)
                    for guess in _select_hypotheses(lead, frame)
                ]
                found[frame] = min(tried, key=lambda pair: pair[0].cost)

    stride = 1 if lead.last - lead.first < 2 * _DENSE_FRAMES else 2
    look(guess.frame for guess in lead.hypotheses[:_DENSE_FRAMES])
    limit = (
        least + _MAX_COST_GAP if lead.vote_weight else min(least + _MAX_COST_GAP, _MAX_FRAME_COST)
    )
    if found and all(one.cost > limit for one, _ in found.values()):
        return found, False
    look(range(lead.first, lead.last + 1, stride))
    for best in sorted(found, key=lambda frame: found[frame][0].cost)[:_DENSE_FRAMES]:
        look(range(best - stride + 1, best + stride))
    return found, True


def _select_hypotheses(lead: CandidateSegment, frame: int) -> list[PoseHypothesis]:
    """Return how the screenshot may lie on a frame: as on the key frames around it, or between."""
    by_distance = sorted(lead.hypotheses, key=lambda one: abs(one.frame - frame))
    found = by_distance[:1]
    before = next((one for one in by_distance if one.frame <= frame), None)
    after = next((one for one in by_distance if one.frame > frame), None)
    if before is not None and after is not None and before.transform is not after.transform:
        share = (frame - before.frame) / (after.frame - before.frame)
        between = (1 - share) * before.transform + share * after.transform
        found.append(replace(found[0], transform=between))
    for guess in by_distance[1:]:
        if len(found) == _HYPOTHESES_PER_FRAME:
            break
        if guess.transform is not found[0].transform:
            found.append(guess)
    return found
