"""Deduplicates sampled frames: finds distinct pictures and when each is on screen.

Animation holds its drawings, so most frames repeat a recent one; a repeated frame extends the time
runs of the picture it repeats. Pictures are compared by 64×36 signatures, mainly by their largest
difference: an opening mouth changes few cells, but those a lot.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

SIGNATURE_SIZE = (64, 36)
"""Columns and rows of a signature; at 16:9 a cell is square and covers a mouth in a long shot."""
WINDOW = 100
"""Recent pictures a frame is compared with: half a minute of animation; the seed's value."""

MEAN_SHARE = 1 / 6
"""Largest mean difference, as a share of the threshold of single cells: a slow fade or pan changes
all cells a little, which noise does not, and shows in the mean first."""


def signature(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the mean gray levels of a picture's 64×36 cells.

    Args:
        picture: RGB, `(height, width, 3)`.

    Returns:
        `(36, 64)` gray levels.
    """
    # Averaging before the conversion to gray gives the same sums with far fewer pixels.
    small = cv2.resize(picture, SIGNATURE_SIZE, interpolation=cv2.INTER_AREA)
    gray: NDArray[np.uint8] = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return gray


def perceptual_hash(cells: NDArray[np.uint8]) -> int:
    """Return the 64-bit DCT hash of a signature `(36, 64)`.

    The bits compare the 8×8 lowest frequencies of the 32×32 DCT with their median, as in pHash
    (Zauner 2010) and ImageHash.
    """
    square = cv2.resize(cells, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(square)[:8, :8]
    bits = np.packbits((low > np.median(low)).ravel())
    return int.from_bytes(bits.tobytes(), "big")


@dataclass(slots=True)
class DistinctFrame:
    """A distinct picture and its time runs.

    Attributes:
        picture: the encoded picture, as stored.
        hash: 64-bit perceptual hash.
        starts: second of the first sample of each time run.
        ends: second of the last sample of each time run; equal to the start of a single sample.
    """

    picture: bytes
    hash: int
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


class FrameDeduplicator:
    """Groups a stream of sampled frames into distinct pictures with time runs.

    A picture is complete, and returned, once `window` newer ones have been added, as no later frame
    is compared with it. So memory does not grow with the length of the video.
    """

    def __init__(self, *, threshold: float, step: float, window: int = WINDOW) -> None:
        """Start an empty stream.

        Args:
            threshold: largest difference of any cell of equal pictures, in gray levels.
            step: seconds between samples; a gap of more than 1.5 steps ends a time run.
            window: number of recent pictures a frame is compared with.
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
        """Add a frame to the picture it repeats.

        Args:
            time: second of the frame, ascending from call to call.
            cells: `(36, 64)`, the frame's signature.

        Returns:
            The picture it repeats, with its time run extended; None if the frame is a new picture,
            which the caller then passes to `add_new`.
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
        """Add a new picture.

        Args:
            time: second of the frame.
            cells: `(36, 64)`, the frame's signature.
            picture: the encoded frame.

        Returns:
            The picture that leaves the window and is complete, if any.
        """
        window = len(self._means)
        complete = None
        if len(self._kept) == window:
            complete = self._kept.popleft()
            self._oldest = (self._oldest + 1) % window
        slot = (self._oldest + len(self._kept)) % window
        self._cells[slot] = cells.ravel()
        self._means[slot] = cells.mean()
        new = DistinctFrame(picture, perceptual_hash(cells), [time], [time])
        self._kept.append(new)
        self._shown, self._time = new, time
        return complete

    def flush(self) -> Iterator[DistinctFrame]:
        """Yield the remaining pictures in order, at the end of the stream."""
        while self._kept:
            yield self._kept.popleft()

    def _find(self, cells: NDArray[np.uint8]) -> DistinctFrame | None:
        """Return the nearest recent picture within the threshold."""
        count, window = len(self._kept), len(self._means)
        slots = (np.arange(count) + self._oldest) % window
        # |mean difference| ≤ mean |difference|, so the means rule out most pictures, and one cell
        # in 37 most of the others.
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
    """Return |rows - cells| without unsigned overflow."""
    return np.maximum(rows, cells) - np.minimum(rows, cells)


def _within(
    rows: NDArray[np.uint8], cells: NDArray[np.uint8], threshold: float
) -> NDArray[np.bool_]:
    """Return which rows differ from `cells` by at most `threshold` everywhere."""
    within: NDArray[np.bool_] = _differences(rows, cells).max(axis=1) <= threshold
    return within
