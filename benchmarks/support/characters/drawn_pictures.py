"""Pictures of drawn series with the faces of their characters."""

from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.support.characters.pictures import FacePicture, store_picture
from whenanime_pipeline.core.sample.script import plan_episode
from whenanime_pipeline.core.sample.series import make_sample_series
from whenanime_pipeline.core.sample.shot_renderer import Box, ShotRenderer
from whenanime_pipeline.core.search.frames.sampling import LONG_SIDE

SIZE = (640, 360)
MIN_HEAD = 24.0 * SIZE[0] / LONG_SIDE
"""Pixels of a head's shorter side: 24 at the size of stored frames. Smaller ones count neither as
found nor as missed."""
_TOP, _SIDES = 0.28, 0.09
"""Parts of a head's box that are not face: crown above, and hair at each side."""


def draw_pictures(seeds: Iterable[int], episodes: int = 1) -> Iterator[FacePicture]:
    """Draw the middle of every shot of each seed's two series.

    Args:
        seeds: of the series.
        episodes: of each series.
    """
    for seed in seeds:
        for series in make_sample_series(seed):
            for number in range(1, episodes + 1):
                plan = plan_episode(series, number, episodes + 2, seed)
                for index, shot in enumerate(plan.shots):
                    renderer = ShotRenderer(shot, series.cast, series.style, SIZE)
                    middle = shot.frames // 2
                    heads = [box for box in renderer.find_heads(middle) if box is not None]
                    yield store_picture(
                        f"seed {seed}, {series.romaji} {number}, shot {index}",
                        np.asarray(renderer.render_picture(middle)),
                        _faces([head for head in heads if _side(head) >= MIN_HEAD]),
                        _faces([head for head in heads if _side(head) < MIN_HEAD]),
                    )


def _side(head: Box) -> float:
    return min(head[2] - head[0], head[3] - head[1])


def _faces(heads: list[Box]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the faces of heads, `(n, 4)`."""
    boxes = np.array(heads, np.float32).reshape(-1, 4)
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    boxes[:, 0] += np.float32(_SIDES) * width
    boxes[:, 2] -= np.float32(_SIDES) * width
    boxes[:, 1] += np.float32(_TOP) * height
    return boxes
