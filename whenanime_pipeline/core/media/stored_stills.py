"""Shows stored frames in the colours that players show.

Sampling stores HDR pictures without tone mapping, and takes untagged wide pictures for BT.601: so
all frames of a library stay comparable, whenever they were stored.
"""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.tone_mapping import map_rgb_tones


def _rgb_to_yuv(red: float, blue: float) -> NDArray[np.float64]:
    """Return the matrix from R'G'B' to Y'CbCr with the given shares of luma."""
    luma = np.array([red, 1 - red - blue, blue])
    chroma_blue = (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - blue))
    chroma_red = (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - red))
    return np.stack([luma, chroma_blue, chroma_red])


_BT601_TO_BT709 = np.linalg.inv(_rgb_to_yuv(0.2126, 0.0722)) @ _rgb_to_yuv(0.299, 0.114)


def is_stored_otherwise(reading: FileReading) -> bool:
    """Whether stored frames have other colours than a player shows."""
    return bool(reading.transfer or reading.is_wide_untagged)


def correct_stored_frame(picture: NDArray[np.uint8], reading: FileReading) -> NDArray[np.uint8]:
    """Return a stored frame in the colours that a player shows.

    Args:
        picture: (h, w, 3) RGB as stored.
        reading: How its file is read.

    Returns:
        (h, w, 3) RGB.
    """
    if reading.is_wide_untagged:
        shown = picture.astype(np.float64) @ _BT601_TO_BT709.T
        picture = np.clip(np.round(shown), 0, 255).astype(np.uint8)
    return map_rgb_tones(picture, reading.transfer) if reading.transfer else picture
