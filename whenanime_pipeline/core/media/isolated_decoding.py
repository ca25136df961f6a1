"""Decodes HEIC, JPEG XL and TIFF in a process of its own; the packages of two are optional.

Their native code is not trusted with untrusted files: it runs with limits of time and memory in
a process that ends after each picture, and takes no other search with it.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import (
    LargePictureError,
    PictureError,
    PictureMessage,
)

_CHILD_MODULE = "whenanime_pipeline.core.media.isolated_main"
_TIMEOUT = 15.0
"""Seconds that a picture may take, of which a fifth of one starts the process."""
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
PICTURE_BRANDS = _HEIF_BRANDS | _AVIF_BRANDS
"""Brands in the first bytes of pictures that have the container of MP4."""
_JXL_STARTS = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class IsolatedFormat:
    """A format that is decoded in a process of its own.

    Attributes:
        label: name for people.
        module: module whose import lets Pillow read it.
    """

    label: str
    module: str


ISOLATED_FORMATS: Mapping[str, IsolatedFormat] = MappingProxyType(
    {
        "HEIF": IsolatedFormat("HEIC", "pillow_heif"),
        "JXL": IsolatedFormat("JPEG XL", "pillow_jxl"),
        "TIFF": IsolatedFormat("TIFF", "PIL.TiffImagePlugin"),
    }
)
"""By Pillow's name of the format. The packages of HEIC and JPEG XL are in the extra `pictures`;
Pillow itself reads TIFF, by libtiff, whose many kinds of compression are not for this process."""


def recognise_isolated_format(data: bytes) -> str | None:
    """Return the key in `ISOLATED_FORMATS` of a file's format, by its first bytes."""
    if data.startswith(_TIFF_STARTS):
        return "TIFF"
    if data.startswith(_JXL_STARTS):
        return "JXL"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        box = data[8 : min(int.from_bytes(data[:4]), 512)]
        brands = {box[place : place + 4] for place in range(8, len(box), 4)}
        return None if brands & _AVIF_BRANDS else "HEIF"
    return None


def decode_in_own_process(
    kind: str, data: bytes, *, max_pixels: int, long_side: int | None
) -> NDArray[np.uint8]:
    """Decode a picture of such a format, upright and in sRGB.

    Args:
        kind: key in `ISOLATED_FORMATS`.
        data: content of the file.
        max_pixels: maximum pixels; larger pictures are refused.
        long_side: upper limit of the longer side in pixels, or None.

    Returns:
        (h, w, 3) RGB.

    Raises:
        LargePictureError: too many pixels.
        PictureError: the package is missing, or the picture cannot be decoded within the limits.
    """
    label = ISOLATED_FORMATS[kind].label
    if find_spec(ISOLATED_FORMATS[kind].module) is None:
        raise PictureError(PictureMessage.FORMAT_NOT_READ(kind=label))
    command = [
        sys.executable,
        "-P",
        "-m",
        _CHILD_MODULE,
        kind,
        str(max_pixels),
        str(long_side or 0),
    ]
    paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    try:
        with _one_at_a_time:
            done = subprocess.run(
                command,
                input=data,
                env=os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
                start_new_session=True,
            )
        return _read_reply(done.stdout, max_pixels)
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        raise PictureError(PictureMessage.FORMAT_NOT_DECODED(kind=label)) from error


def _read_reply(reply: bytes, max_pixels: int) -> NDArray[np.uint8]:
    """Return the pixels of a reply, or raise for the refusal in it.

    Raises:
        ValueError: the process ended without a valid reply.
    """
    line, _, pixels = reply.partition(b"\n")
    header = json.loads(line)
    width, height = int(header["width"]), int(header["height"])
    if header["refused"]:
        raise LargePictureError(
            PictureMessage.PICTURE_SIZE(
                width=width, height=height, megapixels=f"{max_pixels / 1e6:g}"
            )
        )
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
