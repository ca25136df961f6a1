"""Positive pairs of protocol S: pictures and their augmented views, made as the seed does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.retrieval.gallery import list_films, series_of
from whenanime_pipeline.core.learning.dataset.options import ViewOptions
from whenanime_pipeline.core.learning.pictures import SAME_PICTURE
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_pictures
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.search.frames.deduplication import signature

Picture = NDArray[np.uint8]

DRAWN = "drawn"
SPACING = 2.0
"""Seconds between two pictures of a film."""
_DRAWN_SIZE = (320, 180)
_DRAWN_SEED = 1 << 24
"""First seed of drawn pictures, far from those of training."""
_SCALE, _FLIP, _COLOR = 0.25, 0.2, 0.2
_SIZE = 224
"""Side of views, in pixels."""


@dataclass(frozen=True, slots=True)
class PositivePair:
    """A picture and its augmented view.

    Attributes:
        series: series of the film, or `drawn`.
        original: RGB picture of a library.
        view: its augmented view, `(224, 224, 3)`.
    """

    series: str
    original: Picture
    view: Picture


def real_pairs(library: Path, seed: int) -> list[PositivePair]:
    """Return pairs of a library's frames, two seconds apart, without repeated pictures."""
    frames = []
    for film in list_films(library):
        with FrameSampler(film, fps=1 / SPACING, threads=1) as sampler:
            frames += [(series_of(library, film), sample.picture) for sample in sampler]
    return _make_pairs(frames, seed)


def drawn_pairs(count: int, seed: int) -> list[PositivePair]:
    """Return pairs of at most `count` drawn pictures, without repeated ones."""
    drawn = draw_random_pictures(count, _DRAWN_SIZE, _DRAWN_SEED + seed)
    return _make_pairs(((DRAWN, picture) for picture in drawn), seed)


def deduplicate(cells: Sequence[Picture]) -> list[int]:
    """Return the indices of pictures that do not repeat an earlier one.

    Args:
        cells: `(36, 64)` signature of each picture.
    """
    kept = np.empty((len(cells), cells[0].size), np.int16) if cells else np.empty((0, 0), np.int16)
    places: list[int] = []
    for place, one in enumerate(cells):
        flat = one.ravel().astype(np.int16)
        earlier = kept[: len(places)]
        # |mean difference| ≤ mean |difference|: most pictures are ruled out by their means.
        near = (
            earlier[np.abs(earlier.mean(axis=1) - flat.mean()) < SAME_PICTURE]
            if places
            else earlier
        )
        if len(near) and np.abs(near - flat).mean(axis=1).min() < SAME_PICTURE:
            continue
        kept[len(places)] = flat
        places.append(place)
    return places


def _make_pairs(pictures: Iterable[tuple[str, Picture]], seed: int) -> list[PositivePair]:
    """Return pairs of pictures and views, without repeated pictures."""
    from whenanime_pipeline.core.learning.dataset.validation_views import augment_frame

    found = list(pictures)
    options = ViewOptions(size=_SIZE, scale=_SCALE, flip=_FLIP, color=_COLOR, seed=seed)
    pairs = []
    for place in deduplicate([signature(picture) for _, picture in found]):
        series, picture = found[place]
        digest = blake2b(picture.tobytes(), digest_size=16).hexdigest()
        pairs.append(PositivePair(series, picture, augment_frame(picture, options, digest)))
    return pairs
