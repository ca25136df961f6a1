"""The search cascade of one query: stages from cheap to costly, with an early exit.

The embedding retrieves whole frames, also blurred and tinted ones, and their exact moment; local
features retrieve crops and frames that are partly covered; template matching locates crops without
local features on the frames that the embedding retrieved. Every stage only proposes candidate
segments: their frames are compared with the query pixel by pixel, and that alone decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.coarse_comparison import FrameReader
from whenanime_pipeline.core.search.geometry.hypotheses import (
    CandidateSegment,
    KeyframeCluster,
    PoseHypothesis,
)
from whenanime_pipeline.core.search.geometry.template_matching import Template
from whenanime_pipeline.core.search.geometry.verification import QueryImage, VerifiedFrame
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.query.confidence import Judge
from whenanime_pipeline.core.search.query.query_features import QueryFeatures
from whenanime_pipeline.core.search.query.ranking import rank_verified, select_best
from whenanime_pipeline.core.search.query.regions import QueryRegion

MAX_CLUSTERS = 3
"""Keyframe clusters that are verified, at most, of the query and of its mirror image each."""
TIE_MARGIN = 0.02
"""Cosine below the best segment's up to which segments are tied, as in an opening that all episodes
share: only their pixels tell them apart."""
SAME_SHOT_GAP = 100
"""Stored frames between moments of one shot, at most: a dozen seconds of motion."""
STRONG_VOTE_WEIGHT = 5.0
"""Vote weight of a cluster from which on it is verified before the mirror image is searched; hardly
one of a hundred negatives reaches it."""
PROMISING_SCORE = -3.0
"""Logit from which on matching local features may make a whole frame conclusive."""
SHOT_WINDOW = 48
"""Stored frames before and after a whole frame that may belong to its shot."""
NARROW_WINDOW = 3
"""The same once its shot is beyond doubt and only its transform is not: of 960 queries, two lost
their moment to another one of the shot when all of it was searched."""
MAX_TEMPLATE_SEGMENTS = 4
"""Candidate segments on which the query is located by template matching: of 29 crops that no other
stage had found, the frame was in the first two of 18; eight segments found no more."""
WHOLE_FRAME_COVERAGE = 0.95
"""Share of a frame from which on the query counts as uncropped."""
EXACT_COST = -3.4
"""Cost below which a transform is not refined: of 421 crops and 960 queries, none lost its moment
by that."""
MIN_VOTE_SHARE = 0.3
"""Share of the best cluster's vote weight below which another one is not verified."""


