"""Measures how often a model retrieves the right frame of a film, by exact search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from whenanime_pipeline.core.learning.pictures import (
    Picture,
    make_thumbnail,
    same_picture,
    squeeze_to_square,
)
from whenanime_pipeline.core.learning.training.screenshot_augmentation import make_screenshot_view
from whenanime_pipeline.core.media.frame_sampler import FrameSampler

Embed = Callable[[Sequence[Picture]], NDArray[np.float32]]

TIME_TOLERANCE = 0.5
"""Seconds by which a right answer may be off."""
_QUERY_FPS = 0.77
"""Queries per second: no simple ratio to the gallery's rate, so that queries fall between its
frames."""
_QUERY_SIDE = 480
"""Longer side of queries, in pixels."""
_QUERY_QUALITY = 75
"""JPEG quality of queries."""
_FLAT_DEVIATION = 12.0
"""Standard deviation of gray levels below which a frame is no query."""


@dataclass(frozen=True)
class LabelledFrames:
    """Pictures labelled with film and time.

    Attributes:
        pictures: RGB pictures of any size.
        thumbnails: `(n, 36, 64)` gray thumbnails.
        films: `(n,)` numbers of the films.
        times: `(n,)` presentation times in seconds.
    """

    pictures: Sequence[Picture]
    thumbnails: Picture
    films: NDArray[np.int64]
    times: NDArray[np.float64]


def read_gallery(
    films: Sequence[Path], *, fps: float = 8.0, long_side: int = 320
) -> LabelledFrames:
    """Read the frames that an index of the films would contain, near-duplicates included.

    Args:
        films: paths of videos.
        fps: frames sampled per second.
        long_side: longer side of the frames, in pixels.

    Raises:
        MediaError: a file cannot be decoded.
    """
    return _read(films, fps, long_side, lambda picture: picture)


def read_queries(films: Sequence[Path]) -> LabelledFrames:
    """Read queries: frames between the gallery's, encoded as JPEG, without flat ones.

    Args:
        films: paths of videos.

    Raises:
        MediaError: a file cannot be decoded.
    """
    return _read(films, _QUERY_FPS, _QUERY_SIDE, _encode_screenshot)


def edit_queries(
    queries: LabelledFrames, *, size: int, mild: float, seed: int = 0
) -> LabelledFrames:
    """Edit queries by `make_screenshot_view`, keeping their labels.

    Args:
        queries: queries to edit.
        size: side of the resulting squares in pixels.
        mild: share that is only compressed a little, 0 to 1.
        seed: seed of the edits.
    """
    squares = np.stack(
        [squeeze_to_square(picture, size + size // 3) for picture in queries.pictures]
    )
    planes = torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255
    views = make_screenshot_view(planes, Generator().manual_seed(seed), size=size, mild=mild)
    changed = (views * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return replace(queries, pictures=list(changed))


@dataclass(frozen=True)
class SearchHits:
    """The nearest frame of each query.

    Attributes:
        similarity: `(n,)` cosines.
        right: `(n,)`, whether it is of the right film within `TIME_TOLERANCE`, or looks the same.
    """

    similarity: NDArray[np.float32]
    right: NDArray[np.bool_]

    @property
    def top1(self) -> float:
        """Share of queries whose nearest frame is right, 0 to 1."""
        return float(self.right.mean())


def search_exact(
    queries: LabelledFrames,
    gallery: LabelledFrames,
    query_vectors: NDArray[np.float32],
    gallery_vectors: NDArray[np.float32],
) -> SearchHits:
    """Find the nearest frame of each query by exhaustive search.

    Args:
        queries: labelled queries.
        gallery: labelled gallery.
        query_vectors: `(queries, d)` of unit length.
        gallery_vectors: `(gallery, d)` of unit length.
    """
    similarity = query_vectors @ gallery_vectors.T
    best = similarity.argmax(1)
    in_time = np.abs(gallery.times[best] - queries.times) <= TIME_TOLERANCE
    right = (gallery.films[best] == queries.films) & in_time
    for number in np.flatnonzero(~right):
        right[number] = same_picture(queries.thumbnails[number], gallery.thumbnails[best[number]])
    return SearchHits(similarity.max(1), right)


def _read(
    films: Sequence[Path], fps: float, long_side: int, change: Callable[[Picture], Picture | None]
) -> LabelledFrames:
    """Read sampled frames of films, dropping those for which `change` returns None."""
    found: list[tuple[Picture, int, float]] = []
    for number, film in enumerate(films):
        with FrameSampler(film, fps=fps, long_side=long_side) as sampler:
            for sample in sampler:
                picture = change(sample.picture)
                if picture is not None:
                    found.append((picture, number, sample.time))
    return LabelledFrames(
        pictures=[picture for picture, _, _ in found],
        thumbnails=np.stack([make_thumbnail(picture) for picture, _, _ in found]),
        films=np.array([film for _, film, _ in found], np.int64),
        times=np.array([time for _, _, time in found]),
    )


def _encode_screenshot(picture: Picture) -> Picture | None:
    """Return a picture after JPEG compression; None if it is flat."""
    if cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).std() < _FLAT_DEVIATION:
        return None
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUERY_QUALITY])
    screenshot: Picture | None = cv2.imdecode(code, cv2.IMREAD_COLOR)
    return screenshot
