"""Photometric edits: tone, colour, blur and noise."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.training.edits.random_draws import edit_share, uniform

# Shares of red, green and blue in the brightness, and the rest of FCC NTSC's YIQ.
_GRAY = (0.299, 0.587, 0.114)
_YIQ = (_GRAY, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


def jitter_tone(pictures: Tensor, generator: Generator, *, strength: float) -> Tensor:
    """Change gamma, tint, contrast and saturation at random; strength 0 to 1."""
    count = len(pictures)

    def factors(spread: float, channels: int = 1) -> Tensor:
        values = (uniform(count * channels, -1, 1, generator) * spread * strength).exp()
        return values.view(count, channels, 1, 1)

    toned = pictures.clamp(min=1e-4) ** factors(0.5)
    toned = toned * factors(0.25, channels=3)
    gray = toned.mean(1, keepdim=True)
    toned = gray + (toned - gray) * factors(0.6)
    level = gray.mean((2, 3), keepdim=True)
    return (level + (toned - level) * factors(0.4)).clamp(0, 1)


def drop_colours(pictures: Tensor, generator: Generator, *, share: float) -> Tensor:
    """Turn a share of the pictures gray."""
    return edit_share(pictures, generator, share, lambda one: one.mean(1, keepdim=True))


def add_blur(
    pictures: Tensor, generator: Generator, *, share: float, factor: float = 4.0
) -> Tensor:
    """Scale a share of the pictures down and up again, by up to `factor`."""
    side = pictures.shape[-1]
    small = max(1, round(side / uniform(1, 1.0, factor, generator).item()))

    def blur(sharp: Tensor) -> Tensor:
        down = functional.interpolate(sharp, size=(small, small), mode="area")
        return functional.interpolate(down, size=sharp.shape[-2:], mode="bilinear")

    return edit_share(pictures, generator, share, blur)


def add_noise(pictures: Tensor, generator: Generator, *, most: float) -> Tensor:
    """Add Gaussian noise with a standard deviation up to `most`."""
    noise = torch.randn(pictures.shape, generator=generator, device=pictures.device)
    level = uniform(len(pictures), 0, most, generator).view(-1, 1, 1, 1)
    return (pictures + noise * level).clamp(0, 1)


def jitter_colours(pictures: Tensor, generator: Generator, *, strength: float) -> Tensor:
    """Jitter brightness, contrast, saturation and hue, in random order.

    Args:
        pictures: `(n, 3, h, w)` in 0 to 1.
        generator: random generator.
        strength: strength, as `color` of `augment_batch`.
    """
    count, device = len(pictures), pictures.device
    flat = pictures.flatten(2)
    light, contrast, saturation = (
        uniform(count, 1 - strength, 1 + strength, generator).view(-1, 1, 1) for _ in range(3)
    )
    angle = uniform(count, -strength, strength, generator) * 2 * math.pi
    order = torch.rand(count, 4, generator=generator, device=device).argsort(1)
    eye = torch.eye(3, device=device).expand(count, 3, 3)
    gray = torch.tensor(_GRAY, device=device).expand(count, 3, 3)
    none = torch.zeros(count, 3, 1, device=device)
    maps = torch.stack(
        [
            light * eye,
            contrast * eye,
            saturation * eye + (1 - saturation) * gray,
            _hue_rotations(angle),
        ]
    )
    rows = torch.arange(count, device=device)
    matrix, shift, mean = eye, none, flat.mean(2, keepdim=True)
    for place in range(4):
        which = order[:, place]
        change = maps[which, rows]
        # Contrast pulls towards the current mean brightness of the picture.
        pull = torch.where((which == 1).view(-1, 1, 1), (1 - contrast) * (gray @ mean), none)
        matrix, shift, mean = change @ matrix, change @ shift + pull, change @ mean + pull
    changed: Tensor = torch.baddbmm(shift, matrix, flat)
    return changed.clamp_(0, 1).view_as(pictures)


def _hue_rotations(angles: Tensor) -> Tensor:
    """Return `(n, 3, 3)` maps of RGB that turn the hue by `(n,)` angles."""
    there = torch.tensor(_YIQ, device=angles.device)
    turn = torch.zeros(len(angles), 3, 3, device=angles.device)
    turn[:, 0, 0] = 1
    turn[:, 1, 1] = turn[:, 2, 2] = angles.cos()
    turn[:, 2, 1] = angles.sin()
    turn[:, 1, 2] = -angles.sin()
    back: Tensor = torch.linalg.inv(there)
    return back @ turn @ there