class SearchCascade:
    """A query under way, with the frames that have been verified so far."""

    def __init__(self, picture: NDArray[np.uint8], read: FrameReader, judge: Judge) -> None:
        """Prepare a query.

        Args:
            picture: RGB, `(height, width, 3)`.
            read: reads stored frames.
            judge: compares answers and decides when to exit early.
        """
        self._features = QueryFeatures(picture)
        self._query_image = QueryImage(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        self._read: FrameReader = cache(read)  # both channels propose the same frames
        self._judge = judge
        self.verified: list[VerifiedFrame] = []
        self._matched_frames: set[tuple[int, int, bool]] = set()

    @property
    def is_conclusive(self) -> bool:
        """Whether an answer is good enough to exit early."""
        return any(self._judge.is_conclusive(one) for one in self.verified)

    def verify_segments(
        self, segments: Sequence[CandidateSegment], max_segments: int, max_tied: int
    ) -> None:
        """Verify segments of whole frames; once one is conclusive, only its shot and tied segments.

        Args:
            segments: candidate segments, most similar first.
            max_segments: number of segments to verify, at most.
            max_tied: the same where all are tied.
        """
        tied = segments[0].cosine - TIE_MARGIN if segments else 0.0
        for number, segment in enumerate(segments[:max_tied]):
            is_tied = segment.cosine >= tied
            if is_tied or (number < max_segments and self._may_improve(segment)):
                self._verify(segment)

    def match_best_frame(self, frame_counts: Mapping[int, int], window: int = SHOT_WINDOW) -> None:
        """Match the local features of the best whole frame, so that overlays matter less.

        Takes a third of the time of a local feature search, and spares it for most frames under a
        player or a caption. Under a tint the embedding may retrieve the right shot at the wrong
        moment, so the whole window is verified. Does nothing for a frame matched before.

        Args:
            frame_counts: number of stored frames by content.
            window: stored frames before and after the frame that are verified.
        """
        best = max(self.verified, key=self._judge.score, default=None)
        if (
            best is None
            or best.hypothesis.descriptor_inliers
            or self._judge.score(best) < PROMISING_SCORE
        ):
            return
        content, frame, mirrored = best.segment.content, best.frame, best.segment.mirrored
        if (content, frame, mirrored) in self._matched_frames:
            return
        self._matched_frames.add((content, frame, mirrored))
        matched = self._match_frame(
            content, replace(best.hypothesis, frame=frame), mirrored=mirrored
        )
        if matched is not None:
            first, last = max(0, frame - window), min(frame_counts[content] - 1, frame + window)
            self._verify(CandidateSegment(content, first, last, (matched,), mirrored=mirrored))

    def search_local_features(
        self,
        index: LocalIndex,
        frame_counts: Mapping[int, int],
        contents: Collection[int] | None = None,
    ) -> None:
        """Search local features, and those of the mirror image unless the first are conclusive.

        Args:
            index: index of the snapshot's local features.
            frame_counts: number of stored frames by content.
            contents: ordinals of the contents to search; None for all.
        """

        def find_clusters(*, mirrored: bool) -> list[KeyframeCluster]:
            clusters = self._features.find_clusters(
                index, frame_counts, contents, mirrored=mirrored
            )
            return clusters[:MAX_CLUSTERS]

        upright = find_clusters(mirrored=False)
        if upright and upright[0].vote_weight >= STRONG_VOTE_WEIGHT:
            self._verify_clusters(upright)
            if self.is_conclusive:
                return
            upright = []
        self._verify_clusters([*upright, *find_clusters(mirrored=True)])

    def match_templates(self, region: QueryRegion, segments: Sequence[CandidateSegment]) -> None:
        """Locate a region by template matching on the frames that look most alike as a whole.

        Args:
            region: region of the query that may be a crop of a frame.
            segments: segments of whole frames, also of the mirror image, most similar first.
        """
        template = Template.from_gray(cv2.cvtColor(region.picture, cv2.COLOR_RGB2GRAY))
        aspect = region.picture.shape[0] / region.picture.shape[1]
        widths = np.diag((1.0, aspect, 1.0))
        sides = {False: (template, widths @ region.to_unit_square)}
        if any(segment.mirrored for segment in segments[:MAX_TEMPLATE_SEGMENTS]):
            sides[True] = template.mirror(), widths @ region.mirror().to_unit_square
        for segment in segments[:MAX_TEMPLATE_SEGMENTS]:
            own, to_region = sides[segment.mirrored]
            best = max(segment.hypotheses, key=lambda one: one.cosine)
            reference = self._read(segment.content, best.frame, half=False)
            transform = None if reference is None else own.locate_in(reference)
            if transform is not None:
                located = replace(best, transform=transform @ to_region)
                self._verify(replace(segment, hypotheses=(located,)))

    def refine_best(self) -> None:
        """Refine the transform of the best answer on each frame by itself, unless it is uncropped.

        In crops, neighbouring moments differ by less than a transform that is a pixel off costs.
        The confidence is not computed again on the refined transform: it raises negatives too, and
        twice as many of 2,000 would be false positives.
        """
        best = select_best(self.verified, self._judge)
        if best is None or best.comparison.cost < EXACT_COST:
            return
        if (
            not best.hypothesis.has_inliers
            and best.comparison.reference_coverage >= WHOLE_FRAME_COVERAGE
        ):
            return
        better = self._query_image.refine_frames(best, self._read)
        if better is None or self._judge.score(better) < self._judge.score(best):
            return
        if not self._judge.is_match(best):
            better = replace(better, comparison=best.comparison)
        self.verified = [better if one is best else one for one in self.verified]

    def _verify_clusters(self, clusters: Sequence[KeyframeCluster]) -> None:
        """Verify clusters, largest vote weight first."""
        ordered = sorted(clusters, key=lambda cluster: -cluster.vote_weight)
        for cluster in ordered:
            enough = cluster.vote_weight >= MIN_VOTE_SHARE * ordered[0].vote_weight
            if enough and self._may_improve(cluster):
                self._verify(self._refine_cluster(cluster))

    def _may_improve(self, candidate: CandidateSegment | KeyframeCluster) -> bool:
        """Return whether a candidate may be better than the answers so far."""
        conclusive = [one for one in self.verified if self._judge.is_conclusive(one)]
        return not conclusive or any(_is_same_shot(candidate, one) for one in conclusive)

    def _verify(self, segment: CandidateSegment) -> None:
        lowest = min((one.coarse_cost for one in self.verified), default=np.inf)
        verified = self._query_image.find_best_frame(segment, self._read, lowest)
        if verified is not None:
            self.verified.append(verified)

    def _refine_cluster(self, cluster: KeyframeCluster) -> CandidateSegment:
        """Return a cluster's segment, refined by matching the descriptors of its best keyframe."""
        initial = cluster.fit_best_hypothesis()
        return cluster.to_segment(
            self._match_frame(cluster.content, initial, mirrored=cluster.mirrored)
        )

    def _match_frame(
        self, content: int, initial: PoseHypothesis, *, mirrored: bool
    ) -> PoseHypothesis | None:
        """Refine a hypothesis by matching descriptors; None where too few match."""
        reference = self._read(content, initial.frame, half=False)
        if reference is None:
            return None
        return self._features.match_frame(reference, initial, mirrored=mirrored)

    def rank_verified(self) -> list[VerifiedFrame]:
        """Return the verified frames, the most credible first, without overlapping segments."""
        return rank_verified(self.verified, self._judge)


def _is_same_shot(candidate: CandidateSegment | KeyframeCluster, answer: VerifiedFrame) -> bool:
    """Return whether a candidate may belong to the same shot as an answer."""
    return (
        candidate.content == answer.segment.content
        and candidate.mirrored == answer.segment.mirrored
        and candidate.first - SAME_SHOT_GAP <= answer.frame <= candidate.last + SAME_SHOT_GAP
    )
