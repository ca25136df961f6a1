"""Runs whose process died stay STARTED for ever and would block their episodes; these are found."""

from collections.abc import Collection
from contextlib import suppress

import dagster as dg
from filelock import Timeout

from whenanime_pipeline.core.home import Home

OWNER_TAG = "whenanime/by"
"""Says who executes a run, and so whose life it depends on."""
INDEX_OWNER = "index"
TRAIN_OWNER = "train"
UP_OWNER = "up"

OWNER_LOCKS = {INDEX_OWNER: "index", TRAIN_OWNER: "train-command", UP_OWNER: "up"}
"""The lock of the home that each of them holds while it lives."""
LOCK_TIMEOUT = 3.0
"""Seconds to wait for one's own of these locks: others hold it while they look who lives."""

UNFINISHED_STATUSES = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def fail_orphaned_runs(
    instance: dg.DagsterInstance, home: Home, owners: Collection[str], *, own: str | None = None
) -> list[dg.DagsterRun]:
    """Mark as failed the unfinished runs of those that are not alive.

    Args:
        instance: whose runs are looked at.
        home: of the library; the locks there tell who lives.
        owners: runs to look at, of `INDEX_OWNER`, `TRAIN_OWNER`, `UP_OWNER`.
        own: whose lock the caller holds itself: their unfinished runs are orphaned.

    Returns:
        The runs that were marked.
    """
    found = [] if own is None else fail_runs_of(instance, {own})
    for by in sorted({*owners} - {own}):
        with suppress(Timeout), home.lock(OWNER_LOCKS[by]).acquire(blocking=False):
            found += fail_runs_of(instance, {by})
    return found


def fail_runs_of(instance: dg.DagsterInstance, dead_owners: Collection[str]) -> list[dg.DagsterRun]:
    """Mark unfinished runs as failed that no living process can be at.

    Args:
        instance: whose runs are looked at.
        dead_owners: whose runs are meant: `INDEX_OWNER`, `TRAIN_OWNER`, `UP_OWNER`. The caller knows that they are
            not alive, as it holds the lock that they hold while they live.

    Returns:
        The runs that were marked.
    """
    # A queued run waits for the daemon, which starts it when it comes back.
    begun = [status for status in UNFINISHED_STATUSES if status != dg.DagsterRunStatus.QUEUED]
    runs = instance.get_runs(dg.RunsFilter(statuses=begun))
    found = [run for run in runs if run.tags.get(OWNER_TAG, UP_OWNER) in dead_owners]
    for run in found:
        instance.report_run_failed(run, "The process that executed this run died.")
    return found
