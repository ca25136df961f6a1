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
from whenanime_pipeline.core.models.registry import RegisteredModel, find_model
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.settings import SettingsError
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs.jobs import (
    FACES_JOB,
    FRAMES_JOB,
    INDEX_EPISODES_JOB,
    PUBLISH_JOB,
    TRAIN_JOB,
    TRAIN_TAGGER_JOB,
    TRAINING_FRAMES_JOB,
)
from whenanime_pipeline.defs.learning_config import TrainingFramesConfig
from whenanime_pipeline.defs.model_selection import MINUTES_METADATA_KEY, MODEL_METADATA_KEY
from whenanime_pipeline.defs.orphaned_runs import INDEX_OWNER, OWNER_TAG, TRAIN_OWNER
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN
from whenanime_pipeline.defs.resources import Reporter, SharedLibrary, TrainingReporter
from whenanime_pipeline.defs.theme_learning import TAGGER_METADATA_KEY, TaggerConfig

# What Dagster calls the ends of a run over several partitions; it exports no names for them.
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_QUIET_LOGGERS = {"console": {"config": {"log_level": "CRITICAL"}}}


# Errors whose messages say what to do already.
_EXPECTED_ERRORS = (
    OSError,
    DBAPIError,
    LibraryError,
    MediaError,
    SearchError,
    LearningError,
    SettingsError,
)


class RunFailedError(Exception):
    """A run failed for a reason that no room knows; the message is Dagster's or a library's."""


@dataclass(frozen=True)
class JobRunner:
    """Executes jobs in this process.

    Attributes:
        instance: where the runs are recorded.
        workspace: of the library.
        owner: who executes them, of `dead_runs`.
        resources: besides the library, by name: the reporter of progress.
    """

    instance: dg.DagsterInstance
    workspace: Workspace
    owner: str
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
        tags = {_RANGE_START: partitions[0], _RANGE_END: partitions[-1]} if partitions else {}
        resolved = definitions().resolve_job_def(job)
        try:
            return resolved.execute_in_process(
                instance=self.instance,
                resources={"library": SharedLibrary(self.workspace), **self.resources},
                run_config=dg.RunConfig(ops=dict(config or {}), loggers=_QUIET_LOGGERS),
                tags={OWNER_TAG: self.owner, **tags},
            )
        except (dg.Failure, *_EXPECTED_ERRORS):
            raise
        # Dagster catches Ctrl-C while a run goes on.
        except DagsterExecutionInterruptedError as error:
            raise KeyboardInterrupt from error
        except DagsterError as error:
            reason = error.__cause__ or error  # without what Dagster wraps around it
            raise RunFailedError(f"{job}: {reason}") from error
        except Exception as error:
            raise RunFailedError(f"{type(error).__name__}: {error}") from error


def batch_partitions(all_keys: Sequence[str], pending_keys: Collection[str]) -> Iterator[list[str]]:
    """Group keys into runs: neighbours in Dagster's order, and not too many.

    Args:
        all_keys: all keys in the order they were added; a run takes in a stretch of it.
        pending_keys: the keys with work to do.

    Yields:
        Keys that follow each other in `all_keys`, `EPISODES_PER_RUN` at most.
    """
    batch: list[str] = []
    for key in all_keys:
        if key in pending_keys and len(batch) < EPISODES_PER_RUN:
            batch.append(key)
            continue
        if batch:
            yield batch
        batch = [key] if key in pending_keys else []
    if batch:
        yield batch


def run_indexing(
    instance: dg.DagsterInstance, workspace: Workspace, keys: Sequence[str], reporter: Reporter
) -> None:
    """Extract the frames and features of a batch of episodes.

    Episodes that cannot be indexed are passed to the reporter; their run ends as failed.

    Args:
        instance: where the run is recorded.
        workspace: of the library.
        keys: of the episodes, neighbours in Dagster's order.
        reporter: receives progress.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        SearchError, LibraryError, OSError, RunFailedError: something else than an episode is wrong:
            the model, or the disk.
    """
    # A failure names single episodes, as the reporter did.
    with suppress(dg.Failure):
        JobRunner(instance, workspace, INDEX_OWNER, {"reporter": reporter}).run(
            INDEX_EPISODES_JOB, partitions=keys
        )


