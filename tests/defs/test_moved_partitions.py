"""Episodes whose key changes keep their history in Dagster, and nothing is computed again."""

import json
import shutil
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console
from sample_videos import index, make_dagster_home, new_workspace, reopen, write_film

from whenanime_pipeline.commands.cataloguing import update_catalogue
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs.library import MODEL_IN_USE_KEY, video_materialization
from whenanime_pipeline.defs.moved_partitions import find_moves, move_partitions
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.orchestration.dagster_instance import open_instance

VIDEO, FRAMES, FEATURES = (dg.AssetKey(name) for name in ("video", "frames", "features"))
DATA_VERSION = "dagster/data_version"
DATA_TAGS = (DATA_VERSION, "dagster/input_data_version/")
OLD_KEY = "XiYangYang-0123abcd/S01E01"
"""A key as the first build spelled it."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    write_film(workspace.videos_folder / "喜羊羊/喜羊羊 - S01E01.mp4", seed=1)
    index(workspace)
    return workspace


def materialized(
    instance: dg.DagsterInstance, asset: dg.AssetKey, key: str
) -> dg.AssetMaterialization:
    """Return the last materialization of a partition."""
    wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[key])
    (record,) = instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization
    return record.asset_materialization


def request_work(
    instance: dg.DagsterInstance, last: dg.EvaluateAutomationConditionsResult | None = None
) -> dg.EvaluateAutomationConditionsResult:
    """Look once at what automation would start, as `whenanime up` does."""
    cursor = last.cursor if last else None
    return dg.evaluate_automation_conditions(definitions(), instance=instance, cursor=cursor)


def count_requested(result: dg.EvaluateAutomationConditionsResult) -> int:
    return sum(result.get_num_requested(asset) for asset in (FRAMES, FEATURES))


def write_old_home(workspace: Workspace) -> None:
    """Turn catalogue and history into those of the first build."""
    path = workspace.home.catalogue_file
    document = json.loads(path.read_bytes())
    (episode,) = document["catalogue"]["episodes"]
    key = episode["key"]
    episode["key"] = OLD_KEY
    del document["catalogue"]["keys_version"]
    with open_instance(workspace.home) as instance:
        events = [materialized(instance, asset, key) for asset in (VIDEO, FRAMES, FEATURES)]
        model = instance.get_latest_materialization_event(MODEL_IN_USE_KEY)
        assert model
        assert model.asset_materialization
    path.write_text(json.dumps(document), encoding="utf-8")
    shutil.rmtree(workspace.home.dagster)
    make_dagster_home(workspace.home.dagster)
    with open_instance(workspace.home) as instance:
        instance.add_dynamic_partitions(EPISODE_PARTITIONS, [OLD_KEY])
        instance.report_runless_asset_event(model.asset_materialization)
        for one in events:
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    one.asset_key,
                    partition=OLD_KEY,
                    metadata=one.metadata,
                    tags={n: t for n, t in (one.tags or {}).items() if n.startswith(DATA_TAGS)},
                )
            )


@pytest.mark.parametrize("change", ["respelled", "renamed"])
def test_moved_episode_keeps_its_history_and_starts_nothing(
    workspace: Workspace, change: str
) -> None:
    if change == "respelled":
        write_old_home(workspace)
        before, key = OLD_KEY, "喜羊羊/S01E01"
    else:
        before, key = "喜羊羊/S01E01", "灰太狼/S01E01"
    with open_instance(workspace.home) as instance:
        first = request_work(instance, request_work(instance))
        earlier = {asset: materialized(instance, asset, before) for asset in (FRAMES, FEATURES)}
    if change == "renamed":
        (workspace.videos_folder / "喜羊羊/喜羊羊 - S01E01.mp4").rename(
            workspace.videos_folder / "灰太狼 - S01E01.mp4"
        )
    scan_into(workspace)
    with open_instance(workspace.home) as instance:
        assert instance.get_dynamic_partitions(EPISODE_PARTITIONS) == [key]
        for asset in (VIDEO, FRAMES, FEATURES):
            assert materialized(instance, asset, key).partition == key
        for asset, one in earlier.items():
            now = materialized(instance, asset, key)
            assert now.metadata["moved from"].value == before
            assert set(one.metadata) < set(now.metadata)
            assert (now.tags or {}).get(DATA_VERSION) == (one.tags or {}).get(DATA_VERSION)
            # The events of the old partition stay readable.
            assert materialized(instance, asset, before) == one
        looks = [first]
        for _ in range(3):
            looks.append(request_work(instance, looks[-1]))
            assert count_requested(looks[-1]) == 0
        assert sum(look.get_num_requested(dg.AssetKey("index")) for look in looks[1:]) == 1
    catalogue = load_catalogue(workspace.home.catalogue_file)
    assert catalogue.former_keys == {before: key}


def test_new_episode_is_still_started(workspace: Workspace) -> None:
    with open_instance(workspace.home) as instance:
        first = request_work(instance, request_work(instance))
    write_film(workspace.videos_folder / "喜羊羊/喜羊羊 - S01E02.mp4", seed=2)
    scan_into(workspace)
    with open_instance(workspace.home) as instance:
        assert request_work(instance, first).get_num_requested(FRAMES) == 1


def test_move_that_was_interrupted_is_gone_on_with(workspace: Workspace) -> None:
    write_old_home(workspace)
    old = reopen(workspace).load_catalogue()
    with open_instance(workspace.home) as instance:
        known = instance.get_dynamic_partitions(EPISODE_PARTITIONS)
        moves = find_moves(known, old, old)
        assert moves == {"喜羊羊/S01E01": OLD_KEY}
        # As when the process ended after the new partition was there, before the catalogue was.
        move_partitions(instance, moves, {e.key: video_materialization(e) for e in old.episodes})
    scan_into(workspace)
    with open_instance(workspace.home) as instance:
        assert instance.get_dynamic_partitions(EPISODE_PARTITIONS) == ["喜羊羊/S01E01"]
        records = instance.fetch_materializations(FRAMES, limit=9).records
        assert len(records) == 2
    assert load_catalogue(workspace.home.catalogue_file).former_keys == {OLD_KEY: "喜羊羊/S01E01"}


def scan_into(workspace: Workspace) -> None:
    """Look at the folder as commands do, and tell Dagster."""
    opened = reopen(workspace)
    with open_instance(workspace.home) as instance:
        update_catalogue(opened, instance, Console(quiet=True), steady_after=0.01)


def test_a_film_takes_no_history_of_one_of_its_parts(workspace: Workspace) -> None:
    write_film(workspace.videos_folder / "Film (2010)/Film CD1.mp4", seed=2)
    index(workspace)
    old = load_catalogue(workspace.home.catalogue_file)
    write_film(workspace.videos_folder / "Film (2010)/Film CD2.mp4", seed=3)
    index(workspace)
    new = load_catalogue(workspace.home.catalogue_file)
    assert new.former_keys == {"Film (2010)/Film part1": "Film (2010)/Film"}
    known = {episode.key for episode in old.episodes}
    assert find_moves(known, old, new) == {}
    assert find_moves({episode.key for episode in new.episodes}, new, old) == {}
