"""What happens by itself while `whenanime up` runs."""

from pathlib import Path, PurePosixPath
from time import time

import dagster as dg
from filelock import Timeout
from pydantic import BaseModel

from whenanime_pipeline.core.files import hash_json, write_text
from whenanime_pipeline.core.library.change_detection import (
    detect_changes,
    dump_unsettled,
    load_unsettled,
)
from whenanime_pipeline.core.library.changes import LibraryDiff
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import LibraryError, Problem
from whenanime_pipeline.core.library.known_problems import (
    Problems,
    load_problems,
    update_problems,
)
from whenanime_pipeline.core.library.scan import check_videos_folder
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.settings import SettingsError
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.jobs import is_faces_run, is_learning_run
from whenanime_pipeline.defs.library import retrigger_pending_work, sync_catalogue
from whenanime_pipeline.defs.orphaned_runs import (
    INDEX_OWNER,
    TRAIN_OWNER,
    UNFINISHED_STATUSES,
    fail_orphaned_runs,
)
from whenanime_pipeline.defs.resources import LibraryResource

SCAN_INTERVAL = 15
"""Seconds between looks at the folder; a file that did not change between two is taken."""
RESUME_INTERVAL = 60
"""Seconds between looks for work that was left."""
RETRIGGER_INTERVAL = 600.0
"""Seconds before the same work is started once more, for the first time."""
_RETRIGGER_FACTOR = 4
"""By how much that grows each time: every run leaves four files, so five runs on the first day."""
MAX_RETRIGGER_INTERVAL = 86400.0
"""Seconds at most before the same work is started once more."""
_UNUSABLE = (LibraryError, SettingsError, SearchError)
"""Errors that someone has to mend; until then, every look ends alike."""
_PROBE_SECONDS = 20.0
"""Seconds of a look in which videos of an earlier build are looked into."""


@dg.sensor(
    minimum_interval_seconds=SCAN_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Follows the videos folder: new, replaced, renamed and deleted files. "
    "It starts nothing itself; automation does.",
)
def watch_videos(context: dg.SensorEvaluationContext, library: LibraryResource) -> dg.SkipReason:
    """Look at the folder; what stays the same until the next look is no longer being copied."""
    workspace = library.open()
    problems_file = workspace.home.problems_file
    try:
        # A sensor may not wait long: `whenanime index` has the lock while it watches a copy.
        with workspace.home.lock("catalogue").acquire(timeout=5):
            diff = _follow_folder(context.instance, workspace)
    except Timeout:
        return dg.SkipReason("`whenanime index` is looking at the folder")
    except _UNUSABLE as error:
        # What is wrong with single files is not known now, and so it stays.
        path, reason = _describe_unusable(error)
        _tell_changes(context, problems_file, load_problems(problems_file) | {path: reason})
        return dg.SkipReason(f"{path}: {reason}")
    found = [*diff.problems, *diff.warnings]
    _tell_changes(context, problems_file, {problem.path: problem.reason for problem in found})
    for notice in diff.takeovers:
        context.log.info(str(notice))
    return dg.SkipReason(
        f"{len(diff.new)} new, {len(diff.replaced)} replaced, {len(diff.renamed)} renamed, "
        f"{len(diff.deleted)} deleted, {len(diff.copying)} being copied, "
        f"{len(diff.problems)} that cannot be used, {len(diff.claims)} other versions, "
        f"{len(diff.namesakes)} distinguished by name, {diff.left_out} left out"
    )


def _follow_folder(instance: dg.DagsterInstance, workspace: Workspace) -> LibraryDiff:
    """Update the catalogue and the instance; the caller holds the lock `catalogue`."""
    pending = workspace.home.unsettled_file
    before, old = _read_pending(pending), workspace.load_catalogue()
    diff = detect_changes(
        workspace.videos_folder,
        old,
        before,
        workspace.settings.library.title,
        ignore=workspace.settings.library.ignore,
        probe=workspace.probe_video,
    )
    sync_catalogue(instance, workspace, old.apply(diff))
    if diff.unsettled != before:
        write_text(pending, dump_unsettled(diff.unsettled))
    return diff


