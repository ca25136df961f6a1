"""What the commands print: one line each, on whatever standard output is, even on none."""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from whenanime_pipeline.core.library.errors import escape_unprintable


class TolerantConsole(Console):
    """A console for progress: work does not end because nobody reads what is said about it."""

    def on_broken_pipe(self) -> None:
        """Go on silently; rich's own ends the program, in the midst of an episode."""
        self.quiet = True
        _discard_stdout()


def escape_unencodable() -> None:
    """Have characters that an output's encoding lacks written as escapes, not refused."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_line(text: str, *, error: bool = False) -> None:
    """Print exactly one line, however long (rich would wrap it) and whatever names it holds."""
    print_text(escape_unprintable(text), error=error)


def print_text(text: str, *, error: bool = False) -> None:
    """Print text as it is; when nobody reads standard output any more, for nobody."""
    try:
        print(text, file=sys.stderr if error else sys.stdout, flush=True)
    except BrokenPipeError:
        _discard_stdout()


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print a JSON document, with JSON's own escapes where the output is not UTF-8."""
    is_utf = getattr(sys.stdout, "encoding", "utf-8").lower().startswith("utf")
    print_text(json.dumps(document, ensure_ascii=not is_utf))


def _discard_stdout() -> None:
    """Send standard output to nowhere, also what Python flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
