"""Makes a library of the given films, films altered from them, and drawn episodes."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.support.altered_films import SIZE, ShotPool, write_film
from whenanime_pipeline.core.sample.sample_library import make_sample_library

_SEASON = 25
"""Episodes of a series."""
ALTERED_PREFIX = "Altered"
"""Prefix of the names of altered series."""


def make_library(
    given: Path,
    videos: Path,
    *,
    films: int,
    episodes: int,
    seed: int,
    log: Callable[[str], None],
) -> None:
    """Fill a videos folder; existing files are kept.

    Args:
        given: videos folder with the given films, which are linked to.
        videos: folder to fill.
        films: number of altered films, two minutes each.
        episodes: number of drawn episodes of each of the sample's two series, a minute each.
        seed: seed of all films and episodes.
        log: takes one line of progress.
    """
    videos.mkdir(parents=True, exist_ok=True)
    for path in sorted(path for path in given.iterdir() if path.is_dir()):
        if not (videos / path.name).is_symlink():
            (videos / path.name).symlink_to(path.resolve(), target_is_directory=True)
    if episodes:
        log("drawing episodes")
        make_sample_library(videos, size=SIZE, seed=seed, episodes=episodes, jobs=1)
    lacking = [number for number in range(films) if not _film(videos, number).exists()]
    if not lacking:
        return
    log("cutting the films into shots")
    shots = ShotPool.from_films(sorted(path for path in given.rglob("*.mp4") if path.is_file()))
    for number in lacking:
        log(f"making film {number + 1} of {films}")
        write_film(shots.compose_film(number, seed), _film(videos, number))


def _film(videos: Path, number: int) -> Path:
    series, episode = divmod(number, _SEASON)
    name = f"{ALTERED_PREFIX} {series + 1}"
    return videos / name / "Season 01" / f"{name} - S01E{episode + 1:02d}.mp4"