def _tell_changes(
    context: dg.SensorEvaluationContext, problems_file: Path, problems: Problems
) -> None:
    """Log what is new and what is over, once: a sensor that logs makes a file at every look."""
    changes = update_problems(problems_file, problems)
    for path, reason in changes.new.items():
        context.log.warning(str(Problem(path, reason)))
    for path in changes.over:
        context.log.info(str(Problem(path, "no longer a problem")))


@dg.sensor(
    minimum_interval_seconds=RESUME_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes up work that was left: by a run that died, a disk that was away, "
    "a changed option or model.",
)
def resume_work(context: dg.SensorEvaluationContext, library: LibraryResource) -> dg.SkipReason:
    """Wake what has been waiting since the last look while nothing but learning and faces runs."""
    workspace, instance = library.open(), context.instance
    # Those of `up` are left alone: it is `up` that evaluates this.
    fail_orphaned_runs(instance, workspace.home, {INDEX_OWNER, TRAIN_OWNER})
    unfinished = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED_STATUSES))
    if not all(is_learning_run(run) or is_faces_run(run) for run in unfinished):
        return dg.SkipReason("work is going on")
    try:
        unusable = load_problems(workspace.home.problems_file)
        folder = str(workspace.videos_folder.absolute())
        if folder in unusable:
            return dg.SkipReason(f"{folder}: {unusable[folder]}")
        check_videos_folder(workspace.videos_folder)
        workspace.probe_readings(seconds=_PROBE_SECONDS)
        left = sorted(
            status.features_file.as_posix()
            for status in workspace.load_statuses()
            if status.is_pending and not _is_unusable(status.episode.path, unusable)
        )
        news = bool(workspace.list_pending_seasons()) or workspace.measure_pending_changes() > 0
    except _UNUSABLE as error:
        return dg.SkipReason(": ".join(_describe_unusable(error)))
    if not left and not news:
        return dg.SkipReason("nothing was left")
    seen = hash_json([left, news])
    last = _ResumeCursor.model_validate_json(context.cursor) if context.cursor else _ResumeCursor()
    if seen != last.seen:
        # New work is not left over: automation starts it by itself.
        last = _ResumeCursor(seen=seen)
    elif time() - last.woken >= _retrigger_interval(last.attempts):
        count = retrigger_pending_work(instance, workspace)
        if count:
            last = _ResumeCursor(seen=seen, woken=time(), attempts=last.attempts + 1)
        context.update_cursor(last.model_dump_json())
        return dg.SkipReason(f"{len(left)} episodes have work to do, {count} were woken")
    context.update_cursor(last.model_dump_json())
    return dg.SkipReason(f"{len(left)} episodes have work to do, 0 were woken")


automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=10,
    description="Starts what new and replaced episodes make necessary.",
)


class _ResumeCursor(BaseModel):
    """What `resume_work` remembers.

    Attributes:
        seen: what was left at the last look.
        woken: when that was woken last, in seconds since 1970; 0 when it was not.
        attempts: how often it was woken.
    """

    seen: str = ""
    woken: float = 0.0
    attempts: int = 0


def _retrigger_interval(attempts: int) -> float:
    """Return the seconds until work is started once more that was left so often."""
    factor = float(_RETRIGGER_FACTOR) ** min(max(attempts - 1, 0), 10)
    return min(RETRIGGER_INTERVAL * factor, MAX_RETRIGGER_INTERVAL)


def _is_unusable(path: str, problems: Problems) -> bool:
    """Tell whether a file, or a folder above it, has a problem that was reported."""
    above = (parent.as_posix() for parent in PurePosixPath(path).parents)
    return path in problems or any(folder in problems for folder in above)


def _describe_unusable(error: Exception) -> tuple[str, str]:
    """Return what cannot be used at all, and why."""
    if isinstance(error, LibraryError):
        return error.path, error.reason
    path, colon, reason = str(error).partition(": ")
    return (path, reason) if colon else ("the library", path)


def _read_pending(pending: Path) -> tuple[FileState, ...] | None:
    """Return the files that the last look saw changing; None before the first look."""
    try:
        return load_unsettled(pending.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
