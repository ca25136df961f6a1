"""A small drawn library, indexed by `whenanime index`, for benchmarks that need any at all."""

from pathlib import Path

from benchmarks.support.command import index
from benchmarks.support.room import BenchmarkError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.library import make_sample_library


def indexed_sample(folder: Path) -> tuple[Path, Path]:
    """Draw and index two series of one episode each.

    Args:
        folder: for both; what is there already is used.

    Returns:
        The home and the videos.

    Raises:
        BenchmarkError: it could not be indexed.
    """
    home, videos = folder / "home", folder / "videos"
    make_sample_library(videos, size=(640, 360), episodes=1)
    done = index(Home(home), videos)
    if done.exit_code:
        raise BenchmarkError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return home, videos
