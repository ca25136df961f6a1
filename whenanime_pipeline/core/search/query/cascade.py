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

from whenanime_pipeline.core.search.geometry.descriptor_matching import matched, reached
from whenanime_pipeline.core.search.geometry.hypotheses import Guess, Lead, Shot, shots_of
from whenanime_pipeline.core.search.geometry.spatial_voting import candidates
from whenanime_pipeline.core.search.geometry.template_matching import Part
from whenanime_pipeline.core.search.geometry.verification import Read, Screenshot, Verified
from whenanime_pipeline.core.search.local.detector import (
    SCREENSHOT,
    STORED,
    detect,
    detect_part,
)
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.query.confidence import Judge
from whenanime_pipeline.core.search.query.frame_channel import View
from whenanime_pipeline.core.search.query.ranking import first, ranked

SEEN = 3
"""Leads of patches that are followed up, of the screenshot and of its mirror image each."""
TIED = 0.02
"""Cosine below the best lead's up to which whole frames look the same, as in an opening that all
episodes share: then only what is seen of each tells them apart."""
SHOT = 100
"""Stored frames between moments of one shot, at most: a dozen seconds of motion."""
LOOKED_UP = 300
"""Features of a screenshot that are looked up; all are matched with the frames that are found."""
STRONG = 5.0
"""Support of a shot by which it is followed up before the mirror image is looked for at all; that
of a hundred strangers is hardly ever as much."""
PROMISING = -3.0
"""Logit from which on a whole frame may become certain when it is matched by its patches."""
BESIDE = 48
"""Stored frames before and after a whole frame that may be of its shot."""
NEXT = 3
"""Those beside it that are looked at once its shot is beyond question, and only how it lies is not:
of 960 questions, two lost their moment to another one of the shot when all of it was looked at."""
SLID = 4
"""Leads of whole frames over which a part is slid: of 29 crops that nothing else had found, the
frame was in the first two of 18; eight leads found none more."""
WHOLE = 0.95
"""Share of a frame from which on all of it is seen, as if it had never been cropped."""
EXACT = -3.4
"""Misfit below which a screenshot lies as exactly as it can: of 421 crops and 960 questions, none
lost its moment by being left as it was."""
WORTH = 0.3
"""Share of the best lead's support below which another one is not followed up."""


