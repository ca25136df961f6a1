"""`whenanime demo`: a small drawn anime, indexed, and one question asked of it."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.index import update_index
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.sample.sample_library import LOCK_FILE, TRUTH_FILE, make_sample_library
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """A question whose answer is known, and what came back.

    Attributes:
        path: of the video the picture was taken from, relative to the videos folder.
        second: of the picture.
        scene: the best answer.
    """

    path: str
    second: float
    scene: Scene


def prepare_demo(workspace: Workspace, console: Console) -> DemoAnswer:
    """Draw the sample library, index it, and search for a frame of it.

    Args:
        workspace: its videos folder is empty, or holds the sample already, whole or in part.
        console: progress is drawn there.

    Raises:
        CommandError: the folder holds other videos, or a file of the sample was not indexed.
    """
    videos = workspace.videos_folder
    if videos.exists() and not may_draw_in(videos):
        raise CommandError(f"{videos}: holds other files; give the demo an empty --videos folder")
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("drawing a small anime", total=None)
        truth = make_sample_library(
            videos,
            progress=lambda done, total, _: progress.update(task, completed=done, total=total),
        )
    outcome = update_index(workspace, console)
    if outcome.problems or outcome.snapshot is None:
        raise CommandError(f"the sample could not be indexed: {outcome.problems}")
    file = truth.files[len(truth.files) // 2]
    return _search_frame(workspace, outcome.snapshot, file.path, file.duration / 2)


def may_draw_in(videos: Path) -> bool:
    """Tell whether a folder is empty, or the sample's: the truth is written last, a lock first."""
    names = {path.name for path in videos.iterdir()}
    return not names or bool(names & {TRUTH_FILE, LOCK_FILE})


def _search_frame(workspace: Workspace, snapshot: str, path: str, second: float) -> DemoAnswer:
    engine = SearchEngine.open(workspace.home.snapshots / snapshot)
    scenes = engine.search(decode_frame_at(workspace.videos_folder / path, second), limit=1)
    if not scenes:
        raise CommandError(f"{path}: its frame at {second:.1f} s was not found")
    return DemoAnswer(path, second, scenes[0])
