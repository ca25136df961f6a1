"""Candidate segments: stretches of reference frames with pose hypotheses of the query.

Key frames stand for what is between them, and in a held shot many of them say the same; so what
lies close together is followed up as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from whenanime_pipeline.core.search.geometry.spatial_voting import KeyframeCandidate
from whenanime_pipeline.core.search.geometry.transform import (
    Transform,
    estimate_transform,
    transform_points,
)

FRAME_WINDOW = 10
"""Frames before and after a keyframe that may be the queried one: more than a second of
motion, as keyframes of moving film are closer than that."""
_MAX_GAP = 40
"""Most frames between keyframes of one cluster: some five seconds of motion."""
_MAX_LENGTH = 96
"""Most frames of a segment: a longer shot is searched around its best keyframe."""
_STATIC_TOLERANCE = 0.015
"""Median reprojection error, in widths, within which the camera has not moved."""
_MAX_HYPOTHESES = 16
"""Most keyframes of a cluster for which a transform is estimated."""


@dataclass(frozen=True, slots=True)
class PoseHypothesis:
    """A transform of the query around one reference frame.

    Attributes:
        frame: the stored frame's ordinal.
        transform: of the screenshot, or of its mirror image.
        word_inliers: pairs of words that fit it; 0 when no patch was looked at.
        vote_weight: what they are worth.
        cosine: of the embeddings of the screenshot and this very frame; 0 when not compared.
        descriptor_inliers: matched descriptors that fit it; 0 when not compared, or too few fit.
    """

    frame: int
    transform: Transform
    word_inliers: int
    vote_weight: float
    cosine: float
    descriptor_inliers: int = 0

    @property
    def has_inliers(self) -> bool:
        """Whether local features gave the transform."""
        return self.descriptor_inliers > 0 or self.word_inliers > 0


@dataclass(frozen=True, slots=True)
class CandidateSegment:
    """Reference frames of one content to be compared with the query.

    Attributes:
        content: the content's ordinal.
        first, last: ordinals of the stored frames; the last is one of them.
        hypotheses: how the screenshot may lie on them, the best first.
        mirrored: whether the mirror image is compared.
    """

    content: int
    first: int
    last: int
    hypotheses: tuple[PoseHypothesis, ...]
    mirrored: bool = False

    @property
    def vote_weight(self) -> float:
        """Vote weight of the best hypothesis."""
        return self.hypotheses[0].vote_weight

    @property
    def cosine(self) -> float:
        """The largest cosine of any of its frames."""
        return max(guess.cosine for guess in self.hypotheses)


@dataclass(frozen=True, slots=True)
class KeyframeCluster:
    """Neighbouring keyframes of one content that may show the query.

    Attributes:
        content: the content's ordinal.
        first, last: ordinals of the stored frames around them; the last is one of them.
        candidates: the key frames, the best supported first.
        mirrored: whether the mirror image is compared.
    """

    content: int
    first: int
    last: int
    candidates: tuple[KeyframeCandidate, ...]
    mirrored: bool

    @property
    def vote_weight(self) -> float:
        """Vote weight of the best candidate."""
        return self.candidates[0].vote_weight

    def fit_best_hypothesis(self) -> PoseHypothesis:
        """Return the hypothesis on the best keyframe."""
        return _fit_hypothesis(self.candidates[0])

    def to_segment(self, refined: PoseHypothesis | None = None) -> CandidateSegment:
        """Return the segment to verify.

        Args:
            refined: how the screenshot lies on the best key frame, if that is known exactly. While
                the camera holds still it lies so on all of them: frames are then compared by what
                they show, and not by the errors of a transform each.
        """
        if refined is None:
            guesses = [_fit_hypothesis(one) for one in self.candidates[:_MAX_HYPOTHESES]]
        else:
            guesses = [refined] + [
                replace(refined, frame=one.frame)
                if _is_consistent(one, refined.transform)
                else _fit_hypothesis(one)
                for one in self.candidates[1:_MAX_HYPOTHESES]
            ]
        return CandidateSegment(
            self.content, self.first, self.last, tuple(guesses), mirrored=self.mirrored
        )


def cluster_keyframes(
    candidates: Iterable[KeyframeCandidate], frame_counts: Mapping[int, int]
) -> list[KeyframeCluster]:
    """Cluster keyframe candidates into shots.

    Args:
        candidates: where the screenshot may lie, by its patches.
        frame_counts: how many stored frames each content has.

    Returns:
        Shots, the best supported first.
    """
    found: list[KeyframeCluster] = []
    ordered = sorted(candidates, key=lambda one: (one.content, one.mirrored, one.frame))
    for (content, _), group in groupby(ordered, key=lambda one: (one.content, one.mirrored)):
        near: list[KeyframeCandidate] = []
        for candidate in group:
            if near and candidate.frame - near[-1].frame > _MAX_GAP:
                found.append(_make_cluster(near, frame_counts[content]))
                near = []
            near.append(candidate)
        found.append(_make_cluster(near, frame_counts[content]))
    return sorted(found, key=lambda shot: -shot.vote_weight)


def _make_cluster(near: Sequence[KeyframeCandidate], count: int) -> KeyframeCluster:
    best = sorted(near, key=lambda one: -one.vote_weight)
    middle = best[0].frame
    first = max(0, near[0].frame - FRAME_WINDOW, middle - _MAX_LENGTH // 2)
    last = min(count - 1, near[-1].frame + FRAME_WINDOW, middle + _MAX_LENGTH // 2)
    return KeyframeCluster(best[0].content, first, last, tuple(best), best[0].mirrored)


def _fit_hypothesis(candidate: KeyframeCandidate) -> PoseHypothesis:
    transform, inliers = estimate_transform(candidate.correspondences)
    return PoseHypothesis(candidate.frame, transform, inliers, candidate.vote_weight, 0.0)


def _is_consistent(candidate: KeyframeCandidate, transform: Transform) -> bool:
    """Return whether a keyframe is consistent with another one's transform."""
    pairs = candidate.correspondences
    off = np.abs(transform_points(transform, pairs.points) - pairs.targets).max(axis=1)
    return bool(np.median(off) < _STATIC_TOLERANCE)
