"""Runs whose process died stay STARTED for ever and would block their episodes; these are found."""

from collections.abc import Collection
from contextlib import suppress

import dagster as dg
from filelock import Timeout

from whenanime_pipeline.core.home import Home

BY_TAG = "whenanime/by"
"""Says who executes a run, and so whose life it depends on."""
BY_INDEX = "index"
BY_TRAIN = "train"
BY_UP = "up"

LOCKS = {BY_INDEX: "index", BY_TRAIN: "train-command", BY_UP: "up"}
"""The lock of the home that each of them holds while it lives."""
PATIENCE = 3.0
"""Seconds to wait for one's own of these locks: others hold it while they look who lives."""

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def clear_dead_runs(
    instance: dg.DagsterInstance, home: Home, whose: Collection[str], *, mine: str | None = None
) -> list[dg.DagsterRun]:
    """Mark as failed the unfinished runs of those that are not alive.

    Args:
        instance: whose runs are looked at.
        home: of the library; the locks there tell who lives.
        whose: runs to look at, of `BY_INDEX`, `BY_TRAIN`, `BY_UP`.
        mine: whose lock the caller holds itself: their unfinished runs are of before.

    Returns:
        The runs that were marked.
    """
    found = [] if mine is None else fail_dead_runs(instance, {mine})
    for by in sorted({*whose} - {mine}):
        with suppress(Timeout), home.lock(LOCKS[by]).acquire(blocking=False):
            found += fail_dead_runs(instance, {by})
    return found


def fail_dead_runs(instance: dg.DagsterInstance, dead: Collection[str]) -> list[dg.DagsterRun]:
    """Mark unfinished runs as failed that no living process can be at.

    Args:
        instance: whose runs are looked at.
        dead: whose runs are meant: `BY_INDEX`, `BY_TRAIN`, `BY_UP`. The caller knows that they are
            not alive, as it holds the lock that they hold while they live.

    Returns:
        The runs that were marked.
    """
    # A queued run waits for the daemon, which starts it when it comes back.
    begun = [status for status in UNFINISHED if status != dg.DagsterRunStatus.QUEUED]
    runs = instance.get_runs(dg.RunsFilter(statuses=begun))
    found = [run for run in runs if run.tags.get(BY_TAG, BY_UP) in dead]
    for run in found:
        instance.report_run_failed(run, "The process that executed this run died.")
    return found
