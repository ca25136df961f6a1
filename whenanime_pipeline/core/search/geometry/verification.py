"""The exact frame of a lead: its stored pictures are laid under the screenshot and compared.

First all of them at a small size, then the best at a size at which a mouth can be told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.agreement import Agreement, Canvas, Gray
from whenanime_pipeline.core.search.geometry.leads import Guess, Lead

COARSE, FINE = 64, 160
"""Pixels of the longer side at which all frames of a lead, and the best of them, are compared."""
_FINALISTS = 5
_DENSE = 16
"""Frames looked at in a lead before those beside the best of them: all of a short one, every
second or third of a longer one, as frames a fifth of a second apart mostly look alike."""
_GUESSES = 2
"""Placements tried for a frame: of the key frames next to it. A camera that moves has another one
for each."""
_ALIKE = 0.1
"""Residual above the best one's up to which frames still show what was asked for."""


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
    """

    lead: Lead
    frame: int
    guess: Guess
    agreement: Agreement
    first: int
    last: int


class Screenshot:
    """A screenshot and its mirror image at the sizes at which they are compared."""

    def __init__(self, gray: Gray) -> None:
        """Scale it.

        Args:
            gray: `(height, width)`.
        """
        mirrored = cv2.flip(gray, 1)
        self._coarse = Canvas(gray, COARSE), Canvas(mirrored, COARSE)
        self._fine = Canvas(gray, FINE), Canvas(mirrored, FINE)

    def follow(self, lead: Lead, read: Read) -> Verified | None:
        """Find the frame of a lead that agrees best with the screenshot.

        Args:
            lead: to follow up.
            read: reads stored frames.

        Returns:
            The frame; None when none agrees at all.
        """
        fine = self._fine[lead.mirrored]
        found = self._swept(lead, read)
        if not found:
            return None
        ranked = sorted(found, key=lambda frame: found[frame][0].residual)
        best: tuple[Agreement, Guess, int] | None = None
        for frame in ranked[:_FINALISTS]:
            stored = read(lead.content, frame, half=False)
            if stored is None:
                continue
            agreement, guess = _best(fine, stored, [found[frame][1]])
            if best is None or agreement.residual < best[0].residual:
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
        return Verified(lead, frame, guess, agreement, first, last)

    def _swept(self, lead: Lead, read: Read) -> dict[int, tuple[Agreement, Guess]]:
        """Compare a lead's frames at the small size: some of all, and all beside the best."""
        canvas = self._coarse[lead.mirrored]
        found: dict[int, tuple[Agreement, Guess]] = {}

        def look(frames: Iterable[int]) -> None:
            for frame in frames:
                if frame in found or not lead.first <= frame <= lead.last:
                    continue
                stored = read(lead.content, frame, half=True)
                if stored is not None:
                    found[frame] = _best(canvas, stored, _near(lead, frame))

        stride = 1 + (lead.last - lead.first) // _DENSE
        look(guess.frame for guess in lead.guesses[:_DENSE])
        look(range(lead.first, lead.last + 1, stride))
        for best in sorted(found, key=lambda frame: found[frame][0].residual)[:_FINALISTS]:
            look(range(best - stride + 1, best + stride))
        return found


def _near(lead: Lead, frame: int) -> list[Guess]:
    """Return the nearest guesses whose placements are not the same one."""
    found: list[Guess] = []
    for guess in sorted(lead.guesses, key=lambda one: abs(one.frame - frame)):
        if not any(guess.placement is other.placement for other in found):
            found.append(guess)
        if len(found) == _GUESSES:
            break
    return found


def _best(canvas: Canvas, stored: Gray, guesses: Iterable[Guess]) -> tuple[Agreement, Guess]:
    tried = [(canvas.agreement(stored, guess.placement), guess) for guess in guesses]
    return min(tried, key=lambda pair: pair[0].residual)
