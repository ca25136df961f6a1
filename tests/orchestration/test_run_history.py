"""Old runs are removed from Dagster's storage; what the library needs of them stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sample_videos import make_dagster_home

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.settings import RunOptions
from whenanime_pipeline.orchestration.dagster_instance import open_instance
from whenanime_pipeline.orchestration.run_history import remove_old_runs

_LATER = datetime.now(UTC) + timedelta(days=100)


@dg.asset
def picture(context: dg.AssetExecutionContext) -> None:
    if context.run.tags.get("broken"):
        raise ValueError("broken")


_PARTS = dg.StaticPartitionsDefinition(["a", "b"])


@dg.asset(partitions_def=_PARTS)
def part() -> None:
    pass


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    make_dagster_home(found.dagster)
    return found


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with open_instance(home) as opened:
        yield opened


def _run(
    instance: dg.DagsterInstance,
    asset: dg.AssetsDefinition,
    *,
    partition: str | None = None,
    broken: bool = False,
) -> str:
    done = dg.materialize(
        [asset],
        instance=instance,
        partition_key=partition,
        tags={"broken": "yes"} if broken else None,
        raise_on_error=False,
    )
    assert done.success is not broken
    return done.run_id


def _files(home: Home, run_id: str) -> list[Path]:
    return sorted((home.dagster / "history" / "runs").glob(f"{run_id}*"))


def _list_runs(instance: dg.DagsterInstance) -> set[str]:
    return {run.run_id for run in instance.get_runs()}


def test_old_runs_go_and_those_of_what_is_there_stay(
    home: Home, instance: dg.DagsterInstance
) -> None:
    replaced = _run(instance, picture)
    latest = _run(instance, picture)
    broken = _run(instance, picture, broken=True)
    before_a = _run(instance, part, partition="a")
    now_b, now_a = (_run(instance, part, partition=key) for key in ("b", "a"))
    unfinished = instance.create_run_for_job(
        dg.define_asset_job("later", [picture]).resolve(
            asset_graph=dg.Definitions([picture]).resolve_asset_graph()
        ),
        status=dg.DagsterRunStatus.STARTED,
    ).run_id
    logs = home.dagster / "storage" / replaced / "compute_logs"
    logs.mkdir(parents=True)
    assert remove_old_runs(instance, home, RunOptions()) == 0
    assert _files(home, replaced)

    assert remove_old_runs(instance, home, RunOptions(), now=_LATER) == 3
    assert _list_runs(instance) == {latest, now_a, now_b, unfinished}
    assert not any(_files(home, run) for run in (replaced, broken, before_a))
    assert _files(home, latest)
    assert not logs.parent.exists()
    assert instance.get_materialized_partitions(dg.AssetKey("part")) == {"a", "b"}
    event = instance.get_latest_materialization_event(dg.AssetKey("picture"))
    assert event is not None
    assert event.run_id == latest
    assert remove_old_runs(instance, home, RunOptions(), now=_LATER) == 0


def test_only_the_newest_runs_stay(home: Home, instance: dg.DagsterInstance) -> None:
    runs = [_run(instance, picture, broken=True) for _ in range(12)]
    assert remove_old_runs(instance, home, RunOptions(count=10)) == 2
    assert _list_runs(instance) == set(runs[2:])
    _run(instance, picture)
    assert remove_old_runs(instance, home, RunOptions(count=10)) == 1


def test_a_run_can_be_executed_after_a_removal(home: Home, instance: dg.DagsterInstance) -> None:
    _run(instance, picture)
    _run(instance, picture)
    assert remove_old_runs(instance, home, RunOptions(days=1), now=_LATER) == 1
    assert _run(instance, picture) in _list_runs(instance)
