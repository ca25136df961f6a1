"""Renders an opened picture as it is shown: upright, opaque, in sRGB, within a size."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from whenanime_pipeline.core.media.animation import load_shown_picture
from whenanime_pipeline.core.media.colour_spaces import convert_to_srgb
from whenanime_pipeline.core.media.embedded_colour import find_colour_space
from whenanime_pipeline.core.media.frame_conversion import apply_display_matrix
from whenanime_pipeline.core.media.sanitize import read_exif_orientation

_ORIENTED_BY_DECODER = ("HEIF", "JXL", "TIFF")
"""Formats whose decoders turn pictures upright; their EXIF repeats how they were."""
# EXIF orientation 1 to 8 as display matrices (a, b, c, d), see `read_display_matrix`.
_ORIENTATION_MATRICES = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}


def render_picture(
    image: ImageFile, data: bytes, *, exif: bytes, long_side: int | None
) -> NDArray[np.uint8]:
    """Decode an opened file and return the picture as viewers show it.

    Transparent parts become black, which `find_content_area` removes; white would stay as a bright
    border around the scene.

    Args:
        image: Opened file, not yet loaded.
        data: Its content, with its metadata.
        exif: EXIF that the decoder does not see; empty without any.
        long_side: Upper limit of the longer side in pixels, or None.

    Returns:
        (h, w, 3) RGB.

    Raises:
        Exception: One of `DAMAGE_ERRORS`; the picture cannot be decoded.
    """
    kind = image.format or ""
    if long_side is not None and kind == "JPEG":
        image.draft("RGB", (long_side, long_side))
    shown = load_shown_picture(image)
    coloured = shown.mode in ("P", "RGB", "RGBA", "RGBX")
    orientation = 1
    if kind not in _ORIENTED_BY_DECODER:
        found = exif or shown.info.get("exif", b"")
        orientation = read_exif_orientation(found if isinstance(found, bytes) else b"")
    picture = _to_rgb(shown, long_side)
    if long_side is not None and max(picture.shape[:2]) > long_side:
        scale = long_side / max(picture.shape[:2])
        size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    if coloured:
        space = find_colour_space(kind, data, shown.info.get("icc_profile"))
        if space is not None:
            picture = convert_to_srgb(picture, space)
    return apply_display_matrix(picture, _ORIENTATION_MATRICES[orientation])


def _to_rgb(image: Image.Image, long_side: int | None) -> NDArray[np.uint8]:
    if image.mode.startswith("I"):  # 16-bit gray, which convert() would clip instead of scaling
        levels = np.asarray(image) >> 8
        image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        foreground = _reduce(image.convert("RGBA"), long_side)
        black = Image.new("RGBA", foreground.size, (0, 0, 0, 255))
        image = Image.alpha_composite(black, foreground)
    if image.mode not in {"L", "RGB"}:
        image = image.convert("RGB")
    return np.asarray(_reduce(image, long_side).convert("RGB"))


def _reduce(image: Image.Image, long_side: int | None) -> Image.Image:
    """Average blocks of pixels where a picture is at least twice as large as `long_side`."""
    factor = max(image.size) // long_side if long_side is not None else 1
    return image.reduce(factor) if factor > 1 else image
