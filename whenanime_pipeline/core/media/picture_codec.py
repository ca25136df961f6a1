"""Decodes untrusted pictures within bounds, and encodes and decodes stored frames."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from whenanime_pipeline.core.media.animation import DAMAGE_ERRORS
from whenanime_pipeline.core.media.errors import (
    LargePictureError,
    MediaError,
    PictureError,
    PictureMessage,
)
from whenanime_pipeline.core.media.first_frame import decode_first_frame
from whenanime_pipeline.core.media.isolated_decoding import (
    decode_in_own_process,
    recognise_isolated_format,
)
from whenanime_pipeline.core.media.picture_rendering import render_picture
from whenanime_pipeline.core.media.sanitize import (
    ReadLimitedBytes,
    strip_avif_exif,
    strip_jpeg_metadata,
)

MIB = 1 << 20
STORED_FRAME_TYPE = "image/jpeg"  # media type of what `encode_stored_frame` returns
# Formats of screenshots. PSD, EPS and others add attack surface and have no users.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")


def decode_picture(
    data: bytes,
    *,
    max_bytes: int = 25 * MIB,
    max_pixels: int = 64_000_000,
    long_side: int | None = None,
) -> NDArray[np.uint8]:
    """Decode an uploaded picture, or an animation's first that shows something, upright.

    Args:
        data: Content of a JPEG, PNG, WebP, GIF, BMP, AVIF, TIFF, HEIC or JPEG XL file,
            recognised by its first bytes. The last two need optional packages.
        max_bytes: Maximum file size; larger files are refused.
        max_pixels: Maximum pixels; larger pictures are refused before decoding.
        long_side: Upper limit of the longer side in pixels, or None. JPEGs are scaled while they
            are decoded and others right after, which takes the least memory.

    Returns:
        (h, w, 3) RGB.

    Raises:
        LargePictureError: Too many pixels.
        PictureError: Refused for another reason; the message is a sentence for the client.
    """
    _check_size(data, max_bytes, PictureMessage.EMPTY_PICTURE, PictureMessage.PICTURE_BYTES)
    isolated = recognise_isolated_format(data)
    if isolated is not None:
        return decode_in_own_process(isolated, data, max_pixels=max_pixels, long_side=long_side)
    image, exif = _open_image(data, max_pixels)
    try:
        return render_picture(image, data, exif=exif, long_side=long_side)
    except DAMAGE_ERRORS as error:
        raise PictureError(PictureMessage.DAMAGED_PICTURE()) from error


def decode_first_video_frame(
    data: bytes,
    *,
    max_bytes: int = 25 * MIB,
    max_pixels: int = 64_000_000,
    long_side: int = 1920,
) -> NDArray[np.uint8]:
    """Decode the first picture of an uploaded short video that shows something.

    Args:
        data: Content of the file.
        max_bytes: Maximum file size; larger files are refused.
        max_pixels: Maximum pixels of a picture; videos with larger ones are refused.
        long_side: Upper limit of the longer side in pixels.

    Returns:
        (h, w, 3) RGB.

    Raises:
        PictureError: Refused; the message is a sentence for the client.
    """
    _check_size(data, max_bytes, PictureMessage.EMPTY_VIDEO, PictureMessage.VIDEO_BYTES)
    try:
        return decode_first_frame(data, long_side=long_side, max_pixels=max_pixels)
    except MediaError as error:
        raise PictureError(PictureMessage.UNUSABLE_VIDEO(why=error.message)) from error


def encode_jpeg(picture: NDArray[np.uint8], *, quality: int = 90) -> bytes:
    """Encode (h, w, 3) RGB as JPEG.

    Raises:
        ValueError: Not a (h, w, 3) array of uint8.
    """
    return _encode(picture, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def encode_stored_frame(picture: NDArray[np.uint8]) -> bytes:
    """Encode a stored frame, (h, w, 3) RGB, as `STORED_FRAME_TYPE`; 0.2 ms for 320×180.

    Measured on 240 film pictures of 320×180: JPEG at quality 85 has 40 dB in luma and 15.6 kB. WebP
    of the same fidelity is a third smaller but takes ten times as long to encode and three times as
    long to decode; full-size chroma costs a quarter more bytes without a gain in luma.

    Raises:
        ValueError: Not a (h, w, 3) array of uint8.
    """
    return encode_jpeg(picture, quality=85)


def decode_stored_frame(data: bytes) -> NDArray[np.uint8]:
    """Decode a stored frame (JPEG or WebP) to (h, w, 3) RGB.

    Raises:
        ValueError: Not a picture.
    """
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    if decoded is None:
        raise ValueError("a stored frame cannot be decoded")
    picture: NDArray[np.uint8] = decoded
    return picture


def decode_stored_frame_gray(data: bytes, *, half_size: bool = False) -> NDArray[np.uint8]:
    """Decode a stored frame to (h, w) gray levels.

    Args:
        data: Content from `encode_stored_frame`.
        half_size: Whether to decode at half the size, which costs a third for JPEG.

    Raises:
        ValueError: Not a picture.
    """
    mode = cv2.IMREAD_REDUCED_GRAYSCALE_2 if half_size else cv2.IMREAD_GRAYSCALE
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    if decoded is None:
        raise ValueError("a stored frame cannot be decoded")
    picture: NDArray[np.uint8] = decoded
    return picture


def _check_size(
    data: bytes, max_bytes: int, empty: PictureMessage, too_large: PictureMessage
) -> None:
    if not data:
        raise PictureError(empty())
    if len(data) > max_bytes:
        mebibytes, limit = f"{len(data) / MIB:.1f}", f"{max_bytes / MIB:g}"
        raise PictureError(too_large(mebibytes=mebibytes, limit=limit))


def _open_image(data: bytes, max_pixels: int) -> tuple[ImageFile, bytes]:
    """Open a picture by its header; refuse other formats and pictures that are too large.

    Pillow's own limit is global, so its plugins are called directly.

    Returns:
        The picture, and its EXIF where that was stripped from the data that Pillow reads.
    """
    Image.init()
    for name in _FORMATS:
        if name not in Image.OPEN:
            continue
        factory, accepts = Image.OPEN[name]
        if accepts is not None and accepts(data[:16]) is not True:
            continue
        exif = b""
        try:
            if name == "JPEG":
                data, exif = strip_jpeg_metadata(data)
            elif name == "AVIF":
                data = strip_avif_exif(data)
            image = factory(ReadLimitedBytes(data), "")
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise LargePictureError(
                PictureMessage.PICTURE_PIXELS(megapixels=f"{max_pixels / 1e6:g}")
            ) from error
        except DAMAGE_ERRORS as error:
            raise PictureError(PictureMessage.DAMAGED_PICTURE()) from error
        width, height = image.size
        if width * height > max_pixels:
            raise LargePictureError(
                PictureMessage.PICTURE_SIZE(
                    width=width, height=height, megapixels=f"{max_pixels / 1e6:g}"
                )
            )
        return image, exif
    raise PictureError(PictureMessage.NOT_A_PICTURE())


def _validate_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"a picture is (h, w, 3) of uint8, not {picture.shape} of {picture.dtype}")
    return picture


def _encode(picture: NDArray[np.uint8], extension: str, options: list[int]) -> bytes:
    bgr = cv2.cvtColor(_validate_picture(picture), cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(extension, bgr, options)
    if not encoded:
        raise ValueError(f"a picture of {picture.shape} cannot be encoded as {extension}")
    return bytes(data)
