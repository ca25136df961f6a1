"""What compression takes away."""

import math

import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training.edits.random_draws import edit_share, uniform

_BLOCK = 8
# Annex K of the JPEG standard: steps of the luminance coefficients at quality 50.
_STEPS = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def compress_jpeg(
    pictures: Tensor, generator: Generator, *, share: float, quality: tuple[float, float] = (10, 90)
) -> Tensor:
    """Return pictures of which a share lost what JPEG loses: coefficients of 8×8 blocks.

    The sides must be multiples of 8; colours are treated as brightness is, without subsampling.
    """
    return edit_share(
        pictures, generator, share, lambda one: _quantise_blocks(one, generator, quality)
    )


def _quantise_blocks(
    pictures: Tensor, generator: Generator, quality: tuple[float, float]
) -> Tensor:
    count, channels, height, width = pictures.shape
    level = uniform(count, *quality, generator)
    factor = torch.where(level < 50, 50 / level, 2 - level / 50).view(-1, 1, 1, 1)
    steps = torch.tensor(_STEPS, device=pictures.device) * factor / 255
    steps = steps.view(count, 1, 1, 1, _BLOCK, _BLOCK)
    shape = (count, channels, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    blocks = pictures.reshape(shape).transpose(3, 4)
    basis = _dct_basis(pictures.device)
    kept = ((basis @ blocks @ basis.T) / steps).round() * steps
    lossy: Tensor = (basis.T @ kept @ basis).transpose(3, 4).reshape(pictures.shape).clamp(0, 1)
    return lossy


def _dct_basis(device: torch.device) -> Tensor:
    """Return the orthonormal 8×8 discrete cosine transform."""
    index = torch.arange(_BLOCK, device=device, dtype=torch.float32)
    basis: Tensor = (
        torch.cos(math.pi / _BLOCK * (index + 0.5) * index[:, None]) * (2 / _BLOCK) ** 0.5
    )
    basis[0] *= 0.5**0.5
    return basis
