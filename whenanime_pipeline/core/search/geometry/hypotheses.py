"""Leads: stretches of stored frames on which a screenshot may lie, each with its placements.

Key frames stand for what is between them, and in a held shot many of them say the same; so what
lies close together is followed up as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from whenanime_pipeline.core.search.geometry.spatial_voting import Candidate
from whenanime_pipeline.core.search.geometry.transform import Placement, fitted, placed

REACH = 10
"""Stored frames before and after a key frame that may be the asked one: more than a second of
motion, as key frames of moving film are closer than that."""
_GAP = 40
"""Stored frames between key frames of one shot, at most: some five seconds of motion."""
_LONGEST = 96
"""Stored frames of a lead: a shot that is longer is looked at around its best key frame."""
_STILL = 0.015
"""Widths by which half of a key frame's pairs may be off where the camera has not moved."""
_PLACED = 16
"""Key frames of a shot on which the screenshot is placed, at most."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A placement of the screenshot around one stored frame.

    Attributes:
        frame: the stored frame's ordinal.
        placement: of the screenshot, or of its mirror image.
        inliers: pairs of words that fit it; 0 when no patch was looked at.
        support: what they are worth.
        cosine: of the embeddings of the screenshot and this very frame; 0 when not compared.
        matched: pairs of descriptors that fit it; 0 when they were not compared, or too few did.
    """

    frame: int
    placement: Placement
    inliers: int
    support: float
    cosine: float
    matched: int = 0

    @property
    def by_patches(self) -> bool:
        """Whether patches told where the screenshot lies."""
        return self.matched > 0 or self.inliers > 0


@dataclass(frozen=True, slots=True)
class Lead:
    """Stored frames of one content to be compared with the screenshot.

    Attributes:
        content: the content's ordinal.
        first, last: ordinals of the stored frames; the last is one of them.
        guesses: how the screenshot may lie on them, the best first.
        mirrored: whether the mirror image is compared.
    """

    content: int
    first: int
    last: int
    guesses: tuple[Guess, ...]
    mirrored: bool = False

    @property
    def support(self) -> float:
        """What the best guess is worth."""
        return self.guesses[0].support

    @property
    def cosine(self) -> float:
        """The largest cosine of any of its frames."""
        return max(guess.cosine for guess in self.guesses)


@dataclass(frozen=True, slots=True)
class Shot:
    """Key frames of one content, close together, on which a screenshot may lie.

    Attributes:
        content: the content's ordinal.
        first, last: ordinals of the stored frames around them; the last is one of them.
        candidates: the key frames, the best supported first.
        mirrored: whether the mirror image is compared.
    """

    content: int
    first: int
    last: int
    candidates: tuple[Candidate, ...]
    mirrored: bool

    @property
    def support(self) -> float:
        """What the best candidate is worth."""
        return self.candidates[0].support

    def best(self) -> Guess:
        """Return the placement on the best key frame."""
        return _guess(self.candidates[0])

    def lead(self, sure: Guess | None = None) -> Lead:
        """Return the shot to be followed up.

        Args:
            sure: how the screenshot lies on the best key frame, if that is known exactly. While
                the camera holds still it lies so on all of them: frames are then compared by what
                they show, and not by the errors of a placement each.
        """
        if sure is None:
            guesses = [_guess(one) for one in self.candidates[:_PLACED]]
        else:
            guesses = [sure] + [
                replace(sure, frame=one.frame) if _agrees(one, sure.placement) else _guess(one)
                for one in self.candidates[1:_PLACED]
            ]
        return Lead(self.content, self.first, self.last, tuple(guesses), mirrored=self.mirrored)


def shots_of(candidates: Iterable[Candidate], frames: Mapping[int, int]) -> list[Shot]:
    """Gather key frames into shots.

    Args:
        candidates: where the screenshot may lie, by its patches.
        frames: how many stored frames each content has.

    Returns:
        Shots, the best supported first.
    """
    found: list[Shot] = []
    ordered = sorted(candidates, key=lambda one: (one.content, one.mirrored, one.frame))
    for (content, _), group in groupby(ordered, key=lambda one: (one.content, one.mirrored)):
        near: list[Candidate] = []
        for candidate in group:
            if near and candidate.frame - near[-1].frame > _GAP:
                found.append(_shot(near, frames[content]))
                near = []
            near.append(candidate)
        found.append(_shot(near, frames[content]))
    return sorted(found, key=lambda shot: -shot.support)


def _shot(near: Sequence[Candidate], count: int) -> Shot:
    best = sorted(near, key=lambda one: -one.support)
    middle = best[0].frame
    first = max(0, near[0].frame - REACH, middle - _LONGEST // 2)
    last = min(count - 1, near[-1].frame + REACH, middle + _LONGEST // 2)
    return Shot(best[0].content, first, last, tuple(best), best[0].mirrored)


def _guess(candidate: Candidate) -> Guess:
    placement, inliers = fitted(candidate.pairs)
    return Guess(candidate.frame, placement, inliers, candidate.support, 0.0)


def _agrees(candidate: Candidate, placement: Placement) -> bool:
    """Tell whether the screenshot may lie on a key frame as it does on another one."""
    pairs = candidate.pairs
    off = np.abs(placed(placement, pairs.points) - pairs.targets).max(axis=1)
    return bool(np.median(off) < _STILL)
