"""Draws and indexes a small library, for benchmarks that need any library."""

from pathlib import Path

from benchmarks.support.context import BenchmarkError
from benchmarks.support.index_process import run_index
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.sample_library import make_sample_library


def index_sample(folder: Path) -> tuple[Path, Path]:
    """Draw and index two series of one episode each.

    Args:
        folder: folder for videos and home; existing files are used.

    Returns:
        The home and the videos folder.

    Raises:
        BenchmarkError: indexing failed.
    """
    home, videos = folder / "home", folder / "videos"
    make_sample_library(videos, size=(640, 360), episodes=1)
    done = run_index(Home(home), videos)
    if done.exit_code:
        raise BenchmarkError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return home, videos
