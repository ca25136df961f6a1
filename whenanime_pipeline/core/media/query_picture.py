"""Decodes what people ask with: a picture, an animation or a short video."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.isolated_decoding import PICTURE_BRANDS
from whenanime_pipeline.core.media.picture_codec import decode_first_video_frame, decode_picture

MAX_LONG_SIDE = 2048
"""Pixels of a decoded query's long side. A search uses a fifth of it; more only takes memory."""


def decode_query_picture(data: bytes) -> NDArray[np.uint8]:
    """Decode a picture, or the first of an animation or video that shows something.

    Args:
        data: Content of the file.

    Returns:
        (h, w, 3) RGB, of `MAX_LONG_SIDE` at most.

    Raises:
        PictureError: Refused; the message is a sentence for the client.
    """
    decode = decode_first_video_frame if is_video(data) else decode_picture
    return decode(data, long_side=MAX_LONG_SIDE)


def is_video(data: bytes) -> bool:
    """Return whether a file begins like MP4, MOV, Matroska, WebM or AVI.

    No other container is opened for untrusted clients: some formats name further files to read.
    AVIF and HEIC pictures have the same container as MP4 and are recognised by their brand.
    """
    if data[4:8] == b"ftyp":
        return data[8:12] not in PICTURE_BRANDS
    return data.startswith(b"\x1a\x45\xdf\xa3") or (
        data.startswith(b"RIFF") and data[8:12] == b"AVI "
    )
