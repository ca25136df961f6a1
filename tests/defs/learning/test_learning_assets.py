"""Learning as its operator has it in the UI: what is recorded, kept, and done again."""

import errno
import sys
from importlib.util import find_spec
from pathlib import Path

import dagster as dg
import pytest
from learning_library import copy_trained_library, make_learning_library, run_training
from learning_runs import failure_description, materialize, read_materializations
from sample_videos import new_workspace, reopen, write_film

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import find_prevailing_options
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs.jobs import TRAIN_JOB, is_learning_run
from whenanime_pipeline.defs.learning import (
    dataset,
    dataset_stats,
    model_report,
    retrieval_model,
    training_frames,
    validation_views,
)
from whenanime_pipeline.defs.learning_config import (
    DatasetConfig,
    TrainingFramesConfig,
    ViewsConfig,
)
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.orchestration.dagster_instance import open_instance


def test_each_learning_asset_has_metadata_in_the_ui(
    workspace: Workspace, outcome: TrainOutcome
) -> None:
    for asset, names in {
        "training_frames": {"file", "training frames", "frames", "frames a second"},
        "dataset": {"training frames", "validation frames", "left out, equal to another",
                    "left out, also in training", "left out, show nothing", "episodes", "warnings"},
        "dataset_stats": {"red, mean", "blue, deviation", "frames measured"},
        "validation_views": {"views", "made now", "pairs"},
        "retrieval_model": {"model", "curves", "loss curve", "sample batch", "best MRR", "options"},
        "model_report": {"model", "figures", "all models", "MRR", "MRR of the other"},
    }.items():  # fmt: skip
        assert names <= set(read_materializations(workspace, asset)[0].metadata), asset
    event = read_materializations(workspace, "retrieval_model")[0]
    assert event.metadata["model"].value == outcome.model.id
    assert (event.tags or {})["dagster/data_version"] == outcome.model.id
    for asset in ("training_frames", "validation_views", "retrieval_model", "model_report"):
        for name, value in read_materializations(workspace, asset)[0].metadata.items():
            assert len(str(value.value)) < 140_000, f"{asset}: {name} is too large for the UI"


def test_an_episode_is_recorded_once(workspace: Workspace, outcome: TrainOutcome) -> None:
    recorded = read_materializations(workspace, "training_frames")
    with open_instance(workspace.home) as instance:
        assert sorted(str(event.partition) for event in recorded) == sorted(
            instance.get_dynamic_partitions(EPISODE_PARTITIONS)
        )
    assert all(event.metadata["training frames"].value == 6 for event in recorded)


def test_curves_move_while_it_trains(workspace: Workspace, outcome: TrainOutcome) -> None:
    """Every epoch, and what was before the first, is an observation with numbers."""
    with open_instance(workspace.home) as instance:
        records = instance.fetch_observations(retrieval_model.key, limit=100).records
        rows = [r.asset_observation.metadata for r in reversed(records) if r.asset_observation]
    assert [row["epoch"].value for row in rows[:3]] == [0, 1, 2]
    assert "loss" not in rows[0]
    for row in rows[1:3]:
        assert {type(row[name].value) for name in ("loss", "top-1", "MRR")} == {float}


def test_checks_are_recorded_without_blocking(workspace: Workspace, outcome: TrainOutcome) -> None:
    names = {check.name for check in outcome.report.checks}
    assert names == {"loss_finite", "better_than_in_use", "export_equal"}
    with open_instance(workspace.home) as instance:
        keys = [dg.AssetCheckKey(model_report.key, name) for name in names]
        records = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
        found = {}
        for key, record in records.items():
            assert record.event
            assert record.event.dagster_event
            found[key.name] = record.event.dagster_event.asset_check_evaluation_data
        assert not instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
    assert {name: one.passed for name, one in found.items()} == {
        check.name: check.passed for check in outcome.report.checks
    }
    assert found["better_than_in_use"].severity == dg.AssetCheckSeverity.WARN
    assert found["export_equal"].severity == dg.AssetCheckSeverity.ERROR
    assert not any(one.blocking for one in found.values())


def test_a_training_does_not_embed_or_adopt(workspace: Workspace, outcome: TrainOutcome) -> None:
    assert not (workspace.home.root / "features").exists()
    assert not outcome.model.in_use
    assert not read_materializations(workspace, "index")


def test_the_same_question_is_answered_without_work(
    workspace: Workspace, outcome: TrainOutcome
) -> None:
    before = len(read_materializations(workspace, "training_frames"))
    second = run_training(workspace)
    assert (second.is_new, second.model.id) == (False, outcome.model.id)
    assert len(read_materializations(workspace, "training_frames")) == before
    assert "work" in read_materializations(workspace, "retrieval_model")[0].metadata


def test_only_what_changed_is_made_again(tmp_path: Path) -> None:
    workspace, first = copy_trained_library(tmp_path)
    stored = {path: path.stat().st_mtime_ns for path in _frames(workspace)}
    write_film(workspace.videos_folder / "Show - S01E05.mp4", seed=5, seconds=5)
    second = run_training(workspace, epochs=1)
    assert (second.is_new, second.model.id != first.model.id) == (True, True)
    assert len(_frames(workspace)) == 5
    assert {path: path.stat().st_mtime_ns for path in stored} == stored
    assert second.dataset.id != first.dataset.id
    # And an episode that goes leaves the dataset too.
    (workspace.videos_folder / "Show - S01E05.mp4").unlink()
    third = run_training(workspace)
    assert (third.is_new, third.model.id, third.dataset.id) == (
        False, first.model.id, first.dataset.id,
    )  # fmt: skip


