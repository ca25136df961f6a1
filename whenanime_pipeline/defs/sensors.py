"""What happens by itself while `whenanime up` runs."""

import dagster as dg
from filelock import Timeout

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.library.look import dump_pending, load_pending, look
from whenanime_pipeline.defs.library import sync
from whenanime_pipeline.defs.resources import LibraryResource

LOOK_EVERY = 15
"""Seconds between looks at the folder; a file that did not change between two is taken."""


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
            before = load_pending(pending.read_text()) if pending.exists() else None
            diff = look(workspace.videos, old, before, workspace.settings.library.title)
            sync(context.instance, workspace, old.apply(diff))
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


automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=10,
    description="Starts what new and replaced episodes make necessary.",
)
