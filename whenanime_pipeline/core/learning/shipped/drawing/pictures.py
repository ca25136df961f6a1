"""Single pictures without video, as many as wished.

They are for training: each picture has a style, a cast and a place of its own, so a seed
range is as varied as wished and costs no storage.
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
    """A picture whose style, cast, place and moment are all drawn from the seed.

    Args:
        seed: any integer >= 0.
        size: (width, height) in pixels.

    Returns:
        RGB (height, width, 3) uint8.
    """
    rng = np.random.default_rng([seed, 0x91C])
    style = make_style(int(rng.integers(1 << 30)))
    cast = make_cast(int(rng.integers(1 << 30)), 4)
    shot = plan_random_shot(rng, len(cast))
    return ShotRenderer(shot, cast, style, size).render_picture(int(rng.integers(shot.frames)))


def draw_random_pictures(count: int, size: Size = (640, 360), seed: int = 0) -> Iterator[Picture]:
    """Varied pictures, one after the other.

    Args:
        count: how many.
        size: (width, height) in pixels.
        seed: the i-th picture of a seed is always the same, however many are asked for.

    Yields:
        RGB (height, width, 3) uint8.
    """
    for number in range(count):
        own = np.random.SeedSequence([seed, number]).generate_state(1)[0]
        yield draw_random_picture(int(own), size)


def draw_random_scenes(
    count: int, size: Size = (320, 180), seed: int = 0, *, frames: int = 4
) -> Iterator[list[Picture]]:
    """Varied scenes, several moments of each: what tells one moment from the next can be learnt.

    Half of the scenes are shots of shows, half are collages; every scene is printed in a way of
    its own.

    Args:
        count: scenes.
        size: (width, height) in pixels.
        seed: the i-th scene of a seed is always the same, however many are asked for.
        frames: of a scene, half a second apart or so.

    Yields:
        As many RGB pictures (height, width, 3) uint8 as there are moments.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number, 0x5CE])
        grade = choose_grade(rng)
        make = _draw_shot_frames if number % 2 else draw_collage_frames
        yield [grade(picture) for picture in make(rng, size, frames)]


def _draw_shot_frames(rng: np.random.Generator, size: Size, moments: int) -> list[Picture]:
    """Moments of one shot of a show, in the order of time."""
    style = make_style(int(rng.integers(1 << 30)))
    cast = make_cast(int(rng.integers(1 << 30)), 4)
    shot = plan_random_shot(rng, len(cast))
    film = ShotRenderer(shot, cast, style, size)
    frames = np.sort(rng.choice(shot.frames, min(moments, shot.frames), replace=False))
    return [film.render_picture(int(frame)) for frame in frames]
