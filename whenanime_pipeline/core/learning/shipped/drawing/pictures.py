"""Draws random pictures and scenes for training.

Each picture has its own style, characters and place, all from its seed: training data without limit
and without storage.
"""

from collections.abc import Iterator

import numpy as np

from whenanime_pipeline.core.learning.shipped.drawing.collages import draw_collage_frames
from whenanime_pipeline.core.learning.shipped.drawing.grades import choose_grade
from whenanime_pipeline.core.sample.characters import make_cast
from whenanime_pipeline.core.sample.compositing import Picture
from whenanime_pipeline.core.sample.scenes import plan_random_shot
from whenanime_pipeline.core.sample.shot_renderer import ShotRenderer, Size
from whenanime_pipeline.core.sample.style import make_style


def draw_random_picture(seed: int, size: Size = (640, 360)) -> Picture:
    """Draw a picture whose style, characters, place and moment follow from the seed.

    Args:
        seed: any integer >= 0.
        size: (width, height) in pixels.

    Returns:
        RGB `(height, width, 3)` uint8.
    """
    rng = np.random.default_rng([seed, 0x91C])
    style = make_style(int(rng.integers(1 << 30)))
    cast = make_cast(int(rng.integers(1 << 30)), 4)
    shot = plan_random_shot(rng, len(cast))
    return ShotRenderer(shot, cast, style, size).render_picture(int(rng.integers(shot.frames)))


def draw_random_pictures(count: int, size: Size = (640, 360), seed: int = 0) -> Iterator[Picture]:
    """Draw random pictures.

    Args:
        count: number of pictures.
        size: (width, height) in pixels.
        seed: seed; the i-th picture of a seed does not depend on `count`.

    Yields:
        RGB `(height, width, 3)` uint8.
    """
    for number in range(count):
        own = np.random.SeedSequence([seed, number]).generate_state(1)[0]
        yield draw_random_picture(int(own), size)


def draw_random_scenes(
    count: int, size: Size = (320, 180), seed: int = 0, *, frames: int = 4
) -> Iterator[list[Picture]]:
    """Draw random scenes, several frames of each, so that a network can learn to separate them.

    Half of the scenes are shots of drawn shows, half are collages; each has its own grade.

    Args:
        count: number of scenes.
        size: (width, height) in pixels.
        seed: seed; the i-th scene of a seed does not depend on `count`.
        frames: frames per scene, about half a second apart.

    Yields:
        For each scene up to `frames` RGB pictures `(height, width, 3)` uint8, in order of time.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number, 0x5CE])
        grade = choose_grade(rng)
        make = _draw_shot_frames if number % 2 else draw_collage_frames
        yield [grade(picture) for picture in make(rng, size, frames)]


def _draw_shot_frames(rng: np.random.Generator, size: Size, moments: int) -> list[Picture]:
    """Draw frames of one shot of a drawn show, in order of time."""
    style = make_style(int(rng.integers(1 << 30)))
    cast = make_cast(int(rng.integers(1 << 30)), 4)
    shot = plan_random_shot(rng, len(cast))
    film = ShotRenderer(shot, cast, style, size)
    frames = np.sort(rng.choice(shot.frames, min(moments, shot.frames), replace=False))
    return [film.render_picture(int(frame)) for frame in frames]
