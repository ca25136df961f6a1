"""Detects shot boundaries from the stored frames alone."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CUT_BITS = 20
"""Bits by which the hashes of neighbouring pictures differ at a cut. Of unrelated pictures some 32
of 64 differ, of a mouth that moves or a slow pan fewer than 16; in the drawn sample every cut to
another place is found at 16 and at 20, and some are missed at 24."""
MIN_SHOT_SECONDS = 0.4
"""Seconds: what is shorter is a flash within a shot, not a shot."""


class Shot(NamedTuple):
    """A stretch between two cuts: seconds of its first and last sample."""

    start: float
    end: float
    frame: int
    """Of all its frames the one that is held longest."""
    at: float
    """A second at which that one is on screen: the middle of the time it is held."""


def detect_shots(
    frames: NDArray[np.int64],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    hashes: NDArray[np.uint64],
) -> list[Shot]:
    """Return the shots of a content in order of time.

    Args:
        frames: ordinals of frames, one a time run.
        starts: seconds of the first sample of each run.
        ends: seconds of the last.
        hashes: perceptual hashes, one a frame.
    """
    if not len(frames):
        return []
    order = np.argsort(starts, kind="stable")
    frames, starts, ends = frames[order], starts[order], ends[order]
    shown = hashes[frames]
    cuts = np.flatnonzero(np.bitwise_count(shown[1:] ^ shown[:-1]) > CUT_BITS) + 1
    bounds = [0]
    for cut in (*cuts.tolist(), len(frames)):
        after = starts[cut] if cut < len(frames) else ends[-1]
        if after - starts[bounds[-1]] >= MIN_SHOT_SECONDS:
            bounds.append(cut)
    # What is left after the last cut is too short: it belongs to the shot before.
    if len(bounds) == 1:
        bounds.append(len(frames))
    bounds[-1] = len(frames)
    return [
        _shot(frames[first:last], starts[first:last], ends[first:last])
        for first, last in pairwise(bounds)
    ]


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