def run_publishing(instance: dg.DagsterInstance, workspace: Workspace, reporter: Reporter) -> None:
    """Build and publish the snapshot of what is ready.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        SearchError, OSError, RunFailedError: a check failed, or the disk is full; the last snapshot
            stays.
    """
    JobRunner(instance, workspace, INDEX_OWNER, {"reporter": reporter}).run(PUBLISH_JOB)


def run_face_finding(
    instance: dg.DagsterInstance, workspace: Workspace, keys: Sequence[str], reporter: Reporter
) -> None:
    """Find the faces of a batch of indexed episodes; else as `run_indexing`."""
    with suppress(dg.Failure):
        JobRunner(instance, workspace, INDEX_OWNER, {"reporter": reporter}).run(
            FACES_JOB, partitions=keys
        )


def run_frame_extraction(
    instance: dg.DagsterInstance, workspace: Workspace, keys: Sequence[str], reporter: Reporter
) -> None:
    """Extract the frames of a batch of episodes for a training; else as `run_indexing`."""
    with suppress(dg.Failure):
        JobRunner(instance, workspace, TRAIN_OWNER, {"reporter": reporter}).run(
            FRAMES_JOB, partitions=keys
        )


def run_training_frame_extraction(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    keys: Sequence[str],
    config: TrainingFramesConfig,
    reporter: Reporter,
) -> None:
    """Extract the training frames of a batch of episodes; failures are reported as above.

    Raises:
        KeyboardInterrupt: the run was interrupted.
        DatasetError, OSError, RunFailedError: something else than an episode is wrong.
    """
    runner = JobRunner(instance, workspace, TRAIN_OWNER, {"reporter": reporter})
    with suppress(dg.Failure):
        runner.run(TRAINING_FRAMES_JOB, config={"training_frames": config}, partitions=keys)


@dataclass(frozen=True)
class TrainingResult:
    """What came of asking for a training.

    Attributes:
        model: that answers.
        is_new: whether there was work to do for it; it may have been trained before.
    """

    model: RegisteredModel
    is_new: bool


def run_training(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    config: Mapping[str, dg.Config],
    reporter: TrainingReporter,
) -> TrainingResult:
    """Make the dataset, train, and report.

    Args:
        instance: where the run is recorded.
        workspace: of the library.
        config: of the assets from `dataset` to `model_report`, by name.
        reporter: receives progress.

    Raises:
        KeyboardInterrupt: the run was interrupted; the same call continues.
        LearningError, OSError, RunFailedError: there is too little to learn from, or the training
            failed; says what to do.
    """
    runner = JobRunner(instance, workspace, TRAIN_OWNER, {"training_reporter": reporter})
    result = runner.run(TRAIN_JOB, config=config)
    (made,) = result.asset_materializations_for_node("retrieval_model")
    model = find_model(workspace.home, str(made.metadata[MODEL_METADATA_KEY].value))
    return TrainingResult(model, is_new=MINUTES_METADATA_KEY in made.metadata)


def run_tagger_training(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    config: TaggerConfig,
    reporter: TrainingReporter,
) -> str:
    """Train a tagger of themes.

    Args:
        instance: where the run is recorded.
        workspace: of the library.
        config: of the tagger.
        reporter: receives progress.

    Returns:
        The tagger's id.

    Raises:
        KeyboardInterrupt: the run was interrupted; the same call continues.
        LearningError, SearchError, OSError, RunFailedError: there is nothing to learn from, or the
            training failed; says what to do.
    """
    runner = JobRunner(instance, workspace, TRAIN_OWNER, {"training_reporter": reporter})
    result = runner.run(TRAIN_TAGGER_JOB, config={"theme_tagger": config})
    (made,) = result.asset_materializations_for_node("theme_tagger")
    return str(made.metadata[TAGGER_METADATA_KEY].value)
