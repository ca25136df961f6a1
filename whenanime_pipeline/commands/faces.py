"""Finds the faces of indexed episodes after `whenanime index` has published them."""

import dagster as dg
from rich.console import Console

from whenanime_pipeline.commands.progress import show_progress
from whenanime_pipeline.core.characters.detector import identify_detector
from whenanime_pipeline.core.characters.detector_process import DetectorProcess
from whenanime_pipeline.core.characters.errors import CharactersError
from whenanime_pipeline.core.characters.faces.ensure import list_pending_faces
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.orchestration.job_runner import batch_partitions, run_face_finding


def find_pending_faces(
    instance: dg.DagsterInstance, workspace: Workspace, console: Console
) -> dict[str, str]:
    """Find the faces of all episodes in the index that have none stored, where that is on.

    Args:
        instance: where the runs are recorded.
        workspace: of the library.
        console: progress is drawn there.

    Returns:
        What could not be done and why, by path: the episodes stay searchable.
    """
    if not workspace.settings.characters.enabled:
        return {}
    home = workspace.home
    try:
        pending = list_pending_faces(home, workspace.known_statuses(), identify_detector(home))
        if not pending:
            return {}
        with DetectorProcess(home):
            pass  # a detector that is missing or blind is one warning, and not one an episode
    except CharactersError as error:
        return {str(home.config_file): f"no faces are found: {error}"}
    sizes = {status.episode.path: status.episode.total_size for status in pending}
    wanted = {status.episode.key for status in pending}
    with show_progress(console, sizes, "faces found in") as reporter:
        for batch in batch_partitions(instance.get_dynamic_partitions(EPISODE_PARTITIONS), wanted):
            run_face_finding(instance, workspace, batch, reporter)
    return reporter.failures
