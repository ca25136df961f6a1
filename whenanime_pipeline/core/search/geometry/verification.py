"""The exact frame of a lead: its stored pictures are laid under the screenshot and compared.

First all of them at a small size, then the best at a size at which a mouth can be told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol

import numpy as np

from whenanime_pipeline.core.search.geometry.ecc_refinement import aligned
from whenanime_pipeline.core.search.geometry.hypotheses import Guess, Lead
from whenanime_pipeline.core.search.geometry.pixel_comparison import Agreement, Canvas, Gray
from whenanime_pipeline.core.search.geometry.transform import Placement, placed

COARSE, FINE = 64, 160
"""Pixels of the longer side at which all frames of a lead, and the best of them, are compared."""
_MOST = 0.7
"""Share of the screenshot from which on a frame is compared on the whole of it."""
_MARGIN = 0.1
"""Of the frame's sides, added around it: other guesses lay it a little elsewhere."""
_OUTLINE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.75], [0.0, 0.75]])
"""Corners of a stored frame; of a wide one, with what is below it."""
_SMALLEST = 12
"""Pixels of a part of the screenshot below which it shows nothing to compare."""
_FINALISTS = 5
_HOPELESS = 0.3
"""Misfit of all frames that look alike as a whole from which on their neighbours are not looked at:
nine leads in ten that are none; of 498 that were matches, none had more than -0.8."""
_BEATEN = 0.5
"""Misfit above that of the best lead's best frame from which on a lead's are not looked at further:
of 1,021 leads, 296 had more than that where they were guessed, and two became the best."""
_DENSE = 16
"""Of a lead of more than twice as many frames every second one is looked at, and those beside this
many of the best: a figure that moves before a held background is hardly the same twice."""
_GUESSES = 2
"""Placements tried for a frame: the one of the key frame next to it, and the one between it and the
one on the other side, as a camera that moves has another one for each frame."""
_ALIKE = 0.1
"""Residual above the best one's up to which frames still show what was asked for."""
_GAIN = 0.1
"""Misfit that a placement of its own has to win."""

_Found = dict[int, tuple[Agreement, Guess]]
"""Frames of a lead, how each agrees, and under which guess."""


