"""Candidate segments: runs of reference frames with pose hypotheses of the query.

A keyframe stands for the frames around it, and many keyframes of a held shot get the same votes. So
keyframes that are close together form one cluster, which is verified as one segment.
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
"""Frames before and after a keyframe that are verified, too: more than a second of motion, as
keyframes of moving film are closer together than that."""
_MAX_GAP = 40
"""Most frames between keyframes of one cluster: about five seconds of motion."""
_MAX_LENGTH = 96
"""Most frames of a segment: a longer cluster is searched around its best keyframe."""
_STATIC_TOLERANCE = 0.015
"""Median reprojection error, in widths, below which two keyframes share a transform: the camera has
not moved between them."""
_MAX_HYPOTHESES = 16
"""Most keyframes of a cluster for which a transform is estimated."""


@dataclass(frozen=True, slots=True)
class PoseHypothesis:
    """A transform of the query around one reference frame.

    Attributes:
        frame: ordinal of the reference frame.
        transform: transform of the query, or of its mirror image.
        word_inliers: matches of the inverted file that fit it; 0 without local features.
        vote_weight: total weight of the keyframe's consistent matches.
        cosine: cosine of the embeddings of the query and this frame; 0 when not compared.
        descriptor_inliers: descriptor matches that fit it; 0 when not compared, or too few fit.
    """

    frame: int
    transform: Transform
    word_inliers: int
    vote_weight: float
    cosine: float
    descriptor_inliers: int = 0

    @property
    def has_inliers(self) -> bool:
        """Whether the transform was estimated from local features."""
        return self.descriptor_inliers > 0 or self.word_inliers > 0


@dataclass(frozen=True, slots=True)
class CandidateSegment:
    """Reference frames of one content to be compared with the query.

    Attributes:
        content: ordinal of the content.
        first, last: ordinals of the reference frames, both inclusive.
        hypotheses: transforms to try, best first; at least one.
        mirrored: whether the query's mirror image is compared.
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
        """The largest cosine of its hypotheses."""
        return max(hypothesis.cosine for hypothesis in self.hypotheses)


@dataclass(frozen=True, slots=True)
class KeyframeCluster:
    """Neighbouring keyframes of one content that may show the query.

    Attributes:
        content: ordinal of the content.
        first, last: ordinals of the reference frames to verify, both inclusive.
        candidates: the keyframes, by descending vote weight.
        mirrored: whether the query's mirror image is compared.
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
            refined: a hypothesis on the best keyframe, refined by descriptors. All keyframes that
                are consistent with it take over its transform: while the camera holds still,
                frames should differ by what they show, not by the errors of separate fits.
        """
        if refined is None:
            hypotheses = [_fit_hypothesis(one) for one in self.candidates[:_MAX_HYPOTHESES]]
        else:
            hypotheses = [refined] + [
                replace(refined, frame=one.frame)
                if _is_consistent(one, refined.transform)
                else _fit_hypothesis(one)
                for one in self.candidates[1:_MAX_HYPOTHESES]
            ]
        return CandidateSegment(
            self.content, self.first, self.last, tuple(hypotheses), mirrored=self.mirrored
        )


def cluster_keyframes(
    candidates: Iterable[KeyframeCandidate], frame_counts: Mapping[int, int]
) -> list[KeyframeCluster]:
    """Cluster keyframe candidates by content, mirroring and closeness.

    Args:
        candidates: keyframes with consistent matches.
        frame_counts: content ordinal → number of reference frames.

    Returns:
        Clusters, by descending vote weight.
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
    return sorted(found, key=lambda cluster: -cluster.vote_weight)


def _make_cluster(near: Sequence[KeyframeCandidate], count: int) -> KeyframeCluster:
    """Make a cluster of neighbouring keyframes of a content with so many reference frames."""
    by_weight = sorted(near, key=lambda one: -one.vote_weight)
    middle = by_weight[0].frame
    first = max(0, near[0].frame - FRAME_WINDOW, middle - _MAX_LENGTH // 2)
    last = min(count - 1, near[-1].frame + FRAME_WINDOW, middle + _MAX_LENGTH // 2)
    best = by_weight[0]
    return KeyframeCluster(best.content, first, last, tuple(by_weight), best.mirrored)


def _fit_hypothesis(candidate: KeyframeCandidate) -> PoseHypothesis:
    transform, inliers = estimate_transform(candidate.correspondences)
    return PoseHypothesis(candidate.frame, transform, inliers, candidate.vote_weight, 0.0)


def _is_consistent(candidate: KeyframeCandidate, transform: Transform) -> bool:
    """Return whether a keyframe is consistent with another one's transform."""
    pairs = candidate.correspondences
    errors = np.abs(transform_points(transform, pairs.points) - pairs.targets).max(axis=1)
    return bool(np.median(errors) < _STATIC_TOLERANCE)
