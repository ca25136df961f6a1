"""Shows the progress of a training: epoch, loss, remaining time and metrics."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.progress import Progress as Training
from whenanime_pipeline.defs.resources import format_log_row


class TrainingBars:
    """A bar over all epochs, and a line for each finished epoch, also without a terminal."""

    def __init__(self, progress: Progress, *, cut_off: int = 0) -> None:
        """Set the display.

        Args:
            progress: progress display, started by the caller.
            cut_off: epochs of an interrupted training that may be resumed; 0 without one.
        """
        self._steps = 0
        self._cut_off = cut_off
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def on_preparation_progress(self, what: str, done: float, whole: float) -> None:
        """Show the progress of a preparation step."""
        self._show(what, done, whole, f"{done:.0f} of {whole:.0f}")

    def on_step(self, progress: Training) -> None:
        """Show the progress after a batch."""
        self._steps += 1
        if self._steps == 1 and progress.step > 1:
            self._say(f"resuming in epoch {progress.epoch} of {progress.epochs}")
        left = timedelta(seconds=round(progress.seconds_left))
        words = f"loss {progress.loss:.3f}, {left} left, epoch {progress.epoch} of "
        self._show("training", progress.fraction_done, 1.0, f"{words}{progress.epochs}")

    def on_epoch(self, row: LogRow) -> None:
        """Print the metrics of an epoch; row 0 is before training."""
        if row.epoch == 0 and self._cut_off:
            self._say(
                f"a training was interrupted after epoch {self._cut_off} with another dataset or "
                "other options; starting again"
            )
        self._say(format_log_row(row))

    def _say(self, words: str) -> None:
        self._progress.console.print(words, soft_wrap=True, markup=False, highlight=False)

    def _show(self, what: str, done: float, whole: float, words: str) -> None:
        if what not in self._tasks:
            for before in self._tasks.values():
                self._progress.update(before, visible=False)
            self._tasks[what] = self._progress.add_task(what, words="")
        self._progress.update(self._tasks[what], completed=done, total=whole or None, words=words)


@contextmanager
def show_training_progress(console: Console, *, cut_off: int = 0) -> Iterator[TrainingBars]:
    """Draw the progress of a training while the block runs; arguments as of `TrainingBars`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    # Without a terminal, rich would still print an empty line.
    disable = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=disable) as progress:
        yield TrainingBars(progress, cut_off=cut_off)
