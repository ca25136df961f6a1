"""Following the folder of the videos: what commands do before they work on its episodes."""

from collections.abc import Sequence

import dagster as dg
from rich.console import Console
from rich.markup import escape

from whenanime_pipeline.core.library.change_detection import detect_settled_changes
from whenanime_pipeline.core.library.changes import LibraryDiff
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.library import sync_catalogue


def update_catalogue(
    workspace: Workspace, instance: dg.DagsterInstance, console: Console, steady_after: float
) -> LibraryDiff:
    """Catalogue the folder as it is, once nothing is being copied any more.

    Args:
        workspace: of the library.
        instance: where changes are recorded.
        console: what is waited for is drawn there.
        steady_after: seconds a file must stay as it is before it counts as copied.

    Raises:
        LibraryError: the folder is missing or cannot be read.
    """
    with console.status("Looking at the folder") as status, workspace.home.lock("catalogue"):

        def tell(awaited: Sequence[FileState]) -> None:
            names = ", ".join(file.path for file in awaited[:3])
            more = f" and {len(awaited) - 3} more" if len(awaited) > 3 else ""
            status.update(escape(f"Waiting until these are as they were 2 s ago: {names}{more}"))

        old = workspace.load_catalogue()
        options = workspace.settings.library
        diff = detect_settled_changes(
            workspace.videos_folder,
            old,
            options.title,
            ignore=options.ignore,
            probe=workspace.probe_video,
            interval=steady_after,
            on_wait=tell,
        )
        sync_catalogue(instance, workspace, old.apply(diff))
    return diff
