"""What happens by itself while `whenanime up` runs."""

from pathlib import Path
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
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.defs.jobs import is_learning_run
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
"""Seconds before the same work is started once more."""
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
    pending = workspace.home.unsettled_file
    try:
        # A sensor may not wait long: `whenanime index` has the lock while it watches a copy.
        with workspace.home.lock("catalogue").acquire(timeout=5):
            old = workspace.load_catalogue()
            before = _read_pending(pending)
            diff = detect_changes(
                workspace.videos_folder, old, before, workspace.settings.library.title
            )
            sync_catalogue(context.instance, workspace, old.apply(diff))
            if diff.unsettled != before:
                write_text(pending, dump_unsettled(diff.unsettled))
    except Timeout:
        return dg.SkipReason("`whenanime index` is looking at the folder")
    for problem in diff.problems:
        context.log.warning(str(problem))
    return dg.SkipReason(
        f"{len(diff.new)} new, {len(diff.replaced)} replaced, {len(diff.renamed)} renamed, "
        f"{len(diff.deleted)} deleted, {len(diff.copying)} being copied, "
        f"{len(diff.problems)} that cannot be used"
    )


@dg.sensor(
    minimum_interval_seconds=RESUME_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes up work that was left: by a run that died, a disk that was away, "
    "a changed option or model.",
)
def resume_work(context: dg.SensorEvaluationContext, library: LibraryResource) -> dg.SkipReason:
    """Wake what has been waiting since the last look while nothing but learning runs."""
    workspace, instance = library.open(), context.instance
    # Those of `up` are left alone: it is `up` that evaluates this.
    fail_orphaned_runs(instance, workspace.home, {INDEX_OWNER, TRAIN_OWNER})
    unfinished = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED_STATUSES))
    if not all(map(is_learning_run, unfinished)):
        return dg.SkipReason("work is going on")
    workspace.probe_readings(seconds=_PROBE_SECONDS)
    left = sorted(s.features_file.as_posix() for s in workspace.load_statuses() if s.is_pending)
    news = workspace.measure_pending_changes() > 0
    if not left and not news:
        return dg.SkipReason("nothing was left")
    seen = hash_json([left, news])
    last = _ResumeCursor.model_validate_json(context.cursor) if context.cursor else _ResumeCursor()
    due = time() - last.woken >= RETRIGGER_INTERVAL
    # New work is not left over: automation starts it by itself.
    woken = seen == last.seen and due
    count = retrigger_pending_work(instance, workspace) if woken else 0
    now = _ResumeCursor(
        seen=seen, woken=time() if count else last.woken if seen == last.seen else 0.0
    )
    context.update_cursor(now.model_dump_json())
    return dg.SkipReason(f"{len(left)} episodes have work to do, {count} were woken")


automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=10,
    description="Starts what new and replaced episodes make necessary.",
)


class _ResumeCursor(BaseModel):
    """What `resume_work` remembers: what was left at the last look, and when it woke that."""

    seen: str = ""
    woken: float = 0.0


def _read_pending(pending: Path) -> tuple[FileState, ...] | None:
    """Return the files that the last look saw changing; None before the first look."""
    try:
        return load_unsettled(pending.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
