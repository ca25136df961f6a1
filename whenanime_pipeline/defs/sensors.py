"""What happens by itself while `whenanime up` runs."""

from pathlib import Path
from time import time

import dagster as dg
from filelock import Timeout
from pydantic import BaseModel

from whenanime_pipeline.core.files import content_id, write_text
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.look import dump_pending, load_pending, look
from whenanime_pipeline.defs.dead_runs import BY_INDEX, BY_TRAIN, UNFINISHED, clear_dead_runs
from whenanime_pipeline.defs.jobs import learns
from whenanime_pipeline.defs.library import sync, wake
from whenanime_pipeline.defs.resources import LibraryResource

LOOK_EVERY = 15
"""Seconds between looks at the folder; a file that did not change between two is taken."""
TEND_EVERY = 60
"""Seconds between looks for work that was left."""
WAKE_EVERY = 600.0
"""Seconds before the same work is started once more."""


@dg.sensor(
    minimum_interval_seconds=LOOK_EVERY,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Follows the videos folder: new, replaced, renamed and deleted files. "
    "It starts nothing itself; automation does.",
)
def watch_videos(context: dg.SensorEvaluationContext, library: LibraryResource) -> dg.SkipReason:
    """Look at the folder; what stays the same until the next look is no longer being copied."""
    workspace = library.open()
    pending = workspace.home.pending
    try:
        # A sensor may not wait long: `whenanime index` has the lock while it watches a copy.
        with workspace.home.lock("catalogue").acquire(timeout=5):
            old = workspace.catalogue()
            before = _read(pending)
            diff = look(workspace.videos, old, before, workspace.settings.library.title)
            sync(context.instance, workspace, old.apply(diff))
            if diff.pending != before:
                write_text(pending, dump_pending(diff.pending))
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
    minimum_interval_seconds=TEND_EVERY,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes up work that was left: by a run that died, a disk that was away, "
    "a changed option or model.",
)
def resume_work(context: dg.SensorEvaluationContext, library: LibraryResource) -> dg.SkipReason:
    """Wake what has been waiting since the last look while nothing but learning runs."""
    workspace, instance = library.open(), context.instance
    # Those of `up` are left alone: it is `up` that evaluates this.
    clear_dead_runs(instance, workspace.home, {BY_INDEX, BY_TRAIN})
    unfinished = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    if not all(map(learns, unfinished)):
        return dg.SkipReason("work is going on")
    left = sorted(s.features_file.as_posix() for s in workspace.statuses() if s.pending)
    news = workspace.news() > 0
    if not left and not news:
        return dg.SkipReason("nothing was left")
    seen = content_id([left, news])
    last = _Tended.model_validate_json(context.cursor) if context.cursor else _Tended()
    due = time() - last.woken >= WAKE_EVERY
    # What is new is not left: automation starts it without being told.
    woken = seen == last.seen and due
    count = wake(instance, workspace) if woken else 0
    now = _Tended(seen=seen, woken=time() if count else last.woken if seen == last.seen else 0.0)
    context.update_cursor(now.model_dump_json())
    return dg.SkipReason(f"{len(left)} episodes have work to do, {count} were woken")


automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=10,
    description="Starts what new and replaced episodes make necessary.",
)


class _Tended(BaseModel):
    """What `resume_work` remembers: what was left at the last look, and when it woke that."""

    seen: str = ""
    woken: float = 0.0


def _read(pending: Path) -> tuple[FileState, ...] | None:
    """Return the files that the last look saw changing; None before the first look."""
    try:
        return load_pending(pending.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
