"""The graph itself: what it holds, what it says, what it starts."""

from pathlib import Path

import dagster as dg
import pytest
from sample_videos import copy_indexed, index, new_workspace, write_film

from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs.library import retrigger_pending_work
from whenanime_pipeline.defs.orphaned_runs import INDEX_OWNER, OWNER_TAG, UP_OWNER, fail_runs_of
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS, EPISODES_PER_RUN
from whenanime_pipeline.orchestration.dagster_instance import open_instance
from whenanime_pipeline.orchestration.job_runner import batch_partitions


def test_each_asset_is_made_from_what_the_design_says() -> None:
    graph = definitions().resolve_asset_graph()
    made_from = {
        "video": set(),
        "catalogue": set(),
        "frames": {"video"},
        "features": {"frames", "model_in_use"},
        "themes": {"features", "catalogue"},
        "index": {"features", "catalogue", "themes"},
        "published_index": {"index"},
        "training_frames": {"video", "frames"},
        "dataset": {"training_frames", "catalogue"},
        "dataset_stats": {"dataset"},
        "validation_views": {"dataset"},
        "retrieval_model": {"dataset_stats", "validation_views"},
        "model_report": {"retrieval_model"},
        "model_in_use": {"model_report"},
        "theme_tagger": {"frames"},
        "faces": {"features"},
    }
    assert made_from == {
        name: {key.to_user_string() for key in graph.get(dg.AssetKey(name)).parent_keys}
        for name in made_from
    }


def test_every_asset_has_a_description() -> None:
    graph = definitions().resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        assert graph.get(key).description, key
        groups = {"library", "search", "themes", "learning", "characters"}
        assert graph.get(key).group_name in groups, key


def test_learning_assets_are_not_automated() -> None:
    graph = definitions().resolve_asset_graph()
    keys = [key for key in graph.get_all_asset_keys() if graph.get(key).group_name == "learning"]
    assert len(keys) == 8
    assert not any(graph.get(key).automation_condition for key in keys)


def test_runs_take_neighbours_and_not_too_many() -> None:
    known = [f"k{n:03d}" for n in range(100)]
    assert list(batch_partitions(known, set())) == []
    wanted = {*known[:40], known[50], *known[60:62]}
    assert list(batch_partitions(known, wanted)) == [
        known[:EPISODES_PER_RUN],
        known[EPISODES_PER_RUN:40],
        [known[50]],
        known[60:62],
    ]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    write_film(workspace.videos_folder / "Show - S01E01.mp4", seed=1)
    return workspace


@pytest.fixture
def indexed(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=1)


def test_an_indexed_episode_has_metadata_in_the_ui(
    indexed: Workspace,
) -> None:
    with open_instance(indexed.home) as instance:
        (key,) = instance.get_dynamic_partitions(EPISODE_PARTITIONS)
        for asset, names in {
            "video": {"file", "megabytes"},
            "frames": {"distinct frames", "seconds of video", "frames a second", "frames"},
            "features": {"frames", "frames a second"},
        }.items():
            event = instance.fetch_materializations(dg.AssetKey(asset), limit=1).records[0]
            assert event.asset_materialization
            assert event.asset_materialization.partition == key
            assert names <= set(event.asset_materialization.metadata), asset
        event = instance.fetch_materializations(dg.AssetKey("index"), limit=1).records[0]
        assert event.asset_materialization
        assert {"videos", "frames", "index megabytes"} <= set(event.asset_materialization.metadata)
        checks = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [
                dg.AssetCheckKey(dg.AssetKey("features"), "finite_and_unit_length"),
                dg.AssetCheckKey(dg.AssetKey("index"), "size_equals_rows"),
                dg.AssetCheckKey(dg.AssetKey("index"), "self_search_recall"),
                dg.AssetCheckKey(dg.AssetKey("index"), "local_features_whole"),
            ]
        )
        assert len(checks) == 4
        for record in checks.values():
            assert record.event
            assert record.event.dagster_event
            assert record.event.dagster_event.asset_check_evaluation_data.passed


def test_a_corrupt_episode_fails_its_run_by_name(workspace: Workspace) -> None:
    (workspace.videos_folder / "Show - S01E02.mp4").write_text("rubbish")
    index(workspace)
    with open_instance(workspace.home) as instance:
        failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        assert len(failed) == 1
        done = instance.get_materialized_partitions(dg.AssetKey("frames"))
        assert len(done) == 1


def test_dead_runs_are_marked_and_living_ones_are_not(workspace: Workspace) -> None:
    with open_instance(workspace.home) as instance:
        mine, other = (
            instance.create_run_for_job(
                definitions().resolve_job_def("publish"),
                status=dg.DagsterRunStatus.STARTED,
                tags=tags,
            )
            for tags in ({OWNER_TAG: INDEX_OWNER}, {})
        )
        assert [run.run_id for run in fail_runs_of(instance, {INDEX_OWNER})] == [mine.run_id]
        found = instance.get_run_by_id(other.run_id)
        assert found
        assert found.status == dg.DagsterRunStatus.STARTED
        assert len(fail_runs_of(instance, {INDEX_OWNER, UP_OWNER})) == 1


def test_unfinished_work_is_reported_again(indexed: Workspace) -> None:
    next((indexed.home.root / "features").rglob("*.parquet")).unlink()
    with open_instance(indexed.home) as instance:
        before = len(instance.fetch_materializations(dg.AssetKey("video"), limit=10).records)
        assert retrigger_pending_work(instance, indexed) == 1
        after = len(instance.fetch_materializations(dg.AssetKey("video"), limit=10).records)
        assert after == before + 1
