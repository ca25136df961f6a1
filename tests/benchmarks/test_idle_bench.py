"""Sensors without news leave nothing, over hours of simulated time."""

import json
import logging
import sqlite3
from pathlib import Path

import pytest
from sample_videos import index, new_workspace, write_film

from benchmarks.support.simulated_daemon import STEP, SimulatedDaemon
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.orchestration.tick_storage import KEPT_INTERVAL

SETTLING = 8 * STEP
WHILE = KEPT_INTERVAL
"""Simulated seconds: 60 scans of the folder, 30 ticks of automation, 15 of `resume_work`."""
KEPT_ROWS = 3 * 3
"""Rows that three sensors may store in that time."""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = new_workspace(tmp_path)
    write_film(workspace.videos_folder / "Show" / "Show - S01E01.mp4", seed=1)
    index(workspace)
    monkeypatch.setenv("WHENANIME_HOME", str(workspace.home.root))
    monkeypatch.setenv("WHENANIME_VIDEOS", str(workspace.videos_folder))
    return workspace


@pytest.fixture
def daemon(workspace: Workspace) -> SimulatedDaemon:
    return SimulatedDaemon(workspace)


def _count_ticks(workspace: Workspace) -> dict[str, int]:
    database = workspace.home.dagster / "schedules" / "schedules.db"
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT status, count(*) FROM job_ticks GROUP BY status")
        return dict(rows.fetchall())


def _list_files(workspace: Workspace) -> set[Path]:
    return {path for path in workspace.home.root.rglob("*") if path.is_file()}


def _check_that_nothing_grows(workspace: Workspace, daemon: SimulatedDaemon) -> None:
    daemon.run_for(SETTLING)
    files, ticks = _list_files(workspace), _count_ticks(workspace)
    assert daemon.run_for(WHILE) * STEP == WHILE
    assert len(_list_files(workspace) - files) <= 2
    assert sum(_count_ticks(workspace).values()) - sum(ticks.values()) <= KEPT_ROWS
    assert "FAILURE" not in _count_ticks(workspace)


def _problems(workspace: Workspace) -> dict[str, str]:
    found: dict[str, str] = json.loads(workspace.home.problems_file.read_text())
    return found


def test_files_that_cannot_be_used_are_reported_once(
    workspace: Workspace, daemon: SimulatedDaemon, caplog: pytest.LogCaptureFixture
) -> None:
    show = workspace.videos_folder / "Show"
    (show / "Show - S01E02.mp4").touch()
    (show / "tvshow.nfo").write_text("<tvshow><title>Show")
    with caplog.at_level(logging.INFO, "dagster"):
        _check_that_nothing_grows(workspace, daemon)
    assert len(_problems(workspace)) == 2
    (show / "Show - S01E02.mp4").unlink()
    (show / "tvshow.nfo").unlink()
    daemon.run_for(SETTLING)
    assert _problems(workspace) == {}
    logs = list((workspace.home.dagster / "storage").glob("*/watch_videos/*.err"))
    assert len(logs) == 3  # the NFO file; the video once it is steady; that both are gone


def test_a_folder_that_is_away_is_reported_once(
    workspace: Workspace, daemon: SimulatedDaemon
) -> None:
    daemon.run_for(SETTLING)
    away = workspace.videos_folder.rename(workspace.videos_folder.with_name("away"))
    next(workspace.home.root.glob("features/*/*/*")).unlink()  # so that work is left, too
    _check_that_nothing_grows(workspace, daemon)
    assert list(_problems(workspace)) == [str(workspace.videos_folder)]
    away.rename(workspace.videos_folder)
    daemon.run_for(STEP)
    assert _problems(workspace) == {}


def test_a_broken_configuration_is_reported_once(
    workspace: Workspace, daemon: SimulatedDaemon
) -> None:
    workspace.home.config_file.write_text("[library\n")
    _check_that_nothing_grows(workspace, daemon)
    assert list(_problems(workspace)) == [str(workspace.home.config_file)]


def test_a_new_file_is_stored_and_starts_a_run_at_once(
    workspace: Workspace, daemon: SimulatedDaemon
) -> None:
    daemon.run_for(SETTLING)
    before = _count_ticks(workspace).get("SUCCESS", 0)
    write_film(workspace.videos_folder / "Show" / "Show - S01E02.mp4", seed=3)
    daemon.run_for(4 * STEP)
    assert _count_ticks(workspace).get("SUCCESS", 0) == before + 1
