"""Which stored frames are key frames, whose local features are kept.

Every stored frame shows something new, but in a pan each shows almost what the one before does.
A key frame is wanted where much is new at once, where a picture is held, and often enough between.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CODE_VERSION = 1
"""Raised when other frames would be chosen than before."""
CUT_BITS = 24
"""Of the 64 bits of two hashes: so many differ between two shots, hardly ever within one."""
MOVED_BITS = 14
"""So many differ when much of the picture moved."""
CUT_GAP = 0.25
"""Seconds between key frames even where every frame is another shot, as in a flicker."""
MOVED_GAP = 0.5
"""Seconds between key frames while things move."""
LONGEST_GAP = 1.0
"""Seconds of change after which a frame is a key frame however little moved."""
MIN_HELD_SECONDS = 0.75
"""Seconds a picture is held that makes it one people take a screenshot of."""


def select_keyframes(
    starts: Sequence[float], durations: Sequence[float], hashes: Sequence[int]
) -> NDArray[np.int32]:
    """Choose the key frames among stored frames.

    Args:
        starts: when each is first seen, seconds, rising.
        durations: how long each is on screen, seconds in all.
        hashes: their perceptual hashes, 64 bits.

    Returns:
        Ordinals of those that are key frames, rising; the first frame is one.
    """
    chosen: list[int] = []
    for number, (start, held, own) in enumerate(zip(starts, durations, hashes, strict=True)):
        if chosen:
            since = start - starts[chosen[-1]]
            differs = (own ^ hashes[chosen[-1]]).bit_count()
            cut = differs >= CUT_BITS and since >= CUT_GAP
            moved = differs >= MOVED_BITS and (since >= MOVED_GAP or held >= MIN_HELD_SECONDS)
            if not (cut or moved or since >= LONGEST_GAP):
                continue
        chosen.append(number)
    return np.array(chosen, np.int32)
