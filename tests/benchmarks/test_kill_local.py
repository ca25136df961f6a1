"""`whenanime index` killed at moments of making local features that are over in milliseconds."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sample_videos import (
    draw_shots,
    episode_path,
    index,
    new_workspace,
    published_folder,
    write_film,
)

from benchmarks.support.home_comparison import (
    compare_homes,
    file_stamps,
    is_same_graph,
    read_dagster_history,
)
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.workspace import Workspace

_OLD, _NEW = 1, 2
_SECONDS = 35.0
"""Of the new video: 70 shots, more keyframes than are described at once."""

# The run ends itself: nobody outside could meet the moment, and to the system it is one end.
_KILLED = """
import os, signal, sys
moment, home, videos, *sys.path[:0] = sys.argv[1:]
from pathlib import Path
from sample_videos import index
from whenanime_pipeline.commands.progress import ProgressReporter
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.workspace import Workspace

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def on_local_features_progress(reporter, done, frames):
    if moment == "some are described" and done < frames:
        kill()

def audit(event, arguments):
    written = str(arguments[0]) if event == "os.rename" else ""
    if "/local/" in written and written.endswith(".npz.part"):
        if moment == "half of them is written":
            os.truncate(arguments[0], os.path.getsize(arguments[0]) // 2)
            kill()
        if moment == "they are written and not in place":
            kill()
    if event == "open" and str(arguments[0]).endswith("local/000002/geometry.npy"):
        if moment == "they are being sorted by words":
            kill()

ProgressReporter.on_local_features_progress = on_local_features_progress
sys.addaudithook(audit)
index(Workspace(Home(Path(home)), Path(videos)))
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A library with one video in its index, and another one that is new."""
    workspace = new_workspace(tmp_path_factory.mktemp("killed"))
    write_film(episode_path(workspace, _OLD), seed=_OLD)
    index(workspace)
    write_film(episode_path(workspace, _NEW), seed=_NEW, seconds=_SECONDS)
    return workspace


@pytest.fixture(scope="module")
def uninterrupted(start: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Its home when the new one is in the index too."""
    workspace = _copy(start, tmp_path_factory.mktemp("uninterrupted"))
    assert index(workspace).problems == {}
    return workspace.home


def _copy(workspace: Workspace, folder: Path) -> Workspace:
    home = Home(folder / "home")
    shutil.copytree(workspace.home.root, home.root)
    return Workspace(home, workspace.videos_folder)


def _left(home: Home) -> tuple[int, int, bool]:
    """Count the local features that are there and parts of some; tell if an index is begun."""
    made, parts = home.root.glob("local/*/*/*.npz"), home.root.glob("local/*/*/.*.part")
    building = home.snapshots / ".building" / "local" / "000002"
    return len(list(made)), len(list(parts)), building.exists()


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        ("some are described", (1, 0, False)),
        ("half of them is written", (1, 1, False)),
        ("they are written and not in place", (1, 1, False)),
        ("they are being sorted by words", (2, 0, True)),
    ],
)
def test_local_features_that_were_cut_off_end_as_if_they_had_not_been(
    moment: str, left: tuple[int, int, bool], start: Workspace, uninterrupted: Home, tmp_path: Path
) -> None:
    workspace = _copy(start, tmp_path)
    home = workspace.home
    command = [sys.executable, "-c", _KILLED, moment, str(home.root), str(workspace.videos_folder)]
    killed = subprocess.run([*command, *filter(None, sys.path)], check=False, timeout=240)
    assert (killed.returncode, _left(home)) == (-signal.SIGKILL, left)
    made = file_stamps(home)
    assert len(made) == 4 + left[0]  # frames and features of both videos

    # What was published before answers as before.
    live = LiveEngine(home.root)
    engine = live.engine()
    assert (live.problem, published_folder(workspace).name) == (None, published_folder(start).name)
    assert engine
    assert engine.search(draw_shots(_OLD, 6)[2])[0].episode.number == _OLD

    assert index(workspace).problems == {}
    assert compare_homes(home, uninterrupted) == []
    assert is_same_graph(home, uninterrupted)
    assert read_manifest(published_folder(workspace)).sequence == 2
    assert {name: stamp for name, stamp in file_stamps(home).items() if name in made} == made
    news = read_dagster_history(home)
    assert max(news.work_counts.values()) == 1
    assert news.unfinished_runs == 0
    assert index(workspace).published is False
