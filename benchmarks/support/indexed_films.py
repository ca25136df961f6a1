"""Indexes the given films."""

from pathlib import Path

from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.index_process import run_index, use_model
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id


def index_and_open_library(room: BenchmarkContext, model: Path) -> SearchEngine:
    """Index the films' folder `library` by `index_home`, and open the published snapshot."""
    home = index_home(room, model)
    latest = read_latest_id(home.snapshots)
    assert latest is not None
    return SearchEngine.open(home.snapshots / latest)


def index_home(room: BenchmarkContext, model: Path) -> Home:
    """Index the films' folder `library` by `whenanime index`, into a home in the scratch folder.

    Raises:
        BenchmarkError: there is no such folder, or indexing failed.
    """
    home = Home(room.scratch / "home")
    use_model(home, model)
    done = run_index(home, room.library_folder)
    if done.exit_code or read_latest_id(home.snapshots) is None:
        raise BenchmarkError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return home
