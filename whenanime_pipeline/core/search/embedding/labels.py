"""One number for a frame of a content: what the index stores with a vector."""

import numpy as np
from numpy.typing import NDArray

# 2^24 frames are 24 days at 8 a second; 2^39 contents are left below 2^63.
FRAME_BITS = 24
MAX_FRAMES = 1 << FRAME_BITS
MAX_CONTENTS = 1 << (63 - FRAME_BITS)


def labels_of(content: int, frames: int) -> NDArray[np.uint64]:
    """Return the labels of a content's frames, in order.

    Args:
        content: the content's ordinal, given once and never again.
        frames: how many distinct frames it has.

    Returns:
        `(frames,)` labels below 2⁶³.

    Raises:
        ValueError: an ordinal or a count does not fit.
    """
    if not 0 <= content < MAX_CONTENTS:
        raise ValueError(f"content ordinal {content} is outside 0..{MAX_CONTENTS - 1}")
    if not 0 <= frames <= MAX_FRAMES:
        raise ValueError(f"{frames} frames are more than a label can number ({MAX_FRAMES})")
    return np.arange(frames, dtype=np.uint64) + np.uint64(content << FRAME_BITS)


def split_label(label: int) -> tuple[int, int]:
    """Return the content's ordinal and the frame's ordinal of a label."""
    return label >> FRAME_BITS, label & (MAX_FRAMES - 1)
