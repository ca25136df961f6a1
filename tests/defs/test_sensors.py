"""What happens by itself: the folder is followed, and work that was left is taken up."""

import os
from pathlib import Path

import dagster as dg
import pytest
from sample_videos import copy_indexed, new_workspace, reopen, write_film

from whenanime_pipeline.core.library.known_problems import update_problems
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs import sensors
from whenanime_pipeline.defs.orphaned_runs import INDEX_OWNER, OWNER_TAG, TRAIN_OWNER
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.defs.resources import LibraryResource
from whenanime_pipeline.orchestration.dagster_instance import open_instance


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    write_film(workspace.videos_folder / "Show - S01E01.mp4", seed=1)
    return workspace


@pytest.fixture
def indexed(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=1)


def _tick(
    sensor: dg.SensorDefinition, workspace: Workspace, cursor: str | None = None
) -> tuple[str, str | None]:
    """Evaluate a sensor once; return what it says and its cursor."""
    library = LibraryResource(
        home_folder=str(workspace.home.root), videos_folder=str(workspace.videos_folder)
    )
    with open_instance(workspace.home) as instance:
        context = dg.build_sensor_context(
            instance=instance, cursor=cursor, resources={"library": library}
        )
        data = sensor.evaluate_tick(context)
        assert not data.run_requests
        return str(data.skip_message), data.cursor


def _news(workspace: Workspace, asset: str) -> int:
    with open_instance(workspace.home) as instance:
        return len(instance.fetch_materializations(dg.AssetKey(asset), limit=100).records)


def test_a_file_is_indexed_when_two_scans_agree(workspace: Workspace) -> None:
    says, _ = _tick(sensors.watch_videos, workspace)
    assert "0 new" in says
    assert "1 being copied" in says
    assert _news(workspace, "video") == 0
    says, _ = _tick(sensors.watch_videos, workspace)
    assert "1 new" in says
    assert _news(workspace, "video") == 1
    with open_instance(workspace.home) as instance:
        assert len(instance.get_dynamic_partitions(EPISODE_PARTITIONS)) == 1


def test_a_file_that_grows_is_waited_for(workspace: Workspace) -> None:
    path = workspace.videos_folder / "Show - S01E01.mp4"
    whole = path.read_bytes()
    for part in (1000, 2000, 3000):
        path.write_bytes(whole[:part])
        assert "1 being copied" in _tick(sensors.watch_videos, workspace)[0]
    path.write_bytes(whole)
    assert "1 being copied" in _tick(sensors.watch_videos, workspace)[0]
    assert "1 new" in _tick(sensors.watch_videos, workspace)[0]


def test_notes_of_another_version_do_not_stop_the_watching(workspace: Workspace) -> None:
    workspace.home.unsettled_file.write_text('[{"path": 7}]')
    assert "1 being copied" in _tick(sensors.watch_videos, workspace)[0]
    assert "1 new" in _tick(sensors.watch_videos, workspace)[0]


def test_deleted_and_replaced_files_are_news_for_the_index(tmp_path: Path) -> None:
    workspace = copy_indexed(tmp_path, count=2)
    (workspace.videos_folder / "Show - S01E02.mp4").unlink()
    _tick(sensors.watch_videos, workspace)
    assert _news(workspace, "catalogue") == 1
    with open_instance(workspace.home) as instance:
        assert len(instance.get_dynamic_partitions(EPISODE_PARTITIONS)) == 1
    # What replaces it may be rubbish, which never gets features.
    (workspace.videos_folder / "Show - S01E01.mp4").write_text("rubbish")
    _tick(sensors.watch_videos, workspace)
    _tick(sensors.watch_videos, workspace)
    assert _news(workspace, "catalogue") == 2


