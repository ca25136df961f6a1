"""Running the graph in this process: what the commands do, as runs that stand in the UI."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterError

from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import INDEX_EPISODES, PUBLISH, definitions
from whenanime_pipeline.defs.dead_runs import BY_INDEX, BY_TAG
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN
from whenanime_pipeline.defs.resources import LibraryResource, Reporter

# What Dagster calls the ends of a run over several partitions; it exports no names for them.
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
# Nor one for the end of a run whose process was told to stop.
_INTERRUPTED = "UNEXPECTED_TERMINATION"
_SILENT = {"console": {"config": {"log_level": "CRITICAL"}}}


class RunFailedError(Exception):
    """A run failed for another reason than a single episode; the message is Dagster's."""


@dataclass(frozen=True)
class Runner:
    """Executes jobs in this process.

    Attributes:
        instance: where the runs are recorded.
        workspace: of the library.
        by: who executes them, of `dead_runs`.
        resources: besides the library, by name: whoever is told of progress.
    """

    instance: dg.DagsterInstance
    workspace: Workspace
    by: str
    resources: Mapping[str, Any]

    def run(
        self,
        job: str,
        *,
        config: Mapping[str, dg.Config] | None = None,
        partitions: Sequence[str] = (),
        only: Sequence[dg.AssetKey] = (),
    ) -> dg.ExecuteInProcessResult:
        """Execute a job and wait for its end.

        Args:
            job: its name.
            config: of assets, by name.
            partitions: neighbours in Dagster's order; none for what is not partitioned.
            only: the assets of the job to materialise; none for all.

        Raises:
            KeyboardInterrupt: it was interrupted.
            RunFailedError: it could not be started.
        """
        library = LibraryResource(
            home_folder=str(self.workspace.home.root), videos_folder=str(self.workspace.videos)
        )
        tags = {_RANGE_START: partitions[0], _RANGE_END: partitions[-1]} if partitions else {}
        try:
            result = (
                definitions()
                .resolve_job_def(job)
                .execute_in_process(
                    instance=self.instance,
                    resources={"library": library, **self.resources},
                    run_config=dg.RunConfig(ops=dict(config or {}), loggers=_SILENT),
                    asset_selection=list(only) or None,
                    tags={BY_TAG: self.by, **tags},
                    raise_on_error=False,
                )
            )
        except DagsterError as error:
            raise RunFailedError(f"{job}: {error}") from error
        # Dagster catches Ctrl-C while a run goes on, and tells of it as of a failure.
        if any(_interrupted(event) for event in result.all_events):
            raise KeyboardInterrupt
        return result


def batches(known: Sequence[str], wanted: Collection[str]) -> Iterator[list[str]]:
    """Group keys into runs: neighbours in Dagster's order, and not too many.

    Args:
        known: all keys in the order they were added; a run takes in a stretch of it.
        wanted: the keys with work to do.

    Yields:
        Keys that follow each other in `known`, `EPISODES_PER_RUN` at most.
    """
    batch: list[str] = []
    for key in known:
        if key in wanted and len(batch) < EPISODES_PER_RUN:
            batch.append(key)
            continue
        if batch:
            yield batch
        batch = [key] if key in wanted else []
    if batch:
        yield batch


def run_episodes(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    keys: Sequence[str],
    reporter: Reporter,
    *,
    by: str = BY_INDEX,
    only: Sequence[dg.AssetKey] = (),
) -> None:
    """Bring the frames and features of a batch of episodes.

    Episodes that cannot be indexed are told to the reporter; their run ends as failed.

    Args:
        instance: where the run is recorded.
        workspace: of the library.
        keys: of the episodes, neighbours in Dagster's order.
        reporter: told of progress.
        by: who executes the run.
        only: `frames` for no features.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        RunFailedError: something else than an episode is wrong: the model, or the disk.
    """
    runner = Runner(instance, workspace, by, {"reporter": reporter})
    check_episodes(runner.run(INDEX_EPISODES, partitions=keys, only=only))


def run_publish(instance: dg.DagsterInstance, workspace: Workspace, reporter: Reporter) -> None:
    """Build and publish the snapshot of what is ready.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        RunFailedError: a check failed, or the disk is full; the last snapshot stays.
    """
    check(Runner(instance, workspace, BY_INDEX, {"reporter": reporter}).run(PUBLISH))


def check(result: dg.ExecuteInProcessResult) -> None:
    """Make sure that a run succeeded.

    Raises:
        RunFailedError: it did not.
    """
    if not result.success:
        raise RunFailedError(_reason(result))


def check_episodes(result: dg.ExecuteInProcessResult) -> None:
    """Make sure that a run got to its end, and at most failed to name single episodes.

    Raises:
        RunFailedError: it did not.
    """
    data = [event.step_failure_data for event in result.all_node_events if event.is_step_failure]
    if not (data and all(failure.user_failure_data is not None for failure in data)):
        check(result)


def _interrupted(event: dg.DagsterEvent) -> bool:
    data = event.job_failure_data if event.is_job_failure else None
    reason = data.failure_reason if data else None
    return reason is not None and reason.value == _INTERRUPTED


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """Return what went wrong, without what Dagster wraps around it."""
    errors = [e.step_failure_data.error for e in result.all_node_events if e.is_step_failure]
    messages = [(error.cause or error).message.strip() for error in errors if error]
    return "\n".join(messages) or "the run failed; see it in the Dagster UI"
