"""Which frames show a picture that was not there a moment ago.

Animation holds its drawings: most frames repeat one that was just seen. A repeated frame adds time
to the picture it repeats, so that nothing of the time is lost. Pictures are compared cell by cell:
a mouth that opens changes few cells, but those by much, so the largest difference decides.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

SIGNATURE_SIZE = (64, 36)
"""Cells across and down; at 16:9 a cell is square, and a mouth in a long shot fills one."""
WINDOW = 100
"""Kept pictures a frame is compared with: half a minute of animation, as the seed has it."""

MEAN_SHARE = 1 / 6
"""The mean difference allowed, as a share of the largest: noise is even, so a slow fade or pan,
which changes all cells a little, shows in the mean before any single cell tells."""


def signature(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the mean gray levels of a picture's 64×36 cells.

    Args:
        picture: RGB, `(height, width, 3)`.

    Returns:
        `(36, 64)` gray levels.
    """
    # Averaging first and then weighing the colours is the same sum, with far fewer pixels.
    small = cv2.resize(picture, SIGNATURE_SIZE, interpolation=cv2.INTER_AREA)
    gray: NDArray[np.uint8] = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return gray


def perceptual_hash(cells: NDArray[np.uint8]) -> int:
    """Return the 64-bit DCT hash of a signature: a cheap key for pictures that are nearly equal.

    The 8×8 lowest frequencies of the 32×32 cosine transform against their median, as `pHash`
    (Zauner 2010) and ImageHash have it.
    """
    square = cv2.resize(cells, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(square)[:8, :8]
    bits = np.packbits((low > np.median(low)).ravel())
    return int.from_bytes(bits.tobytes(), "big")


@dataclass(slots=True)
class DistinctFrame:
    """A picture and when it is on screen.

    Attributes:
        picture: encoded, as it is stored.
        hash: its perceptual hash, 64 bits.
        starts: seconds of the first sample of each time run.
        ends: seconds of the last sample of each time run; equal to the start for a single one.
    """

    picture: bytes
    hash: int
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


class FrameDeduplicator:
    """Sorts a stream of sampled frames into distinct pictures with their time runs.

    A picture is settled, and given out, once `window` later ones have been kept: until then a
    frame may still repeat it. So memory does not grow with the length of the video.
    """

    def __init__(self, *, threshold: float, step: float, window: int = WINDOW) -> None:
        """Start an empty stream.

        Args:
            threshold: gray levels by which any cell of one picture may differ.
            step: seconds between samples; a longer gap ends a run.
            window: how many of the last kept pictures a frame is compared with.
        """
        self._threshold = threshold
        self._gap = 1.5 * step
        self._cells = np.empty((window, SIGNATURE_SIZE[0] * SIGNATURE_SIZE[1]), np.uint8)
        self._means = np.empty(window, np.float32)
        self._kept: deque[DistinctFrame] = deque()
        self._oldest = 0
        self._shown: DistinctFrame | None = None
        self._time = -np.inf

    def add_repeat(self, time: float, cells: NDArray[np.uint8]) -> DistinctFrame | None:
        """Count a frame to the picture it repeats.

        Args:
            time: seconds, rising from call to call.
            cells: the frame's `signature`.

        Returns:
            The picture it repeats, now with this moment; None when it is a new one, which the
            caller then gives to `keep`.
        """
        found = self._find(cells.ravel())
        if found is not None:
            if found is self._shown and time - self._time <= self._gap:
                found.ends[-1] = time
            else:
                found.starts.append(time)
                found.ends.append(time)
            self._shown, self._time = found, time
        return found

    def add_new(
        self, time: float, cells: NDArray[np.uint8], picture: bytes
    ) -> DistinctFrame | None:
        """Take a new picture in.

        Returns:
            The picture that is settled by that, if any.
        """
        window = len(self._means)
        settled = None
        if len(self._kept) == window:
            settled = self._kept.popleft()
            self._oldest = (self._oldest + 1) % window
        slot = (self._oldest + len(self._kept)) % window
        self._cells[slot] = cells.ravel()
        self._means[slot] = cells.mean()
        new = DistinctFrame(picture, perceptual_hash(cells), [time], [time])
        self._kept.append(new)
        self._shown, self._time = new, time
        return settled

    def flush(self) -> Iterator[DistinctFrame]:
        """Give out what is left at the end of the stream, in order."""
        while self._kept:
            yield self._kept.popleft()

    def _find(self, cells: NDArray[np.uint8]) -> DistinctFrame | None:
        """Return the nearest kept picture within the threshold."""
        count, window = len(self._kept), len(self._means)
        slots = (np.arange(count) + self._oldest) % window
        # Most pictures are ruled out by one number, most of the rest by one cell in 37: means
        # differ by no more than the cells do on average.
        mean, allowed = cells.mean(dtype=np.float32), self._threshold * MEAN_SHARE
        near = np.flatnonzero(np.abs(self._means[slots] - mean) <= allowed + 0.01)
        near = near[_within(self._cells[slots[near], ::37], cells[::37], self._threshold)]
        near = near[_within(self._cells[slots[near]], cells, self._threshold)]
        if near.size == 0:
            return None
        distances = _differences(self._cells[slots[near]], cells).mean(axis=1)
        nearest = int(distances.argmin())
        return self._kept[int(near[nearest])] if distances[nearest] <= allowed else None


def _differences(rows: NDArray[np.uint8], cells: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return |rows - cells| without the wrap-around of unsigned numbers."""
    return np.maximum(rows, cells) - np.minimum(rows, cells)


def _within(
    rows: NDArray[np.uint8], cells: NDArray[np.uint8], threshold: float
) -> NDArray[np.bool_]:
    """Return which rows differ from `cells` by at most `threshold` everywhere."""
    within: NDArray[np.bool_] = _differences(rows, cells).max(axis=1) <= threshold
    return within
