"""Shows the progress of looking into videos: transport streams are read to their end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from whenanime_pipeline.core.library.errors import escape_unprintable
from whenanime_pipeline.core.search.readings import ProbeProgress

LINE_INTERVAL = 10.0
"""Seconds between two lines on something that is no terminal; what takes less needs none."""


@contextmanager
def show_probing(
    console: Console, *, clock: Callable[[], float] = monotonic
) -> Iterator[ProbeProgress]:
    """Draw a bar over the bytes of the videos that are looked into while the block runs.

    On something that is no terminal the video at hand is a line, every ten seconds.

    Args:
        console: Progress is drawn there.
        clock: Returns seconds.
    """
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    reported = clock()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=None, visible=False)

        def on_video(path: str, done: int, total: int) -> None:
            nonlocal reported
            description = f"reading times of {escape_unprintable(path)}"
            progress.update(
                task, description=description, completed=done, total=total or None, visible=True
            )
            if not console.is_terminal and clock() - reported >= LINE_INTERVAL:
                reported = clock()
                share = 100 * done // total if total else 0
                console.print(f"{description} ({share} %)", soft_wrap=True, markup=False)

        yield on_video
