"""One question to a snapshot: both channels, followed up until the answer is certain.

The embedding knows whole frames, also blurred and tinted ones, and their exact moment; patches
know parts of frames, under whatever was laid over them; and where no patch is left, a part is slid
over the frames that the embedding knows. All only suggest where to look: what is stored there is
then compared with the screenshot, pixel by pixel, and only that counts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.descriptor_matching import (
    compute_search_window,
    match_descriptors,
)
from whenanime_pipeline.core.search.geometry.hypotheses import (
    CandidateSegment,
    KeyframeCluster,
    PoseHypothesis,
    cluster_keyframes,
)
from whenanime_pipeline.core.search.geometry.spatial_voting import find_keyframe_candidates
from whenanime_pipeline.core.search.geometry.template_matching import Template
from whenanime_pipeline.core.search.geometry.verification import (
    FrameReader,
    QueryImage,
    VerifiedFrame,
)
from whenanime_pipeline.core.search.local.detector import (
    QUERY_SETTINGS,
    REFERENCE_SETTINGS,
    detect,
    detect_in_box,
)
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.query.confidence import Judge
from whenanime_pipeline.core.search.query.ranking import rank_verified, select_best
from whenanime_pipeline.core.search.query.regions import QueryRegion

MAX_CLUSTERS = 3
"""Leads of patches that are followed up, of the screenshot and of its mirror image each."""
TIE_MARGIN = 0.02
"""Cosine below the best lead's up to which whole frames look the same, as in an opening that all
episodes share: then only what is seen of each tells them apart."""
SAME_SHOT_GAP = 100
"""Stored frames between moments of one shot, at most: a dozen seconds of motion."""
MAX_QUERY_FEATURES = 300
"""Features of a screenshot that are looked up; all are matched with the frames that are found."""
STRONG_VOTE_WEIGHT = 5.0
"""Support of a shot by which it is followed up before the mirror image is looked for at all; that
of a hundred strangers is hardly ever as much."""
PROMISING_SCORE = -3.0
"""Logit from which on a whole frame may become certain when it is matched by its patches."""
SHOT_WINDOW = 48
"""Stored frames before and after a whole frame that may be of its shot."""
NARROW_WINDOW = 3
"""Those beside it that are looked at once its shot is beyond question, and only how it lies is not:
of 960 questions, two lost their moment to another one of the shot when all of it was looked at."""
MAX_TEMPLATE_SEGMENTS = 4
"""Leads of whole frames over which a part is slid: of 29 crops that nothing else had found, the
frame was in the first two of 18; eight leads found none more."""
WHOLE_FRAME_COVERAGE = 0.95
"""Share of a frame from which on all of it is seen, as if it had never been cropped."""
EXACT_COST = -3.4
"""Misfit below which a screenshot lies as exactly as it can: of 421 crops and 960 questions, none
lost its moment by being left as it was."""
MIN_VOTE_SHARE = 0.3
"""Share of the best lead's support below which another one is not followed up."""