class Inquiry:
    """A screenshot that is being looked for."""

    def __init__(self, picture: NDArray[np.uint8], read: Read, confidence: Judge) -> None:
        """Prepare a screenshot.

        Args:
            picture: RGB, `(height, width, 3)`.
            read: reads stored frames.
            confidence: says what an agreement is worth.
        """
        self._picture = picture
        self._screenshot = Screenshot(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        self._read: Read = cache(read)  # leads of both channels meet on the same frames
        self._confidence = confidence
        self.found: list[Verified] = []
        self._confirmed: set[tuple[int, int, bool]] = set()

    @cached_property
    def _features(self) -> LocalFeatures:
        return detect(self._picture, SCREENSHOT)

    @property
    def settled(self) -> bool:
        """Whether one answer is certain, so that no other need be looked for."""
        return any(self._confidence.settles(one) for one in self.found)

    def follow(self, leads: Sequence[Lead], least: int, most: int) -> None:
        """Follow leads of whole frames up: once one is certain, only its shot and its doubles.

        Args:
            leads: the most alike first.
            least: how many are followed up.
            most: how many if they are all alike.
        """
        tied = leads[0].cosine - TIED if leads else 0.0
        for number, lead in enumerate(leads[:most]):
            alike = lead.cosine >= tied
            if alike or (number < least and self._may_be(lead)):
                self._verify(lead)

    def confirm(self, frames: Mapping[int, int], beside: int = BESIDE) -> None:
        """Match the best whole frame by its patches: what was laid over it matters less then.

        Takes a third of the time of looking patches up, and makes that needless for most frames
        under a player or a caption. Under a tint the embedding may know the shot and not the
        moment, so all of the shot is looked at. What is matched already is left as it is.

        Args:
            frames: how many stored frames each content has.
            beside: stored frames before and after it that are looked at.
        """
        best = max(self.found, key=self._confidence.score, default=None)
        if best is None or best.guess.matched or self._confidence.score(best) < PROMISING:
            return
        content, frame = best.lead.content, best.frame
        if (content, frame, best.lead.mirrored) in self._confirmed:
            return
        self._confirmed.add((content, frame, best.lead.mirrored))
        own = self._features.mirrored() if best.lead.mirrored else self._features
        guess = self._matched(own, content, replace(best.guess, frame=frame))
        if guess is not None:
            first, last = max(0, frame - beside), min(frames[content] - 1, frame + beside)
            self._verify(Lead(content, first, last, (guess,), mirrored=best.lead.mirrored))

    def look_for_patches(
        self,
        index: LocalIndex,
        frames: Mapping[int, int],
        contents: Collection[int] | None = None,
    ) -> None:
        """Look for parts of the screenshot, and of its mirror image if they are not found.

        Args:
            index: of the snapshot's local features.
            frames: how many stored frames each content has.
            contents: ordinals of the only ones that count.
        """

        def places(*, mirrored: bool) -> list[tuple[LocalFeatures, Shot]]:
            own = self._features.mirrored() if mirrored else self._features
            asked = own.first(LOOKED_UP)
            matches = index.search(asked, contents=contents)
            found = candidates(asked, matches, index.keys, mirrored=mirrored)
            return [(own, shot) for shot in shots_of(found, frames)[:SEEN]]

        upright = places(mirrored=False)
        if upright and upright[0][1].support >= STRONG:
            self._follow_closely(upright)
            if self.settled:
                return
            upright = []
        self._follow_closely([*upright, *places(mirrored=True)])

    def slide(self, view: View, leads: Sequence[Lead]) -> None:
        """Slide a part of the screenshot over the frames that look most alike as a whole.

        Args:
            view: may be a part of a frame.
            leads: of whole frames, also of the mirror image; the most alike first.
        """
        part = Part.of(cv2.cvtColor(view.picture, cv2.COLOR_RGB2GRAY))
        aspect = view.picture.shape[0] / view.picture.shape[1]
        widths = np.diag((1.0, aspect, 1.0))
        sides = {False: (part, widths @ view.square)}
        if any(lead.mirrored for lead in leads[:SLID]):
            sides[True] = part.mirrored(), widths @ view.turned().square
        for lead in leads[:SLID]:
            own, into = sides[lead.mirrored]
            best = max(lead.guesses, key=lambda guess: guess.cosine)
            stored = self._read(lead.content, best.frame, half=False)
            placement = None if stored is None else own.placed_on(stored)
            if placement is not None:
                guess = replace(best, placement=placement @ into)
                self._verify(replace(lead, guesses=(guess,)))

    def pinpoint(self) -> None:
        """Place what comes first once more, on each frame by itself; a whole frame lies as it does.

        Of crops the moment is told by less than a placement that is a pixel off costs. That it is
        there is not told by it: strangers lie better on an exact placement as well, and of 2,000
        twice as many would be matches.
        """
        best = first(self.found, self._confidence)
        if best is None or best.agreement.misfit < EXACT:
            return
        if not best.guess.by_patches and best.agreement.seen >= WHOLE:
            return
        better = self._screenshot.pinpoint(best, self._read)
        if better is None or self._confidence.score(better) < self._confidence.score(best):
            return
        if not self._confidence.believes(best):
            better = replace(better, agreement=best.agreement)
        self.found = [better if one is best else one for one in self.found]

    def _follow_closely(self, places: Sequence[tuple[LocalFeatures, Shot]]) -> None:
        """Follow shots up, the best supported first, each with the features that lie on it."""
        ordered = sorted(places, key=lambda place: -place[1].support)
        for own, shot in ordered:
            if shot.support >= WORTH * ordered[0][1].support and self._may_be(shot):
                self._verify(self._closer(own, shot))

    def _may_be(self, where: Lead | Shot) -> bool:
        """Tell whether a place may be better than what was found."""
        certain = [one for one in self.found if self._confidence.settles(one)]
        return not certain or any(_same_shot(where, one) for one in certain)

    def _verify(self, lead: Lead) -> None:
        least = min((one.rough for one in self.found), default=np.inf)
        verified = self._screenshot.follow(lead, self._read, least)
        if verified is not None:
            self.found.append(verified)

    def _closer(self, features: LocalFeatures, shot: Shot) -> Lead:
        """Place the screenshot on the best key frame of a shot as exactly as its features tell."""
        return shot.lead(self._matched(features, shot.content, shot.best()))

    def _matched(self, features: LocalFeatures, content: int, rough: Guess) -> Guess | None:
        """Place the screenshot on a frame as exactly as its features tell; None: they do not."""
        stored = self._read(content, rough.frame, half=False)
        if stored is None:
            return None
        box = reached(rough.placement, features.aspect)
        there = detect(stored, STORED) if box is None else detect_part(stored, box, STORED)
        found = matched(features, there, rough.placement)
        if found is None:
            return None
        placement, pairs = found
        return replace(rough, placement=placement, matched=pairs)

    def answers(self) -> list[Verified]:
        """Return what was found, the most credible first, each place once."""
        return ranked(self.found, self._confidence)


def _same_shot(lead: Lead | Shot, answer: Verified) -> bool:
    """Tell whether a lead may be of the same shot as an answer."""
    return (
        lead.content == answer.lead.content
        and lead.mirrored == answer.lead.mirrored
        and lead.first - SHOT <= answer.frame <= lead.last + SHOT
    )
