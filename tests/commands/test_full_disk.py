"""A disk that fills up while indexing: a clear error, and nothing lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_videos import draw_shots, index, new_workspace, published_folder, write_film
from small_disks import mount_small_disk

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.up import run_up
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.workspace import Workspace


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mount_small_disk(tmp_path / "disk", 6) as folder:
        yield folder


def test_a_full_disk_is_reported_without_losing_work(tmp_path: Path, small_disk: Path) -> None:
    """The frames do not fit, then do: the published index goes on answering in between."""
    prepared = new_workspace(tmp_path)
    workspace = Workspace(Home(small_disk / "home"), prepared.videos_folder)
    prepared.home.models.rename(tmp_path / "models")
    workspace.home.root.mkdir()
    (workspace.home.root / "models").symlink_to(tmp_path / "models")
    write_film(workspace.videos_folder / "Show - S01E01.mp4", seed=1)
    assert index(workspace).indexed == 1

    room = small_disk / "ballast"
    write_film(workspace.videos_folder / "Show - S01E02.mp4", seed=2, seconds=30)
    _fill(room)
    with pytest.raises(CommandError, match=r"disk of .* is full; make room"):
        index(workspace)
    before = published_folder(workspace)
    engine = SearchEngine.open(before)
    assert engine.search(draw_shots(1, 6)[0])[0].episode.number == 1
    assert not list((workspace.home.root / "frames").rglob("*.part"))

    room.unlink()
    assert index(workspace).problems == {}
    assert published_folder(workspace) != before


def test_up_names_a_full_disk_too(tmp_path: Path, small_disk: Path) -> None:
    """Dagster's storage cannot even be made."""
    workspace = Workspace(Home(small_disk / "home"), new_workspace(tmp_path).videos_folder)
    workspace.home.lock("up")
    _fill(small_disk / "ballast")
    with pytest.raises(CommandError, match=r"disk of .* is full; make room"):
        run_up(workspace, host="127.0.0.1", port=1, dagster_port=1)


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
