"""Extracts the frames and the training frames that episodes of a library lack."""

from dataclasses import asdict

import dagster as dg
from rich.console import Console

from whenanime_pipeline.commands.progress import show_progress
from whenanime_pipeline.core.learning.dataset.extraction import has_training_frames
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.episode_processing import statuses_for_learning
from whenanime_pipeline.defs.learning_config import TrainingFramesConfig
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.orchestration.job_runner import (
    batch_partitions,
    run_frame_extraction,
    run_training_frame_extraction,
)


def ensure_frames(
    workspace: Workspace, instance: dg.DagsterInstance, console: Console
) -> dict[str, str]:
    """Extract the frames of all episodes that lack them; the split compares them.

    Args:
        workspace: the library.
        instance: Dagster's instance in the home.
        console: console to draw the progress on.

    Returns:
        Path of each episode without frames → the reason.
    """
    statuses = statuses_for_learning(workspace)
    missing = [one for one in statuses if not one.has_frames and one.failure is None]
    with show_progress(console, _sizes(missing), "frames of") as reporter:
        for batch in batch_partitions(
            instance.get_dynamic_partitions(EPISODE_PARTITIONS), _keys(missing)
        ):
            run_frame_extraction(instance, workspace, batch, reporter)
    statuses = statuses_for_learning(workspace)
    failed = {one.episode.path: one.failure for one in statuses if one.failure is not None}
    return failed | reporter.failures


def ensure_training_frames(
    workspace: Workspace,
    instance: dg.DagsterInstance,
    console: Console,
    options: FrameOptions,
) -> dict[str, str]:
    """Extract training frames of all episodes that have none with these options.

    Args:
        workspace: the library.
        instance: Dagster's instance in the home.
        console: console to draw the progress on.
        options: options of the frames.

    Returns:
        Path of each episode that failed → the reason.
    """
    config = TrainingFramesConfig(**asdict(options))
    missing = [
        status
        for status in statuses_for_learning(workspace)
        if status.has_frames and not has_training_frames(workspace.home, status, options)
    ]
    with show_progress(console, _sizes(missing), "training frames of") as reporter:
        for batch in batch_partitions(
            instance.get_dynamic_partitions(EPISODE_PARTITIONS), _keys(missing)
        ):
            run_training_frame_extraction(instance, workspace, batch, config, reporter)
    return reporter.failures


def _sizes(statuses: list[EpisodeStatus]) -> dict[str, int]:
    return {status.episode.path: status.episode.total_size for status in statuses}


def _keys(statuses: list[EpisodeStatus]) -> set[str]:
    return {status.episode.key for status in statuses}
