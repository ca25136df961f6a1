"""Drawn scenes to learn from, kept in a file so that they are drawn once."""

from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.pictures import make_thumbnail, squeeze_to_square
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_scenes
from whenanime_pipeline.core.learning.training.frame_set import FLAT_DEVIATION, FrameSet

DRAWN_SIZE = (256, 144)
_MOMENT = 0.5  # seconds from one moment of a scene to the next, about


def draw_frames(scenes: int, *, side: int, seed: int = 0) -> FrameSet:
    """Draw scenes, several moments of each, and keep the pictures that show something.

    Args:
        scenes: how many; each is as a film of its own.
        side: pixels of the squares' side.
        seed: of the scenes.

    Raises:
        TrainingError: none of the scenes shows anything.
    """
    pictures, thumbnails, films, seconds = [], [], [], []
    for scene, moments in enumerate(draw_random_scenes(scenes, DRAWN_SIZE, seed)):
        for moment, picture in enumerate(moments):
            small = make_thumbnail(picture)
            if small.std() < FLAT_DEVIATION:
                continue
            pictures.append(squeeze_to_square(picture, side))
            thumbnails.append(small)
            films.append(scene)
            seconds.append(moment * _MOMENT)
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
    """Return drawn scenes from a folder, drawing them first where it has none.

    Args:
        folder: of files that `load_or_draw_frames` wrote, or where it will write one.
        scenes: how many.
        side: pixels of the squares' side.
        seed: of the scenes.

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
