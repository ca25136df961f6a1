"""Writes single pictures as films, ten seconds each, for the real pipeline to index."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.home import Home

Picture = NDArray[np.uint8]

SECONDS_PER_PICTURE = 10
"""Seconds from one picture to the next: too far apart to be merged into one scene."""
# Lossless, so that storing the frames is the only lossy step.
_CODEC, _FORMAT = "ffv1", "bgr0"
_SETTINGS = f"[sampling]\nfps = {1 / SECONDS_PER_PICTURE}\nsimilarity_threshold = 0.0\n"


def write_picture_films(pictures: Sequence[Picture], folder: Path) -> dict[str, list[int]]:
    """Write pictures as films, one for each size of pictures.

    Args:
        pictures: RGB pictures.
        folder: folder of the films, made if missing.

    Returns:
        Name of each film → the numbers of its pictures, in order of time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sizes: dict[tuple[int, ...], list[int]] = {}
    for number, picture in enumerate(pictures):
        sizes.setdefault(picture.shape[:2], []).append(number)
    films = {}
    for (height, width), numbers in sizes.items():
        name = f"{width}x{height}.mkv"
        _write(folder / name, [pictures[number] for number in numbers])
        films[name] = numbers
    return films


def picture_at(films: dict[str, list[int]], path: str, second: float) -> int:
    """Return the number of the picture at a second of a film."""
    numbers = films[path]
    return numbers[min(len(numbers) - 1, max(0, round(second / SECONDS_PER_PICTURE)))]


def configure_sampling(home: Home) -> None:
    """Configure a home to sample each picture of such films once, and to keep all."""
    write_text(home.config_file, _SETTINGS)


def _write(path: Path, pictures: Sequence[Picture]) -> None:
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as output:
        video = output.add_stream(_CODEC, rate=Fraction(1, SECONDS_PER_PICTURE))
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = width, height, _FORMAT
        video.time_base = Fraction(1)
        for place, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=_FORMAT)
            frame.pts, frame.time_base = place * SECONDS_PER_PICTURE, Fraction(1)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