class Read(Protocol):
    """Reads stored frames."""

    def __call__(self, content: int, frame: int, *, half: bool) -> Gray | None:
        """Return a stored frame in gray levels, at half its size if so asked; None: gone."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The frame of a lead that agrees best.

    Attributes:
        lead: that was followed up.
        frame: the stored frame's ordinal.
        guess: the placement under which it agrees.
        agreement: of the two.
        first, last: ordinals of the frames around it that agree nearly as well.
        rough: misfit of the best frame at the small size.
        finalists: frames that agree best at the small size, the best first.
    """

    lead: Lead
    frame: int
    guess: Guess
    agreement: Agreement
    first: int
    last: int
    rough: float
    finalists: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of a screenshot on which a frame lies, at the sizes at which it is compared.

    Attributes:
        coarse, fine: canvases.
        zoom: maps places in the part, in its own widths, to places in the screenshot.
        share: of the screenshot's area.
    """

    coarse: Canvas
    fine: Canvas
    zoom: Placement
    share: float

    def coarsely(self, stored: Gray, guess: Guess) -> Agreement:
        return self._scaled(self.coarse.agreement(stored, guess.placement @ self.zoom))

    def closely(self, stored: Gray, guess: Guess) -> Agreement:
        return self._scaled(self.fine.agreement(stored, guess.placement @ self.zoom))

    def aligned(self, stored: Gray, guess: Guess) -> Placement | None:
        placement = aligned(self.fine.gray, stored, guess.placement @ self.zoom)
        return None if placement is None else placement @ np.linalg.inv(self.zoom)

    def _scaled(self, agreement: Agreement) -> Agreement:
        return replace(agreement, covered=agreement.covered * self.share)


class Screenshot:
    """A screenshot and its mirror image, to be compared with stored frames."""

    def __init__(self, gray: Gray) -> None:
        """Scale it.

        Args:
            gray: `(height, width)`.
        """
        self._sides = gray, np.ascontiguousarray(gray[:, ::-1])
        self._whole = tuple(
            _Part(Canvas(side, COARSE), Canvas(side, FINE), np.eye(3), 1.0) for side in self._sides
        )

    def follow(self, lead: Lead, read: Read, least: float = np.inf) -> Verified | None:
        """Find the frame of a lead that agrees best with the screenshot.

        Args:
            lead: to follow up.
            read: reads stored frames.
            least: rough misfit of the best that is known of other leads.

        Returns:
            The frame; None when none agrees at all.
        """
        part = self._part(lead)
        found, hopeful = _swept(part, lead, read, least)
        ranked = sorted(found, key=lambda frame: found[frame][0].misfit)
        best: tuple[Agreement, Guess, int] | None = None
        for frame in ranked[: _FINALISTS if hopeful else 1]:
            stored = read(lead.content, frame, half=False)
            if stored is None:
                continue
            guess = found[frame][1]
            agreement = part.closely(stored, guess)
            if best is None or agreement.misfit < best[0].misfit:
                best = agreement, guess, frame
        if best is None or not np.isfinite(best[0].residual):
            return None
        agreement, guess, frame = best
        limit = found[frame][0].residual + _ALIKE
        before = [other for other in sorted(found) if other <= frame]
        after = [other for other in sorted(found, reverse=True) if other >= frame]
        first, last = (
            list(takewhile(lambda other: found[other][0].residual <= limit, reversed(way)))[-1]
            for way in (before, after)
        )
        rough, finalists = found[ranked[0]][0].misfit, tuple(ranked[:_FINALISTS])
        return Verified(lead, frame, guess, agreement, first, last, rough, finalists)

    def pinpoint(self, answer: Verified, read: Read) -> Verified | None:
        """Find a better frame of an answer's shot, with a placement of its own for each.

        A placement that was found on another moment, where something else had moved, lies a little
        beside this one: enough for a third one to agree better than either.

        Args:
            answer: that was found on this screenshot.
            read: reads stored frames.

        Returns:
            The better answer; None when there is none.
        """
        part, lead = self._part(answer.lead), answer.lead
        better, least = None, answer.agreement.misfit - _GAIN
        for frame in answer.finalists:
            stored = read(lead.content, frame, half=False)
            placement = None if stored is None else part.aligned(stored, answer.guess)
            if stored is None or placement is None:
                continue
            guess = replace(answer.guess, frame=frame, placement=placement)
            misfit = part.closely(stored, guess).misfit
            if misfit < least:
                better, least = guess, misfit
        return None if better is None else self.follow(replace(lead, guesses=(better,)), read)

    def _part(self, lead: Lead) -> _Part:
        """Cut out where the best guess lays the frame, with a margin for the others."""
        whole, gray = self._whole[lead.mirrored], self._sides[lead.mirrored]
        height, width = gray.shape
        with np.errstate(all="ignore"):
            back = np.asarray(np.linalg.pinv(lead.guesses[0].placement), np.float64)
            corners = placed(back, _OUTLINE) * width
        if not np.isfinite(corners).all():
            return whole
        margin = _MARGIN * (corners.max(axis=0) - corners.min(axis=0))
        low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
        left, top = np.clip(np.floor(low), 0, (width, height)).astype(int).tolist()
        right, bottom = np.clip(np.ceil(high), 0, (width, height)).astype(int).tolist()
        share = (right - left) * (bottom - top) / gray.size
        if share > _MOST or min(right - left, bottom - top) < _SMALLEST:
            return whole
        inside = gray[top:bottom, left:right]
        zoom = np.array([[right - left, 0, left], [0, right - left, top], [0, 0, width]]) / width
        return _Part(Canvas(inside, COARSE), Canvas(inside, FINE), zoom, share)


def _swept(part: _Part, lead: Lead, read: Read, least: float) -> tuple[_Found, bool]:
    """Compare a lead's frames at the small size: some of all, and all beside the best.

    Returns:
        What was found, and whether the frames that were guessed promised enough to look further.
    """
    found: _Found = {}

    def look(frames: Iterable[int]) -> None:
        for frame in frames:
            if frame in found or not lead.first <= frame <= lead.last:
                continue
            stored = read(lead.content, frame, half=True)
            if stored is not None:
                tried = [(part.coarsely(stored, guess), guess) for guess in _near(lead, frame)]
                found[frame] = min(tried, key=lambda pair: pair[0].misfit)

    stride = 1 if lead.last - lead.first < 2 * _DENSE else 2
    look(guess.frame for guess in lead.guesses[:_DENSE])
    limit = least + _BEATEN if lead.support else min(least + _BEATEN, _HOPELESS)
    if found and all(one.misfit > limit for one, _ in found.values()):
        return found, False
    look(range(lead.first, lead.last + 1, stride))
    for best in sorted(found, key=lambda frame: found[frame][0].misfit)[:_DENSE]:
        look(range(best - stride + 1, best + stride))
    return found, True


def _near(lead: Lead, frame: int) -> list[Guess]:
    """Return how the screenshot may lie on a frame: as on the key frames around it, or between."""
    by_distance = sorted(lead.guesses, key=lambda one: abs(one.frame - frame))
    found = by_distance[:1]
    before = next((one for one in by_distance if one.frame <= frame), None)
    after = next((one for one in by_distance if one.frame > frame), None)
    if before is not None and after is not None and before.placement is not after.placement:
        share = (frame - before.frame) / (after.frame - before.frame)
        between = (1 - share) * before.placement + share * after.placement
        found.append(replace(found[0], placement=between))
    for guess in by_distance[1:]:
        if len(found) == _GUESSES:
            break
        if guess.placement is not found[0].placement:
            found.append(guess)
    return found
