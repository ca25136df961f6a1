"""Selects keyframes, the stored frames whose local features are indexed.

Stored frames are distinct, but in a pan each is similar to the one before. Keyframes are taken at
cuts, where a picture is held, and at regular intervals in between.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CODE_VERSION = 1
"""Incremented whenever different frames are selected."""
CUT_BITS = 24
"""Hamming distance of 64-bit hashes between shots; hardly ever reached within one."""
MOVED_BITS = 14
"""Hamming distance when much of the picture has moved."""
CUT_GAP = 0.25
"""Shortest interval of keyframes at cuts, in seconds; limits flicker."""
MOVED_GAP = 0.5
"""Shortest interval of keyframes in motion, in seconds."""
LONGEST_GAP = 1.0
"""Longest interval of keyframes in seconds, however little has moved."""
MIN_HELD_SECONDS = 0.75
"""Seconds that a picture must be held to become a keyframe earlier, as users capture such ones."""


def select_keyframes(
    starts: Sequence[float], durations: Sequence[float], hashes: Sequence[int]
) -> NDArray[np.int32]:
    """Select keyframes among stored frames.

    Args:
        starts: second at which each frame is first on screen, ascending.
        durations: seconds that each frame is on screen in total.
        hashes: 64-bit perceptual hash of each frame.

    Returns:
        Ordinals of the keyframes, ascending, with the first frame.
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
