"""Edits of colours and sharpness that leave the geometry unchanged."""

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Picture,
    apply_gamma,
    choose,
    resize,
    resize_long_side,
    to_uint8,
)

_WEBP_QUALITY, _WEBP_SIDE = 15, 320
"""Quality of the WebP, and its longer side in pixels."""
_BLUR_SIDES = (110, 221)
"""Longer side that a picture is downscaled to for blurring, in pixels: lowest and highest."""
_GRAY = np.array([0.299, 0.587, 0.114], np.float32)


def compress_webp(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture as a messenger's thumbnail: 320 pixels, WebP of quality 15."""
    del rng
    small = Image.fromarray(resize_long_side(picture, _WEBP_SIDE))
    code = BytesIO()
    small.save(code, "WEBP", quality=_WEBP_QUALITY)
    return np.array(Image.open(code).convert("RGB"))


def tint(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture tinted, in gray or sepia, or with another gamma, or with two of these."""
    values = picture.astype(np.float32)
    kind = choose(("tint", "gray", "gamma"), rng)
    if kind == "gray":
        values = np.repeat((values @ _GRAY)[..., None], 3, axis=2)
        if rng.random() < 0.4:  # gray times one colour, such as sepia
            values = values * rng.uniform(0.75, 1.15, 3).astype(np.float32)
    if kind == "tint":
        values = values * np.exp(rng.uniform(-0.4, 0.4, 3)).astype(np.float32)
        values = values + rng.uniform(-20, 20, 3).astype(np.float32)
    if kind == "gamma" or rng.random() < 0.4:
        bent = np.exp(choose((-1, 1), rng) * rng.uniform(0.3, 0.75))
        values = apply_gamma(values, float(bent))
    return to_uint8(values)


def blur(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture downscaled a lot and upscaled again, sometimes with a Gaussian blur."""
    height, width = picture.shape[:2]
    small = resize_long_side(picture, int(rng.integers(*_BLUR_SIDES)))
    way = choose((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST), rng)
    if rng.random() < 0.5:
        small = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.5, 1.1)))
    if way == cv2.INTER_NEAREST:  # pixelated like an enlarged thumbnail
        small = resize(small, small.shape[1] * 2, small.shape[0] * 2)
    result: Picture = cv2.resize(small, (width, height), interpolation=way)
    return result
