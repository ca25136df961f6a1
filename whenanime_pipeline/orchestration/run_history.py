"""Removes old runs from Dagster's storage, with their events and logs.

A run that made what an asset's partition holds now stays, however old it is: Dagster reads from its
events that the partition is there. There are as many of these as the library needs, and all others
grow with time.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import sqlalchemy as db
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.settings import RunOptions

MAX_REMOVED = 1_000
"""Most runs that are removed at once: some seconds of work."""
_FINISHED = (
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
)
_LAST_WORDS = ("ASSET_MATERIALIZATION", "ASSET_OBSERVATION")
"""Events of which Dagster reads the latest of each partition."""


def remove_old_runs(
    instance: dg.DagsterInstance, home: Home, options: RunOptions, *, now: datetime | None = None
) -> int:
    """Remove finished runs that are too old, or beyond the newest ones.

    Args:
        instance: Instance whose runs are removed.
        home: Home of the library.
        options: Days and number of the runs that are kept.
        now: Time from which days are counted; None for the present.

    Returns:
        The number of removed runs.
    """
    oldest = (now or datetime.now(UTC)) - timedelta(days=options.days)
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return 0  # the operator's own
    needed, removed = _find_needed_runs(storage), 0
    for run_id in _list_old_runs(instance, oldest, options.count):
        if run_id in needed:
            continue
        if removed == MAX_REMOVED:
            break
        instance.delete_run(run_id)
        _remove_files(home.dagster, run_id)
        removed += 1
    return removed


def _list_old_runs(instance: dg.DagsterInstance, oldest: datetime, count: int) -> Iterator[str]:
    """Yield the ids of finished runs to remove, the oldest first."""
    records = instance.get_run_records(dg.RunsFilter(statuses=list(_FINISHED)))
    for place, record in reversed(list(enumerate(records))):  # the newest is the first of them
        created = record.create_timestamp
        created = created if created.tzinfo else created.replace(tzinfo=UTC)
        if place >= count or created < oldest:
            yield record.dagster_run.run_id


def _find_needed_runs(storage: SqlEventLogStorage) -> set[str]:
    """Return the runs whose events are the latest ones of some asset's partition."""
    table = SqlEventLogStorageTable.c
    latest = (
        db.select(db.func.max(table.id))
        .where(table.dagster_event_type.in_(_LAST_WORDS))
        .group_by(table.asset_key, table.partition, table.dagster_event_type)
    )
    with storage.index_connection() as connection:
        rows = connection.execute(db.select(table.run_id).where(table.id.in_(latest))).fetchall()
    return {row[0] for row in rows}


def _remove_files(dagster: Path, run_id: str) -> None:
    """Remove the files of a run: its own database of events, and what its steps printed."""
    for path in (dagster / "history" / "runs").glob(f"{run_id}.db*"):
        path.unlink(missing_ok=True)
    shutil.rmtree(dagster / "storage" / run_id, ignore_errors=True)
