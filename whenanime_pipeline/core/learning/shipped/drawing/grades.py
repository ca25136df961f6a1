"""Grades, each applied to all frames of a scene: gray, faded, dark, grainy or soft."""

from collections.abc import Callable

import cv2
import numpy as np

from whenanime_pipeline.core.sample.compositing import Picture, gaussian_blur

Rng = np.random.Generator
Grade = Callable[[Picture], Picture]
_SEPIA = np.array([1.06, 1.0, 0.82], np.float32)
_GRAY = np.array([0.299, 0.587, 0.114], np.float32)


def choose_grade(rng: Rng) -> Grade:
    """Choose a random grade; about half of them change little.

    Args:
        rng: source of randomness, also for the grain whenever the grade is applied.

    Returns:
        A function from RGB pictures `(height, width, 3)` uint8 to such pictures.
    """
    gamma = float(np.exp(rng.normal(0, 0.3)))
    low, high = float(rng.uniform(0, 0.12)), float(rng.uniform(0.75, 1.0))
    if rng.random() < 0.1:
        high = float(rng.uniform(0.35, 0.7))  # a dark scene
    colour = float(np.clip(rng.normal(1, 0.25), 0, 1.6)) if rng.random() > 0.2 else 0.0
    tint = np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
    if colour == 0.0 and rng.random() < 0.5:
        tint = _SEPIA
    grain = float(rng.choice([0, 0, 0, 2, 5, 9]))
    blur = float(rng.choice([0, 0, 0, 0.004, 0.008]))
    edge = float(rng.choice([0, 0, 0, 0.3, 0.7]))

    def apply(picture: Picture) -> Picture:
        values = picture.astype(np.float32) / 255
        gray = (values @ _GRAY)[..., None]
        values = np.clip(gray + (values - gray) * colour, 0, 1) ** gamma
        values = (low + values * (high - low)) * tint
        height, width = picture.shape[:2]
        if edge:
            down, along = np.mgrid[0:height, 0:width].astype(np.float32)
            away = (down / height - 0.5) ** 2 + (along / width - 0.5) ** 2
            values *= (1 - edge * away * 2)[..., None]
        result = np.asarray(np.clip(values * 255, 0, 255), np.uint8)
        if blur:
            result = gaussian_blur(result, blur * height)
        if grain:
            noise = rng.normal(0, grain, (height, width, 1)).astype(np.float32)
            noise = cv2.GaussianBlur(noise, (0, 0), 0.6)[..., None]
            result = np.asarray(np.clip(result + noise, 0, 255), np.uint8)
        return result

    return apply
