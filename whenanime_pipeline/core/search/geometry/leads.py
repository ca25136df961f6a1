"""Leads: stretches of stored frames on which a screenshot may lie, each with its placements.

Key frames stand for what is between them, and in a held shot many of them say the same; so what
lies close together is followed up as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from whenanime_pipeline.core.search.geometry.placement import Placement
from whenanime_pipeline.core.search.geometry.voting import Candidate

REACH = 10
"""Stored frames before and after a key frame that may be the asked one: more than a second of
motion, as key frames of moving film are closer than that."""
_GAP = 40
"""Stored frames between key frames of one shot, at most: some five seconds of motion."""
_LONGEST = 96
"""Stored frames of a lead: a shot that is longer is looked at around its best key frame."""


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


def leads_of(candidates: Iterable[Candidate], frames: Mapping[int, int]) -> list[Lead]:
    """Gather key frames into leads.

    Args:
        candidates: where the screenshot may lie, by its patches.
        frames: how many stored frames each content has.

    Returns:
        Leads, the best supported first.
    """
    found: list[Lead] = []
    ordered = sorted(candidates, key=lambda one: (one.content, one.mirrored, one.frame))
    for (content, mirrored), group in groupby(ordered, key=lambda one: (one.content, one.mirrored)):
        near: list[Candidate] = []
        for candidate in group:
            if near and candidate.frame - near[-1].frame > _GAP:
                found.append(_lead(content, near, frames[content], mirrored=mirrored))
                near = []
            near.append(candidate)
        found.append(_lead(content, near, frames[content], mirrored=mirrored))
    return sorted(found, key=lambda lead: -lead.support)


def _lead(content: int, near: Sequence[Candidate], count: int, *, mirrored: bool) -> Lead:
    guesses = tuple(
        Guess(one.frame, one.placement, one.inliers, one.support, 0.0)
        for one in sorted(near, key=lambda one: -one.support)
    )
    middle = guesses[0].frame
    first = max(0, near[0].frame - REACH, middle - _LONGEST // 2)
    last = min(count - 1, near[-1].frame + REACH, middle + _LONGEST // 2)
    return Lead(content, first, last, guesses, mirrored=mirrored)
