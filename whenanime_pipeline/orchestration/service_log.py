"""What Dagster's processes print, in a log file of bounded size."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging import INFO, Formatter, LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread

MAX_BYTES = 2_000_000
"""Size at which a log file is put aside."""
OLD_FILES = 3
"""Number of files that were put aside and are kept."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def open_service_log(path: Path, *, echo: bool) -> Iterator[int]:
    """Write what other processes print to a file.

    Args:
        path: of the log file.
        echo: whether to print it here as well.

    Yields:
        A file descriptor for their output.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=MAX_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(Formatter("%(message)s"))
    reading, writing = os.pipe()
    thread = Thread(target=_copy_lines, args=(reading, handler, echo), daemon=True)
    thread.start()
    try:
        yield writing
    finally:
        os.close(writing)
        thread.join(timeout=5.0)  # a process that was left behind may hold the other end
        handler.close()


def _copy_lines(reading: int, handler: RotatingFileHandler, echo: bool) -> None:
    with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if echo:
                print(line, end="", file=sys.stderr, flush=True)
            text = _COLOURS.sub("", line.rstrip("\n"))
            handler.emit(LogRecord("dagster", INFO, "", 0, text, None, None))