class SearchCascade:
    """A screenshot that is being looked for."""

    def __init__(self, picture: NDArray[np.uint8], read: FrameReader, judge: Judge) -> None:
        """Prepare a screenshot.

        Args:
            picture: RGB, `(height, width, 3)`.
            read: reads stored frames.
            judge: says what an agreement is worth.
        """
        self._picture = picture
        self._query_image = QueryImage(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        self._read: FrameReader = cache(read)  # leads of both channels meet on the same frames
        self._judge = judge
        self.verified: list[VerifiedFrame] = []
        self._matched_frames: set[tuple[int, int, bool]] = set()

    @cached_property
    def _features(self) -> LocalFeatures:
        return detect(self._picture, QUERY_SETTINGS)

    @property
    def is_conclusive(self) -> bool:
        """Whether one answer is certain, so that no other need be looked for."""
        return any(self._judge.is_conclusive(one) for one in self.verified)

    def verify_segments(
        self, segments: Sequence[CandidateSegment], max_segments: int, max_tied: int
    ) -> None:
        """Follow leads of whole frames up: once one is certain, only its shot and its doubles.

        Args:
            segments: the most alike first.
            max_segments: how many are followed up.
            max_tied: how many if they are all alike.
        """
        tied = segments[0].cosine - TIE_MARGIN if segments else 0.0
        for number, lead in enumerate(segments[:max_tied]):
            alike = lead.cosine >= tied
            if alike or (number < max_segments and self._may_improve(lead)):
                self._verify(lead)

    def match_best_frame(self, frame_counts: Mapping[int, int], window: int = SHOT_WINDOW) -> None:
        """Match the best whole frame by its patches: what was laid over it matters less then.

        Takes a third of the time of looking patches up, and makes that needless for most frames
        under a player or a caption. Under a tint the embedding may know the shot and not the
        moment, so all of the shot is looked at. What is matched already is left as it is.

        Args:
            frame_counts: how many stored frames each content has.
            window: stored frames before and after it that are looked at.
        """
        best = max(self.verified, key=self._judge.score, default=None)
        if (
            best is None
            or best.hypothesis.descriptor_inliers
            or self._judge.score(best) < PROMISING_SCORE
        ):
            return
        content, frame = best.segment.content, best.frame
        if (content, frame, best.segment.mirrored) in self._matched_frames:
            return
        self._matched_frames.add((content, frame, best.segment.mirrored))
        own = self._features.mirror() if best.segment.mirrored else self._features
        guess = self._match_frame(own, content, replace(best.hypothesis, frame=frame))
        if guess is not None:
            first, last = max(0, frame - window), min(frame_counts[content] - 1, frame + window)
            self._verify(
                CandidateSegment(content, first, last, (guess,), mirrored=best.segment.mirrored)
            )

    def search_local_features(
        self,
        index: LocalIndex,
        frame_counts: Mapping[int, int],
        contents: Collection[int] | None = None,
    ) -> None:
        """Look for parts of the screenshot, and of its mirror image if they are not found.

        Args:
            index: of the snapshot's local features.
            frame_counts: how many stored frames each content has.
            contents: ordinals of the only ones that count.
        """

        def places(*, mirrored: bool) -> list[tuple[LocalFeatures, KeyframeCluster]]:
            own = self._features.mirror() if mirrored else self._features
            asked = own.take_first(MAX_QUERY_FEATURES)
            matches = index.search(asked, contents=contents)
            found = find_keyframe_candidates(asked, matches, index.keyframes, mirrored=mirrored)
            return [(own, shot) for shot in cluster_keyframes(found, frame_counts)[:MAX_CLUSTERS]]

        upright = places(mirrored=False)
        if upright and upright[0][1].vote_weight >= STRONG_VOTE_WEIGHT:
            self._verify_clusters(upright)
            if self.is_conclusive:
                return
            upright = []
        self._verify_clusters([*upright, *places(mirrored=True)])

    def match_templates(self, region: QueryRegion, segments: Sequence[CandidateSegment]) -> None:
        """Slide a part of the screenshot over the frames that look most alike as a whole.

        Args:
            region: may be a part of a frame.
            segments: of whole frames, also of the mirror image; the most alike first.
        """
        part = Template.from_gray(cv2.cvtColor(region.picture, cv2.COLOR_RGB2GRAY))
        aspect = region.picture.shape[0] / region.picture.shape[1]
        widths = np.diag((1.0, aspect, 1.0))
        sides = {False: (part, widths @ region.to_unit_square)}
        if any(lead.mirrored for lead in segments[:MAX_TEMPLATE_SEGMENTS]):
            sides[True] = part.mirror(), widths @ region.mirror().to_unit_square
        for lead in segments[:MAX_TEMPLATE_SEGMENTS]:
            own, into = sides[lead.mirrored]
            best = max(lead.hypotheses, key=lambda guess: guess.cosine)
            stored = self._read(lead.content, best.frame, half=False)
            placement = None if stored is None else own.locate_in(stored)
            if placement is not None:
                guess = replace(best, transform=placement @ into)
                self._verify(replace(lead, hypotheses=(guess,)))

    def refine_best(self) -> None:
        """Place what comes first once more, on each frame by itself; a whole frame lies as it does.

        Of crops the moment is told by less than a placement that is a pixel off costs. That it is
        there is not told by it: strangers lie better on an exact placement as well, and of 2,000
        twice as many would be matches.
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

    def _verify_clusters(self, places: Sequence[tuple[LocalFeatures, KeyframeCluster]]) -> None:
        """Follow shots up, the best supported first, each with the features that lie on it."""
        ordered = sorted(places, key=lambda place: -place[1].vote_weight)
        for own, shot in ordered:
            if shot.vote_weight >= MIN_VOTE_SHARE * ordered[0][1].vote_weight and self._may_improve(
                shot
            ):
                self._verify(self._refine_cluster(own, shot))

    def _may_improve(self, where: CandidateSegment | KeyframeCluster) -> bool:
        """Tell whether a place may be better than what was found."""
        certain = [one for one in self.verified if self._judge.is_conclusive(one)]
        return not certain or any(_is_same_shot(where, one) for one in certain)

    def _verify(self, lead: CandidateSegment) -> None:
        least = min((one.coarse_cost for one in self.verified), default=np.inf)
        verified = self._query_image.find_best_frame(lead, self._read, least)
        if verified is not None:
            self.verified.append(verified)

    def _refine_cluster(self, features: LocalFeatures, shot: KeyframeCluster) -> CandidateSegment:
        """Place the screenshot on the best key frame of a shot as exactly as its features tell."""
        return shot.to_segment(
            self._match_frame(features, shot.content, shot.fit_best_hypothesis())
        )

    def _match_frame(
        self, features: LocalFeatures, content: int, rough: PoseHypothesis
    ) -> PoseHypothesis | None:
        """Place the screenshot on a frame as exactly as its features tell; None: they do not."""
        stored = self._read(content, rough.frame, half=False)
        if stored is None:
            return None
        box = compute_search_window(rough.transform, features.aspect)
        there = (
            detect(stored, REFERENCE_SETTINGS)
            if box is None
            else detect_in_box(stored, box, REFERENCE_SETTINGS)
        )
        found = match_descriptors(features, there, rough.transform)
        if found is None:
            return None
        placement, pairs = found
        return replace(rough, transform=placement, descriptor_inliers=pairs)

    def rank_verified(self) -> list[VerifiedFrame]:
        """Return what was found, the most credible first, each place once."""
        return rank_verified(self.verified, self._judge)


def _is_same_shot(lead: CandidateSegment | KeyframeCluster, answer: VerifiedFrame) -> bool:
    """Tell whether a lead may be of the same shot as an answer."""
    return (
        lead.content == answer.segment.content
        and lead.mirrored == answer.segment.mirrored
        and lead.first - SAME_SHOT_GAP <= answer.frame <= lead.last + SAME_SHOT_GAP
    )
