"""Running the graph in this process: what `whenanime index` does, as runs that stand in the UI."""

from collections.abc import Collection, Iterator, Mapping, Sequence

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
_SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailedError(Exception):
    """A run failed for another reason than a single episode; the message is Dagster's."""


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
    instance: dg.DagsterInstance, workspace: Workspace, keys: Sequence[str], reporter: Reporter
) -> None:
    """Bring the frames and features of a batch of episodes.

    Episodes that cannot be indexed are told to the reporter; their run ends as failed.

    Raises:
        RunFailedError: something else than an episode is wrong: the model, or the disk.
    """
    tags = {_RANGE_START: keys[0], _RANGE_END: keys[-1]}
    result = _run(instance, workspace, INDEX_EPISODES, reporter, tags)
    if not result.success and not _only_episodes_failed(result):
        raise RunFailedError(_reason(result))


def run_publish(instance: dg.DagsterInstance, workspace: Workspace, reporter: Reporter) -> None:
    """Build and publish the snapshot of what is ready.

    Raises:
        RunFailedError: a check failed, or the disk is full; the last snapshot stays.
    """
    result = _run(instance, workspace, PUBLISH, reporter, {})
    if not result.success:
        raise RunFailedError(_reason(result))


def _run(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    job: str,
    reporter: Reporter,
    tags: Mapping[str, str],
) -> dg.ExecuteInProcessResult:
    resource = LibraryResource(
        home_folder=str(workspace.home.root), videos_folder=str(workspace.videos)
    )
    try:
        return (
            definitions()
            .resolve_job_def(job)
            .execute_in_process(
                instance=instance,
                resources={"library": resource, "reporter": reporter},
                run_config=_SILENT,
                tags={BY_TAG: BY_INDEX, **tags},
                raise_on_error=False,
            )
        )
    except DagsterError as error:
        raise RunFailedError(f"{job}: {error}") from error


def _only_episodes_failed(result: dg.ExecuteInProcessResult) -> bool:
    """Tell whether the run got to its end, and failed to name what could not be indexed."""
    data = [event.step_failure_data for event in result.all_node_events if event.is_step_failure]
    return bool(data) and all(failure.user_failure_data is not None for failure in data)


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """Return what went wrong, without what Dagster wraps around it."""
    errors = [e.step_failure_data.error for e in result.all_node_events if e.is_step_failure]
    messages = [(error.cause or error).message.strip() for error in errors if error]
    return "\n".join(messages) or "the run failed; see it in the Dagster UI"
