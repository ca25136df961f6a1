"""Runs whose process died stay STARTED for ever and would block their episodes; these are found."""

from collections.abc import Collection

import dagster as dg

BY_TAG = "whenanime/by"
"""Says who executes a run, and so whose life it depends on."""
BY_INDEX = "index"
BY_UP = "up"

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def fail_dead_runs(instance: dg.DagsterInstance, dead: Collection[str]) -> list[dg.DagsterRun]:
    """Mark unfinished runs as failed that no living process can be at.

    Args:
        instance: whose runs are looked at.
        dead: whose runs are meant: `BY_INDEX`, `BY_UP`. The caller knows that they are not alive,
            as it holds the lock that they hold while they live.

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
