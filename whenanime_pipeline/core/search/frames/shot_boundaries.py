"""Detects shot boundaries from the perceptual hashes of stored frames."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CUT_BITS = 20
"""Hamming distance of consecutive hashes above which there is a cut. Of 64 bits, about 32 differ
between unrelated pictures, and fewer than 16 when a mouth moves or the camera pans slowly. In the
drawn sample, 16 and 20 find every cut to another place, and 24 misses some."""
MIN_SHOT_SECONDS = 0.4
"""Shortest shot in seconds; anything shorter is a flash within a shot."""


class Shot(NamedTuple):
    """A shot: seconds of its first and last sample."""

    start: float
    end: float
    frame: int
    """Ordinal of the frame that is held longest."""
    at: float
    """Second in the middle of that frame's longest time run."""


def detect_shots(
    frames: NDArray[np.int64],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    hashes: NDArray[np.uint64],
) -> list[Shot]:
    """Return the shots of a content in order of time.

    Args:
        frames: `(runs,)`, ordinal of the frame of each time run.
        starts: `(runs,)`, second of the first sample of each run.
        ends: `(runs,)`, second of the last sample of each run.
        hashes: `(frames,)`, perceptual hash of each frame.
    """
    if not len(frames):
        return []
    order = np.argsort(starts, kind="stable")
    frames, starts, ends = frames[order], starts[order], ends[order]
    shown = hashes[frames]
    cuts = np.flatnonzero(count_changed_bits(shown) > CUT_BITS) + 1
    bounds = [0]
    for cut in (*cuts.tolist(), len(frames)):
        after = starts[cut] if cut < len(frames) else ends[-1]
        if after - starts[bounds[-1]] >= MIN_SHOT_SECONDS:
            bounds.append(cut)
    # A remainder after the last cut that is too short belongs to the last shot.
    if len(bounds) == 1:
        bounds.append(len(frames))
    bounds[-1] = len(frames)
    return [
        _shot(frames[first:last], starts[first:last], ends[first:last])
        for first, last in pairwise(bounds)
    ]


def count_changed_bits(hashes: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the Hamming distances of consecutive hashes, `(n - 1,)` of `(n,)`."""
    distances: NDArray[np.uint8] = np.bitwise_count(hashes[1:] ^ hashes[:-1])
    return distances


def _shot(
    frames: NDArray[np.int64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> Shot:
    longest = int(np.argmax(ends - starts))
    return Shot(
        start=float(starts[0]),
        end=float(ends.max()),
        frame=int(frames[longest]),
        at=float(starts[longest] + ends[longest]) / 2,
    )