def test_unfinished_work_is_resumed_at_intervals(
    indexed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.unlink(reopen(indexed).load_statuses()[0].features_file)  # noqa: PTH108
    before = _news(indexed, "video")
    # What is new is started by automation: it counts as left only at the second look.
    says, cursor = _tick(sensors.resume_work, indexed)
    assert says == "1 episodes have work to do, 0 were woken"
    says, cursor = _tick(sensors.resume_work, indexed, cursor)
    assert says == "1 episodes have work to do, 1 were woken"
    assert _news(indexed, "video") == before + 1
    says, cursor = _tick(sensors.resume_work, indexed, cursor)
    assert says == "1 episodes have work to do, 0 were woken"
    monkeypatch.setattr(sensors, "RETRIGGER_INTERVAL", 0.0)
    assert "1 were woken" in _tick(sensors.resume_work, indexed, cursor)[0]


def test_work_that_fails_again_and_again_is_resumed_ever_more_rarely(
    indexed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.unlink(reopen(indexed).load_statuses()[0].features_file)  # noqa: PTH108
    cursor, woken = None, []
    for hours in (0, 0.02, 0.15, 0.2, 0.8, 0.9, 3.4, 3.6, 14, 14.5, 23):
        monkeypatch.setattr(sensors, "time", lambda hours=hours: 1e9 + hours * 3600)
        says, cursor = _tick(sensors.resume_work, indexed, cursor)
        woken += [hours] * says.endswith("1 were woken")
    assert woken == [0.02, 0.2, 0.9, 3.6, 14.5]


def test_nothing_is_resumed_that_cannot_be_used(indexed: Workspace) -> None:
    os.unlink(reopen(indexed).load_statuses()[0].features_file)  # noqa: PTH108
    folder = str(indexed.videos_folder)
    for problems in ({"Show - S01E01.mp4": "cannot be read"}, {folder: "is away"}):
        update_problems(indexed.home.problems_file, problems)
        _, cursor = _tick(sensors.resume_work, indexed)
        says, _ = _tick(sensors.resume_work, indexed, cursor)
        assert "woken" not in says


def test_an_unpublished_index_is_published(indexed: Workspace) -> None:
    (indexed.home.snapshots / "LATEST").unlink()
    _, cursor = _tick(sensors.resume_work, indexed)
    says, _ = _tick(sensors.resume_work, indexed, cursor)
    assert "1 were woken" in says
    assert _news(indexed, "catalogue") == 1


def test_no_run_is_requested_while_one_is_active(indexed: Workspace) -> None:
    with open_instance(indexed.home) as instance:
        instance.create_run_for_job(
            definitions().resolve_job_def("publish"), status=dg.DagsterRunStatus.STARTED
        )
    assert _tick(sensors.resume_work, indexed)[0] == "work is going on"


def test_a_training_does_not_block_resuming(indexed: Workspace) -> None:
    """It may take hours; and one that was killed is no work at all."""
    with open_instance(indexed.home) as instance:
        train = definitions().resolve_job_def("train")
        tags: tuple[dict[str, str], ...] = ({}, {OWNER_TAG: TRAIN_OWNER})
        going, killed = (
            instance.create_run_for_job(train, status=dg.DagsterRunStatus.STARTED, tags=by)
            for by in tags
        )
    assert _tick(sensors.resume_work, indexed)[0] == "nothing was left"
    with open_instance(indexed.home) as instance:
        found = [instance.get_run_by_id(run.run_id) for run in (going, killed)]
    assert [run.status for run in found if run] == [
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.FAILURE,
    ]


def test_a_killed_index_run_does_not_block_concurrent_runs(indexed: Workspace) -> None:
    with open_instance(indexed.home) as instance:
        run = instance.create_run_for_job(
            definitions().resolve_job_def("publish"),
            status=dg.DagsterRunStatus.STARTED,
            tags={OWNER_TAG: INDEX_OWNER},
        )
    with indexed.home.lock("index"):  # it lives
        assert _tick(sensors.resume_work, indexed)[0] == "work is going on"
    assert _tick(sensors.resume_work, indexed)[0] == "nothing was left"
    with open_instance(indexed.home) as instance:
        found = instance.get_run_by_id(run.run_id)
        assert found
        assert found.status == dg.DagsterRunStatus.FAILURE