def test_a_choice_made_in_the_ui_is_kept_by_the_command(tmp_path: Path) -> None:
    workspace, _ = copy_trained_library(tmp_path)
    with open_instance(workspace.home) as instance:
        keys = instance.get_dynamic_partitions(EPISODE_PARTITIONS)
    config = {"training_frames": TrainingFramesConfig(count=6, head=20.0)}
    tags = {
        "dagster/asset_partition_range_start": keys[0],
        "dagster/asset_partition_range_end": keys[-1],
    }
    assert materialize(reopen(workspace), [training_frames], config, tags=tags).success
    stored = {path: path.stat().st_mtime_ns for path in _frames(workspace)}
    write_film(workspace.videos_folder / "Show - S01E05.mp4", seed=5, seconds=5)
    outcome = run_training(workspace, epochs=1)
    assert {path: path.stat().st_mtime_ns for path in stored} == stored
    assert find_prevailing_options(workspace.home, workspace.load_statuses()) == FrameOptions(
        count=6, head=20.0
    )
    assert not any("different" in warning for warning in outcome.dataset.warnings)


def test_split_and_views_chosen_in_the_ui_are_kept_by_the_command(tmp_path: Path) -> None:
    workspace, first = copy_trained_library(tmp_path)
    assert list(first.dataset_options.format_changes()) == [
        "training_frames as chosen: count 6 instead of 10"
    ]
    config = {"dataset": DatasetConfig(share=0.5), "validation_views": ViewsConfig(size=64, flip=0)}
    assert materialize(workspace, [dataset, dataset_stats, validation_views], config).success
    made = load_dataset(workspace.home)
    again = run_training(workspace, epochs=1)
    assert (again.dataset.id, again.dataset.options) == (made.id, SplitOptions(share=0.5))
    with StoredViews(views_file(workspace.home)) as views:
        assert views.options == ViewOptions(size=64, flip=0)
    assert list(again.dataset_options.format_changes())[1:] == [
        "dataset as chosen: share 0.5 instead of 0.2",
        "validation_views as chosen: size 64 instead of 224, flip 0 instead of 0.2",
    ]


def test_a_training_whose_model_was_not_written_yet_is_no_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the last epoch is over: what is left to do is done now."""
    workspace = make_learning_library(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(
            "whenanime_pipeline.core.learning.training.model_training.write_model", full
        )
        with pytest.raises(CommandError, match="No space left"):
            run_training(workspace, epochs=1)
    assert run_training(workspace, epochs=1).is_new
    assert not run_training(workspace, epochs=1).is_new


def _frames(workspace: Workspace) -> list[Path]:
    return sorted((workspace.home.dataset / "frames").glob("*.arrow"))


def test_an_unreadable_episode_fails_by_name_without_affecting_others(tmp_path: Path) -> None:
    workspace = make_learning_library(tmp_path, count=3)
    (workspace.videos_folder / "Show - S01E04.mp4").write_text("rubbish")
    outcome = run_training(workspace, epochs=1)
    assert set(outcome.problems) == {"Show - S01E04.mp4"}
    assert len(read_materializations(workspace, "training_frames")) == 3
    # One that is taken away before its training frames are: the others are recorded, it is named.
    (workspace.videos_folder / "Show - S01E02.mp4").unlink()
    with open_instance(workspace.home) as instance:
        keys = sorted(instance.get_dynamic_partitions(EPISODE_PARTITIONS))
    config = {"training_frames": TrainingFramesConfig(count=4)}
    tags = {
        "dagster/asset_partition_range_start": keys[0],
        "dagster/asset_partition_range_end": keys[-1],
    }
    result = materialize(reopen(workspace), [training_frames], config, tags=tags)
    assert not result.success
    assert "Show - S01E02.mp4: " in failure_description(result)
    assert "Show - S01E01.mp4: " not in failure_description(result)
    taken = [
        e
        for e in read_materializations(workspace, "training_frames")
        if e.metadata.get("training frames")
    ]
    assert [e.metadata["training frames"].value for e in taken[:2]] == [4, 4]


@pytest.mark.parametrize("asset", [validation_views, retrieval_model, model_report])
def test_a_missing_torch_is_reported_in_the_ui_with_instructions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asset: dg.AssetsDefinition
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # as Python has it, no import finds it now
    assert find_spec("torch") is None
    said = failure_description(materialize(new_workspace(tmp_path), [asset], {}))
    assert said.startswith('torch: not installed here; pip install "whenanime[train]"')
    (description,) = asset.descriptions_by_key.values()
    assert 'pip install "whenanime[train]"' in description


def test_missing_inputs_are_reported_in_the_ui(tmp_path: Path) -> None:
    workspace = make_learning_library(tmp_path, count=1)
    result = materialize(workspace, [dataset], {})
    (event,) = (event for event in result.all_node_events if event.is_step_failure)
    assert event.step_failure_data.error
    assert event.step_failure_data.error.cause
    assert "DatasetError" in event.step_failure_data.error.cause.message


def test_learning_does_not_count_as_work_on_the_index(workspace: Workspace) -> None:
    graph = definitions()
    with open_instance(workspace.home) as instance:
        whole = graph.resolve_implicit_global_asset_job_def()

        def run(job: dg.JobDefinition, *keys: str) -> dg.DagsterRun:
            chosen = frozenset(map(dg.AssetKey, keys)) or None
            return instance.create_run_for_job(job, asset_selection=chosen)

        assert is_learning_run(run(graph.resolve_job_def(TRAIN_JOB)))
        assert is_learning_run(run(whole, "retrieval_model", "model_report"))
        assert not is_learning_run(run(whole, "retrieval_model", "index"))
        assert not is_learning_run(run(graph.resolve_job_def("publish")))
        for one in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED])):
            instance.delete_run(one.run_id)
