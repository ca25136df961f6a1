"""The progress of work on episodes, drawn: which one, how fast, how long still."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from whenanime_pipeline.core.library.errors import escape_unprintable


class ProgressReporter:
    """A bar over all episodes, by their size, and one over the episode at hand.

    On something that is no terminal an episode that is done is a line.
    """

    def __init__(self, progress: Progress, sizes: Mapping[str, int], done: str) -> None:
        """Show the work on some episodes.

        Args:
            progress: drawn by the caller.
            sizes: bytes of each episode's file, by its path.
            done: what is said of an episode that is done, before its path.
        """
        self._done = done
        # Asked now: while a run goes on Dagster leads standard output through a file.
        self._lines = not progress.console.is_terminal
        self.failures: dict[str, str] = {}
        self._progress = progress
        self._sizes = sizes
        self._done_bytes = 0
        self._path = ""
        self._finished = 0
        self._speed = 0.0
        self._all = progress.add_task("", total=sum(sizes.values()) or None, speed="")
        self._one = progress.add_task("", total=None, speed="", visible=False)

    def on_episode_begin(self, path: str) -> None:
        """Work on an episode begins."""
        self._path = path
        self._count()
        self._progress.reset(
            self._one, description=escape_unprintable(path), total=None, visible=True, speed=""
        )

    def on_video_progress(self, second: float, duration: float) -> None:
        """Its video has been read so far; the duration is 0 when unknown."""
        task = self._progress.tasks[self._one]
        speed = f"{second / task.elapsed:.0f}× real time" if task.elapsed else ""
        self._progress.update(self._one, completed=second, total=duration or None, speed=speed)
        if duration:
            part = min(1.0, second / duration) * self._sizes.get(self._path, 0)
            self._progress.update(self._all, completed=self._done_bytes + part)

    def on_embedding_progress(self, done: float, frames: float) -> None:
        """So many of its frames are embedded."""
        self._progress.update(
            self._one, completed=done, total=frames, speed=f"{done:.0f} of {frames:.0f} frames"
        )

    def on_local_features_progress(self, done: float, frames: float) -> None:
        """The local features of so many of its key frames are there."""
        self._progress.update(
            self._one, completed=done, total=frames, speed=f"{done:.0f} of {frames:.0f} key frames"
        )

    def on_training_frames_progress(self, done: float, frames: float) -> None:
        """So many of its training frames are taken."""
        self.on_embedding_progress(done, frames)
        if frames:
            part = done / frames * self._sizes.get(self._path, 0)
            self._progress.update(self._all, completed=self._done_bytes + part)

    def on_themes_progress(self, series: str, done: int, episodes: int) -> None:
        """The themes of a season are looked for: so many of its episodes have their tracks."""
        self._progress.update(
            self._one,
            description=f"themes of {escape_unprintable(series)}",
            completed=done,
            total=episodes,
            visible=done < episodes,
            speed=f"{done} of {episodes} episodes",
        )

    def on_faces_progress(self, done: float, frames: float) -> None:
        """Faces were looked for in so many of its frames."""
        self.on_training_frames_progress(done, frames)

    def on_episode_failure(self, path: str, reason: str) -> None:
        """It cannot be indexed."""
        self.failures[path] = reason
        self._end()

    def on_episode_end(self, path: str) -> None:
        """It is done."""
        if self._lines:
            said = f"{self._done} {escape_unprintable(path)}"
            self._progress.console.print(said, soft_wrap=True, markup=False)
        self._end()

    def _end(self) -> None:
        self._finished += 1
        self._done_bytes += self._sizes.get(self._path, 0)
        self._progress.update(self._all, completed=self._done_bytes)
        self._count()

    def _count(self) -> None:
        self._progress.update(
            self._all, description=f"episodes {self._finished} of {len(self._sizes)}"
        )


@contextmanager
def show_progress(
    console: Console, sizes: Mapping[str, int], done: str = "indexed"
) -> Iterator[ProgressReporter]:
    """Draw the progress of some episodes while the block runs; arguments as of the reporter."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # Where no bars can be drawn, rich would still leave an empty line.
    disable = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=disable) as progress:
        yield ProgressReporter(progress, sizes, done)
