"""`whenanime index`: updates the index, through Dagster in this process."""

from dataclasses import dataclass, field

import dagster as dg
from filelock import Timeout
from rich.console import Console

from whenanime_pipeline.commands.cataloguing import update_catalogue
from whenanime_pipeline.commands.faces import find_pending_faces
from whenanime_pipeline.commands.probing_progress import show_probing
from whenanime_pipeline.commands.progress import ProgressReporter, show_progress
from whenanime_pipeline.commands.storage_errors import convert_storage_errors
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.change_detection import STEADY_INTERVAL
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.load import load_sound_warnings
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.orphaned_runs import INDEX_OWNER, OWNER_LOCKS, fail_orphaned_runs
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.orchestration.dagster_instance import open_instance
from whenanime_pipeline.orchestration.job_runner import (
    batch_partitions,
    run_indexing,
    run_publishing,
)
from whenanime_pipeline.orchestration.run_history import remove_old_runs

_MIN_PENDING_SHARE = 0.25
"""Share of a library that must be new for it to be published between two batches: publishing
writes the whole index, so a run over n batches writes it log n times and not n times."""


@dataclass(slots=True)
class IndexOutcome:
    """Result of `whenanime index`.

    Attributes:
        episodes: in the library.
        indexed: that were worked on and are in the index now.
        problems: files and folders that could not be used as they are now, and why.
        warnings: what is wrong with NFO files, and with videos that are in the index, of those
            worked on.
        notices: by path, what is said of files that share an episode name: other versions, files
            that are distinguished, and better versions that took a place.
        left_out: videos that `.ignore` files and the configuration leave out.
        snapshot: the published one; None when there is none.
        published: whether this run published it.
    """

    episodes: int = 0
    indexed: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    snapshot: str | None = None
    published: bool = False


def update_index(
    workspace: Workspace, console: Console, *, steady_after: float = STEADY_INTERVAL
) -> IndexOutcome:
    """Look at the folder, do what is new, and publish it.

    Args:
        workspace: of the library.
        console: progress is drawn there.
        steady_after: seconds a file must stay as it is before it counts as copied.

    Raises:
        LibraryError: the folder is missing or cannot be read.
        CommandError: the index could not be built, or the home cannot be written to, as on a full
            disk; what was published stays.
    """
    home = workspace.home
    lock = home.lock(OWNER_LOCKS[INDEX_OWNER])
    try:
        lock.acquire(blocking=False)
    except Timeout:
        console.print("Another `whenanime index` is at this home; waiting for it.")
        lock.acquire()
    try:
        with convert_storage_errors(home):
            return _update_index(workspace, console, steady_after)
    finally:
        lock.release()


def _update_index(workspace: Workspace, console: Console, steady_after: float) -> IndexOutcome:
    outcome = IndexOutcome()
    before = read_latest_id(workspace.home.snapshots)
    with open_instance(workspace.home) as instance:
        fail_orphaned_runs(instance, workspace.home, OWNER_LOCKS, own=INDEX_OWNER)
        remove_old_runs(instance, workspace.home, workspace.settings.runs)
        diff = update_catalogue(workspace, instance, console, steady_after)
        outcome.problems |= {problem.path: problem.reason for problem in diff.problems}
        outcome.warnings |= {problem.path: problem.reason for problem in diff.warnings}
        outcome.notices |= {notice.path: notice.reason for notice in diff.notices}
        outcome.left_out = diff.left_out
        with show_probing(console) as on_video:
            workspace.probe_readings(progress=on_video)
        statuses = workspace.load_statuses()
        pending = [status for status in statuses if status.is_pending]
        outcome.episodes = len(statuses)
        sizes = {status.episode.path: status.episode.total_size for status in pending}
        with show_progress(console, sizes) as reporter:
            wanted = {status.episode.key for status in pending}
            batches = list(
                batch_partitions(instance.get_dynamic_partitions(EPISODE_PARTITIONS), wanted)
            )
            for number, batch in enumerate(batches, 1):
                run_indexing(instance, workspace, batch, reporter)
                workspace.load_statuses(batch)
                if number < len(batches):
                    # A long first run can be searched while it goes on.
                    _publish_if_pending(instance, workspace, reporter, min_share=_MIN_PENDING_SHARE)
            _publish_if_pending(instance, workspace, reporter)
        outcome.problems |= reporter.failures
        outcome.warnings |= find_pending_faces(instance, workspace, console)
    statuses = workspace.known_statuses()
    for status in statuses:
        if not status.is_ready:
            reason = status.failure or "was not reached; index again"
            outcome.problems.setdefault(status.episode.path, reason)
    done = [status for status in statuses if status.episode.key in wanted and status.is_ready]
    outcome.indexed = len(done)
    outcome.warnings |= _warnings(workspace.home, done)
    outcome.snapshot = read_latest_id(workspace.home.snapshots)
    outcome.published = outcome.snapshot != before
    return outcome


def _publish_if_pending(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    reporter: ProgressReporter,
    *,
    min_share: float = 0.0,
) -> None:
    has_seasons = bool(workspace.list_pending_seasons())
    if min_share or not has_seasons:  # else it is planned once their themes are known
        news = workspace.measure_pending_changes()
        if news < min_share or not (news or has_seasons):
            return
    run_publishing(instance, workspace, reporter)


def _warnings(home: Home, done: list[EpisodeStatus]) -> dict[str, str]:
    """Return what the reports of indexed episodes and of their sound warn of, by path."""
    found: dict[str, str] = {}
    for status in done:
        with FramesFile(status.frames_file) as frames:
            warnings = (*frames.report.warnings, *load_sound_warnings(home, status))
        if warnings:
            found[status.episode.path] = "; ".join(warnings)
    return found
