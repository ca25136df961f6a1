"""What happens to screenshots, as operations on batches of tensors.

Every function takes `(n, 3, h, w)` float pictures in 0 to 1 and a generator on their device, and
returns new ones; which pictures it touches, and how, comes from the generator alone.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

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


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Return `(count,)` numbers drawn evenly between low and high."""
    values = torch.rand(count, generator=generator, device=generator.device)
    return low + (high - low) * values


def chosen(count: int, share: float, generator: Generator) -> Tensor:
    """Return `(count,)` bool, true for about `share` of them."""
    return uniform(count, 0, 1, generator) < share


def cropped(
    pictures: Tensor,
    generator: Generator,
    *,
    size: int,
    area: tuple[float, float] = (1.0, 1.0),
    stretch: float = 1.0,
    flip: float = 0.0,
) -> Tensor:
    """Return a random part of each picture, scaled to a square.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: source of chance.
        size: pixels of the new side.
        area: smallest and largest share of the picture's area that stays.
        stretch: largest change of the aspect ratio, as a factor.
        flip: share of the pictures that are mirrored.
    """
    count = len(pictures)
    share = uniform(count, *area, generator)
    ratio = (uniform(count, -1, 1, generator) * math.log(stretch) / 2).exp()
    wide = (share.sqrt() * ratio).clamp(max=1)
    tall = (share.sqrt() / ratio).clamp(max=1)
    theta = torch.zeros(count, 2, 3, device=pictures.device)
    theta[:, 0, 0] = torch.where(chosen(count, flip, generator), -wide, wide)
    theta[:, 1, 1] = tall
    theta[:, 0, 2] = uniform(count, -1, 1, generator) * (1 - wide)
    theta[:, 1, 2] = uniform(count, -1, 1, generator) * (1 - tall)
    grid = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
    views: Tensor = functional.grid_sample(
        pictures, grid, padding_mode="border", align_corners=False
    )
    return views


def toned(pictures: Tensor, generator: Generator, *, strength: float) -> Tensor:
    """Return pictures with another gamma, tint, contrast and saturation; strength 0 to 1."""
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


def grayed(pictures: Tensor, generator: Generator, *, share: float) -> Tensor:
    """Return pictures of which a share has lost its colours."""
    touched = chosen(len(pictures), share, generator).view(-1, 1, 1, 1)
    return torch.where(touched, pictures.mean(1, keepdim=True), pictures)


def blurred(pictures: Tensor, generator: Generator, *, share: float, factor: float = 4.0) -> Tensor:
    """Return pictures of which a share was scaled down and up again, by up to `factor`."""
    touched = chosen(len(pictures), share, generator)
    side = pictures.shape[-1]
    small = max(1, round(side / uniform(1, 1.0, factor, generator).item()))
    down = functional.interpolate(pictures, size=(small, small), mode="area")
    up = functional.interpolate(down, size=pictures.shape[-2:], mode="bilinear")
    return torch.where(touched.view(-1, 1, 1, 1), up, pictures)


def boxed(pictures: Tensor, generator: Generator, *, share: float, most: float = 0.3) -> Tensor:
    """Return pictures of which a share stands between bars, above and below or at the sides.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: source of chance.
        share: of the pictures that get bars, black or of one gray.
        most: largest share of the side that the bars take together.
    """
    count = len(pictures)
    touched, upright = chosen(count, share, generator), chosen(count, 0.7, generator)
    scale = 1 / (1 - uniform(count, 0, most, generator))
    theta = torch.zeros(count, 2, 3, device=pictures.device)
    theta[:, 0, 0] = torch.where(touched & ~upright, scale, 1.0)
    theta[:, 1, 1] = torch.where(touched & upright, scale, 1.0)
    shade = uniform(count, -1, 1, generator).clamp(min=0).view(-1, 1, 1, 1)
    grid = functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    inside = functional.grid_sample(pictures - shade, grid, align_corners=False)
    return inside + shade


