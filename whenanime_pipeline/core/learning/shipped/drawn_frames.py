"""Draws training scenes and caches them in a file."""

from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.pictures import make_thumbnail, squeeze_to_square
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_scenes
from whenanime_pipeline.core.learning.training.frame_set import FLAT_DEVIATION, FrameSet

DRAWN_SIZE = (256, 144)
"""Width and height of drawn frames, in pixels."""
_FRAME_INTERVAL = 0.5
"""Approximate seconds between frames of a scene."""


def draw_frames(scenes: int, *, side: int, seed: int = 0) -> FrameSet:
    """Draw several frames of each scene, without flat ones.

    Args:
        scenes: number of scenes; each counts as a film.
        side: side of the squares in pixels.
        seed: seed of the scenes.

    Returns:
        The frames, in order of scenes.

    Raises:
        TrainingError: all frames are flat.
    """
    pictures, thumbnails, films, seconds = [], [], [], []
    for scene, frames in enumerate(draw_random_scenes(scenes, DRAWN_SIZE, seed)):
        for number, picture in enumerate(frames):
            small = make_thumbnail(picture)
            if small.std() < FLAT_DEVIATION:
                continue
            pictures.append(squeeze_to_square(picture, side))
            thumbnails.append(small)
            films.append(scene)
            seconds.append(number * _FRAME_INTERVAL)
    if not pictures:
        raise TrainingError(f"{scenes} drawn scenes show nothing: ask for more")
    return FrameSet(
        pictures=np.stack(pictures),
        thumbnails=np.stack(thumbnails),
        films=np.array(films, np.int64),
        seconds=np.array(seconds, np.float64),
        names=("drawn",) * scenes,
    )


def load_or_draw_frames(folder: Path, scenes: int, *, side: int, seed: int = 0) -> FrameSet:
    """Load drawn scenes from a folder, drawing and storing them if they are not there.

    Args:
        folder: folder of the files.
        scenes: number of scenes.
        side: side of the squares in pixels.
        seed: seed of the scenes.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = folder / f"drawn-{scenes}-{side}-{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        drawn = draw_frames(scenes, side=side, seed=seed)
        with atomic_write(path) as part, part.open("wb") as file:
            np.savez(
                file,
                pictures=drawn.pictures,
                thumbnails=drawn.thumbnails,
                films=drawn.films,
                seconds=drawn.seconds,
            )
    with np.load(path) as stored:
        return FrameSet(
            pictures=stored["pictures"],
            thumbnails=stored["thumbnails"],
            films=stored["films"],
            seconds=stored["seconds"],
            names=("drawn",) * scenes,
        )
