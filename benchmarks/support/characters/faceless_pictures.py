"""Pictures without an anime face: frames of open films, and painted backgrounds."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.support.characters.pictures import FacePicture, store_picture
from benchmarks.support.characters.still_pictures import load_picture
from whenanime_pipeline.core.media.frame_sampler import FrameSampler


def load_backgrounds(folder: Path) -> list[FacePicture]:
    """Return the pictures of a folder."""
    return [store_picture(path.name, load_picture(path)) for path in sorted(folder.glob("*.jpg"))]


def sample_films(films: Iterable[Path], interval: float) -> Iterator[FacePicture]:
    """Yield frames of films.

    Args:
        films: files of videos.
        interval: seconds from one frame to the next.
    """
    for film in films:
        with FrameSampler(film, fps=1 / interval, threads=1) as sampler:
            for sample in sampler:
                yield store_picture(f"{film.name} at {sample.time:.1f} s", sample.picture)
