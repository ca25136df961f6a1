"""Overlays: captions, player controls, stickers, and artifacts of photographed screens."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.training.edits.random_draws import (
    draw_mask,
    edit_share,
    uniform,
)


def add_captions(pictures: Tensor, generator: Generator, *, share: float) -> Tensor:
    """Add a line or two of text-like strokes to a share of the pictures.

    Half of them are on a band of their own, as captions are; the others on the picture.
    """
    return edit_share(pictures, generator, share, lambda one: _add_captions(one, generator))


def _add_captions(pictures: Tensor, generator: Generator) -> Tensor:
    count, _, height, width = pictures.shape
    middle = torch.where(draw_mask(count, 0.75, generator), 0.87, 0.12)
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
    band = (rows & draw_mask(count, 0.5, generator).view(-1, 1, 1)).expand(-1, height, width)
    dark = draw_mask(count, 0.6, generator).view(-1, 1, 1, 1).float()
    lettered = torch.where(band.unsqueeze(1), 1 - dark, pictures)
    return torch.where(ink, dark, lettered)


def add_player_controls(pictures: Tensor, generator: Generator, *, share: float) -> Tensor:
    """Add player controls to a share of the pictures: a shade, a bar, a button."""
    return edit_share(pictures, generator, share, lambda one: _add_player_controls(one, generator))


def _add_player_controls(pictures: Tensor, generator: Generator) -> Tensor:
    count, _, height, width = pictures.shape
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, 1, -1, 1)
    along = torch.linspace(0, 1, width, device=pictures.device).view(1, 1, 1, -1)
    begin, line, place, radius = (
        uniform(count, low, high, generator).view(-1, 1, 1, 1)
        for low, high in ((0.6, 0.85), (0.88, 0.97), (0.05, 0.95), (0.0, 0.12))
    )
    colour = torch.rand(count, 3, 1, 1, generator=generator, device=generator.device)
    shade = 1 - 0.8 * ((down - begin) / (1 - begin)).clamp(0, 1)
    shown = pictures * shade
    bar = (down - line).abs() < 0.008
    shown = torch.where(bar, torch.where(along < place, colour, 0.6), shown)
    # Half of the buttons have no radius: nothing is shown in the middle.
    radius = radius * draw_mask(count, 0.5, generator).view(-1, 1, 1, 1)
    button = (down - 0.5) ** 2 + (along - 0.5) ** 2 < radius**2
    return torch.where(button, 1 - (1 - shown) * 0.3, shown)


def add_stickers(
    pictures: Tensor, generator: Generator, *, share: float, most: float = 0.16, stickers: int = 3
) -> Tensor:
    """Add round or square stickers of one colour to a share of the pictures.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: random generator.
        share: share of the pictures that get some.
        most: largest half side of a sticker, as a share of the picture's side.
        stickers: number of stickers on a picture.
    """
    return edit_share(
        pictures,
        generator,
        share,
        lambda one: _add_stickers(one, generator, most=most, stickers=stickers),
    )


def _add_stickers(pictures: Tensor, generator: Generator, *, most: float, stickers: int) -> Tensor:
    count, _, height, width = pictures.shape
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, 1, -1, 1)
    along = torch.linspace(0, 1, width, device=pictures.device).view(1, 1, 1, -1)
    covered = pictures
    for _ in range(stickers):
        x, y, half = (
            uniform(count, low, high, generator).view(-1, 1, 1, 1)
            for low, high in ((0, 1), (0, 1), (0.03, most))
        )
        colour = torch.rand(count, 3, 1, 1, generator=generator, device=generator.device)
        across, up = (along - x).abs() / half, (down - y).abs() / half
        round_ = draw_mask(count, 0.6, generator).view(-1, 1, 1, 1)
        distance = torch.where(round_, (across**2 + up**2).sqrt(), torch.maximum(across, up))
        dots = ((across - 0.4) ** 2 + (up - 0.3) ** 2 < 0.03) & round_
        covered = torch.where(distance < 1, torch.where(dots, 1 - colour, colour), covered)
    return covered


def add_screen_artifacts(pictures: Tensor, generator: Generator, *, share: float) -> Tensor:
    """Add moiré, glare and vignetting to a share of the pictures, as photos of screens have."""
    return edit_share(pictures, generator, share, lambda one: _add_screen_artifacts(one, generator))


def _add_screen_artifacts(pictures: Tensor, generator: Generator) -> Tensor:
    count, _, height, width = pictures.shape
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, 1, -1, 1)
    along = torch.linspace(0, 1, width, device=pictures.device).view(1, 1, 1, -1)
    angle, waves, depth, x, y, wide, glare = (
        uniform(count, low, high, generator).view(-1, 1, 1, 1)
        for low, high in (
            (0, math.pi), (8, 60), (0, 0.08), (-0.2, 1.2), (-0.2, 1.2), (0.1, 0.5), (0, 0.6)
        )
    )  # fmt: skip
    way = along * angle.cos() + down * angle.sin()
    pattern = 1 + depth * torch.sin(2 * math.pi * waves * way)
    distance = (along - x) ** 2 + (down - y) ** 2
    light = glare * torch.exp(-distance / wide**2)
    edge = 1 - 0.5 * depth / 0.08 * ((along - 0.5) ** 2 + (down - 0.5) ** 2)
    return (pictures * pattern * edge * (1 - light) + light).clamp(0, 1)
