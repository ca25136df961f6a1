"""Running the graph in this process: what the commands do, as runs that stand in the UI."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterError, DagsterExecutionInterruptedError
from sqlalchemy.exc import DBAPIError

from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.library.errors import LibraryError
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.models.registry import KnownModel, find_model
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.settings import SettingsError
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs.dead_runs import BY_INDEX, BY_TAG, BY_TRAIN
from whenanime_pipeline.defs.jobs import FRAMES, INDEX_EPISODES, PUBLISH, TRAIN, TRAINING_FRAMES
from whenanime_pipeline.defs.learning_config import TrainingFramesConfig
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN
from whenanime_pipeline.defs.resources import LibraryResource, Reporter, TrainingReporter
from whenanime_pipeline.defs.trained import MINUTES, MODEL

# What Dagster calls the ends of a run over several partitions; it exports no names for them.
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_SILENT = {"console": {"config": {"log_level": "CRITICAL"}}}


# Errors whose messages say what to do already.
_TOLD = (OSError, DBAPIError, LibraryError, MediaError, SearchError, LearningError, SettingsError)


class RunFailedError(Exception):
    """A run failed for a reason that no room knows; the message is Dagster's or a library's."""


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
    ) -> dg.ExecuteInProcessResult:
        """Execute a job and wait for its end.

        Args:
            job: its name.
            config: of assets, by name.
            partitions: neighbours in Dagster's order; none for what is not partitioned.

        Raises:
            KeyboardInterrupt: it was interrupted.
            dg.Failure: an asset gave up, and says why.
            LibraryError, MediaError, SearchError, LearningError, SettingsError, OSError: as they
                came up in an asset.
            RunFailedError: anything else.
        """
        library = LibraryResource(
            home_folder=str(self.workspace.home.root), videos_folder=str(self.workspace.videos)
        )
        tags = {_RANGE_START: partitions[0], _RANGE_END: partitions[-1]} if partitions else {}
        resolved = definitions().resolve_job_def(job)
        try:
            return resolved.execute_in_process(
                instance=self.instance,
                resources={"library": library, **self.resources},
                run_config=dg.RunConfig(ops=dict(config or {}), loggers=_SILENT),
                tags={BY_TAG: self.by, **tags},
            )
        except (dg.Failure, *_TOLD):
            raise
        # Dagster catches Ctrl-C while a run goes on.
        except DagsterExecutionInterruptedError as error:
            raise KeyboardInterrupt from error
        except DagsterError as error:
            reason = error.__cause__ or error  # without what Dagster wraps around it
            raise RunFailedError(f"{job}: {reason}") from error
        except Exception as error:
            raise RunFailedError(f"{type(error).__name__}: {error}") from error


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

    Args:
        instance: where the run is recorded.
        workspace: of the library.
        keys: of the episodes, neighbours in Dagster's order.
        reporter: told of progress.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        SearchError, LibraryError, OSError, RunFailedError: something else than an episode is wrong:
            the model, or the disk.
    """
    # A failure tells of single episodes, and so did the reporter.
    with suppress(dg.Failure):
        Runner(instance, workspace, BY_INDEX, {"reporter": reporter}).run(
            INDEX_EPISODES, partitions=keys
        )


def run_publish(instance: dg.DagsterInstance, workspace: Workspace, reporter: Reporter) -> None:
    """Build and publish the snapshot of what is ready.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        SearchError, OSError, RunFailedError: a check failed, or the disk is full; the last snapshot
            stays.
    """
    Runner(instance, workspace, BY_INDEX, {"reporter": reporter}).run(PUBLISH)


def run_frames(
    instance: dg.DagsterInstance, workspace: Workspace, keys: Sequence[str], reporter: Reporter
) -> None:
    """Bring the frames of a batch of episodes for a training; else as `run_episodes`."""
    with suppress(dg.Failure):
        Runner(instance, workspace, BY_TRAIN, {"reporter": reporter}).run(FRAMES, partitions=keys)


def run_training_frames(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    keys: Sequence[str],
    config: TrainingFramesConfig,
    reporter: Reporter,
) -> None:
    """Bring the training frames of a batch of episodes; those that cannot be are told as above.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        DatasetError, OSError, RunFailedError: something else than an episode is wrong.
    """
    runner = Runner(instance, workspace, BY_TRAIN, {"reporter": reporter})
    with suppress(dg.Failure):
        runner.run(TRAINING_FRAMES, config={"training_frames": config}, partitions=keys)


@dataclass(frozen=True)
class TrainedModel:
    """What came of asking for a training.

    Attributes:
        model: that answers.
        now: whether there was work to do for it; it may have been trained before.
    """

    model: KnownModel
    now: bool


def run_training(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    config: Mapping[str, dg.Config],
    reporter: TrainingReporter,
) -> TrainedModel:
    """Make the dataset, train, and report.

    Args:
        instance: where the run is recorded.
        workspace: of the library.
        config: of the assets from `dataset` to `model_report`, by name.
        reporter: told of progress.

    Raises:
        KeyboardInterrupt: the run was interrupted; the same goes on from there.
        LearningError, OSError, RunFailedError: there is too little to learn from, or the training
            failed; says what to do.
    """
    runner = Runner(instance, workspace, BY_TRAIN, {"training_reporter": reporter})
    result = runner.run(TRAIN, config=config)
    (made,) = result.asset_materializations_for_node("retrieval_model")
    model = find_model(workspace.home, str(made.metadata[MODEL].value))
    return TrainedModel(model, now=MINUTES in made.metadata)
