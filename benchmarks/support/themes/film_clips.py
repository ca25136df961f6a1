"""Cuts of films: their pictures on the grid of drawings, and their own sound."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.support.context import BenchmarkError
from benchmarks.support.themes.instruments import RATE, Sound
from benchmarks.support.themes.scenery import HEIGHT, WIDTH, Image
from benchmarks.support.themes.shots import DRAWINGS


@dataclass(frozen=True, slots=True)
class FilmCut:
    """A part of a film.

    Attributes:
        path: of the film.
        start: second at which the part begins.
        seconds: its length.
    """

    path: Path
    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class FilmMontage:
    """Parts of films, one after the other; a source of pictures and of sound.

    Attributes:
        cuts: the parts; all but the last are whole numbers of drawings long.
    """

    cuts: tuple[FilmCut, ...]

    def draw(self, number: int) -> Image:
        """Return the picture of a drawing's number."""
        for cut in self.cuts:
            count = round(cut.seconds * DRAWINGS)
            if number < count or cut is self.cuts[-1]:
                pictures = read_pictures(cut)
                picture: Image = pictures[min(number, len(pictures) - 1)].copy()
                return picture
            number -= count
        raise BenchmarkError("a montage without cuts")

    def read(self, start: int, count: int) -> Sound:
        """Return samples, and silence where a film has none."""
        part: Sound = read_sound(self.cuts)[start : start + count]
        return np.pad(part, (0, count - len(part)))


@lru_cache(maxsize=8)
def read_pictures(cut: FilmCut) -> NDArray[np.uint8]:
    """Return the `(n, HEIGHT, WIDTH, 3)` pictures of a cut, `DRAWINGS` a second.

    Raises:
        BenchmarkError: the film ends before the cut does.
    """
    wanted = cut.start + np.arange(round(cut.seconds * DRAWINGS)) / DRAWINGS
    pictures: list[Image] = []
    with av.open(str(cut.path)) as container:
        stream = container.streams.video[0]
        container.seek(int(cut.start * av.time_base))
        for frame in container.decode(stream):
            end = float(frame.time or 0) + 1.5 / float(stream.average_rate or 24)
            if len(pictures) < len(wanted) and wanted[len(pictures)] < end:
                picture = _fit(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False))
                while len(pictures) < len(wanted) and wanted[len(pictures)] < end:
                    pictures.append(picture)
            if len(pictures) == len(wanted):
                stacked: NDArray[np.uint8] = np.stack(pictures)
                return stacked
    raise BenchmarkError(f"{cut.path}: ends before {cut.start + cut.seconds:.2f} s")


@lru_cache(maxsize=8)
def read_sound(cuts: tuple[FilmCut, ...]) -> Sound:
    """Return the samples of several cuts."""
    return np.concatenate([_read_cut(cut) for cut in cuts])


def _read_cut(cut: FilmCut) -> Sound:
    samples = read_film_sound(cut.path)
    first, count = round(cut.start * RATE), round(cut.seconds * RATE)
    part = samples[first : first + count]
    return np.pad(part, (0, count - len(part)))


@lru_cache(maxsize=24)
def read_film_sound(path: Path) -> Sound:
    """Return all samples of a film, at `RATE`; none if it has no sound."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return np.zeros(0, np.float32)
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def read_seconds(path: Path) -> float:
    """Return the length of a film's picture."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        return float(stream.duration * stream.time_base)


def _fit(picture: Image) -> Image:
    """Return a picture cut to 16:9 and scaled."""
    height, width = picture.shape[:2]
    if width * HEIGHT > height * WIDTH:
        left = (width - height * WIDTH // HEIGHT) // 2
        picture = picture[:, left : width - left]
    else:
        top = (height - width * HEIGHT // WIDTH) // 2
        picture = picture[top : height - top]
    scaled: Image = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return scaled