def captioned(pictures: Tensor, generator: Generator, *, share: float) -> Tensor:
    """Return pictures of which a share carries a line or two of text-like strokes.

    Half of them stand on a band of their own, as captions do; the others on the picture.
    """
    count, _, height, width = pictures.shape
    middle = torch.where(chosen(count, 0.75, generator), 0.87, 0.12)
    middle = (middle + uniform(count, -0.04, 0.04, generator)).view(-1, 1, 1)
    half = uniform(count, 0.03, 0.08, generator).view(-1, 1, 1)
    long = uniform(count, 0.2, 0.45, generator).view(-1, 1, 1)
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, -1, 1)
    along = torch.linspace(-0.5, 0.5, width, device=pictures.device).view(1, 1, -1)
    rows = (down - middle).abs() < half
    strokes = (
        torch.rand(count, height // 2, width // 2, generator=generator, device=generator.device)
        < 0.5
    )
    strokes = strokes.repeat_interleave(2, 1).repeat_interleave(2, 2)
    strokes = functional.pad(strokes, (0, width % 2, 0, height % 2))
    ink = (rows & (along.abs() < long) & strokes).unsqueeze(1)
    band = (rows & chosen(count, 0.5, generator).view(-1, 1, 1)).expand(-1, height, width)
    dark = chosen(count, 0.6, generator).view(-1, 1, 1, 1).float()
    lettered = torch.where(band.unsqueeze(1), 1 - dark, pictures)
    lettered = torch.where(ink, dark, lettered)
    return torch.where(chosen(count, share, generator).view(-1, 1, 1, 1), lettered, pictures)


def noisy(pictures: Tensor, generator: Generator, *, most: float) -> Tensor:
    """Return pictures with gaussian noise of a deviation up to `most`."""
    noise = torch.randn(pictures.shape, generator=generator, device=pictures.device)
    level = uniform(len(pictures), 0, most, generator).view(-1, 1, 1, 1)
    return (pictures + noise * level).clamp(0, 1)


def compressed(
    pictures: Tensor, generator: Generator, *, share: float, quality: tuple[float, float] = (10, 90)
) -> Tensor:
    """Return pictures of which a share lost what JPEG loses: coefficients of 8×8 blocks.

    The sides must be multiples of 8; colours are treated as brightness is, without subsampling.
    """
    count, channels, height, width = pictures.shape
    level = uniform(count, *quality, generator)
    factor = torch.where(level < 50, 50 / level, 2 - level / 50).view(-1, 1, 1, 1)
    steps = torch.tensor(_STEPS, device=pictures.device) * factor / 255
    steps = steps.view(count, 1, 1, 1, _BLOCK, _BLOCK)
    shape = (count, channels, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    blocks = pictures.reshape(shape).transpose(3, 4)
    basis = _cosines(pictures.device)
    kept = ((basis @ blocks @ basis.T) / steps).round() * steps
    lossy = (basis.T @ kept @ basis).transpose(3, 4).reshape(pictures.shape).clamp(0, 1)
    return torch.where(chosen(count, share, generator).view(-1, 1, 1, 1), lossy, pictures)


def _cosines(device: torch.device) -> Tensor:
    """Return the orthonormal 8×8 discrete cosine transform."""
    index = torch.arange(_BLOCK, device=device, dtype=torch.float32)
    basis: Tensor = (
        torch.cos(math.pi / _BLOCK * (index + 0.5) * index[:, None]) * (2 / _BLOCK) ** 0.5
    )
    basis[0] *= 0.5**0.5
    return basis


def clean_view(pictures: Tensor, generator: Generator, *, size: int) -> Tensor:
    """Return the pictures as a library stores them: scaled, and a little worn."""
    view = cropped(pictures, generator, size=size)
    view = blurred(view, generator, share=0.3, factor=1.5)
    return noisy(toned(view, generator, strength=0.05), generator, most=0.01)


def edited_view(pictures: Tensor, generator: Generator, *, size: int, mild: float) -> Tensor:
    """Return the pictures as people post them.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: source of chance.
        size: pixels of the new side, a multiple of 8.
        mild: share of the batch, from its beginning, that is whole and lightly compressed only:
            what tells close moments apart.
    """
    calm = round(len(pictures) * mild)
    views = []
    if calm:
        light = clean_view(pictures[:calm], generator, size=size)
        views.append(compressed(light, generator, share=0.5, quality=(60, 95)))
    if calm < len(pictures):
        rough = cropped(pictures[calm:], generator, size=size, area=(0.3, 1), stretch=1.6, flip=0.3)
        rough = grayed(toned(rough, generator, strength=1.0), generator, share=0.1)
        rough = blurred(rough, generator, share=0.3)
        rough = captioned(rough, generator, share=0.25)
        rough = boxed(rough, generator, share=0.25)
        views.append(compressed(noisy(rough, generator, most=0.04), generator, share=0.4))
    return torch.cat(views)
