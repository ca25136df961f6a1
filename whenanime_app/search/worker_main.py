"""`python -m whenanime_app.search.worker_main HOME [EF]`: a process that searches for a server.

It ends when its input does, however the server ended.
"""

import io
import os
import pickle
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from whenanime_app.search.searcher import decoded, find_in
from whenanime_app.search.worker_process import NotHereError, NotLoadedError, Question, Reply
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.snapshot import check_files

_FIRST_TO_GO = "1000"
"""For the kernel, when memory runs out: a server without this process still answers."""


class Child:
    """Answers questions, in the snapshot that the server searches."""

    def __init__(self, home: Path, ef: int | None = None) -> None:
        """Look into a home; nothing is loaded yet.

        Args:
            home: the library's folder.
            ef: candidates while searching; None for as many as the library's options say.
        """
        self._snapshots = Home(home).snapshots
        self._ef = ef
        self._engine: SearchEngine | None = None

    def reply(self, question: Question) -> Reply:
        """Return the reply to a question; whatever goes wrong is a reply too."""
        try:
            if question.snapshot is None:
                return None
            engine = self._loaded(question.snapshot)
            if question.data is None:
                return None
            return find_in(engine, question.data, question.only, question.limit, decoded)
        except LargePictureError:
            return NotHereError()
        except Exception as error:  # noqa: BLE001  (the server tells it, and the next one is answered)
            error.add_note("".join(traceback.format_exception(error)))  # pickles leave it out
            return error

    def _loaded(self, snapshot: str) -> SearchEngine:
        if self._engine is None or self._engine.snapshot.id != snapshot:
            self._engine = None  # there may be no memory for both
            folder = self._snapshots / snapshot
            try:
                check_files(folder)
                self._engine = SearchEngine.open(folder, threads=1, ef=self._ef)
            except (SearchError, OSError, MemoryError) as error:
                raise NotLoadedError(str(error) or type(error).__name__) from error
        return self._engine


def answer_all(child: Child, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer questions until there are no more.

    Args:
        child: knows the answers.
        source: where the questions come from.
        sink: where the replies go.
    """
    # The server may end at any moment, also in the middle of a question.
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            # Nothing of a question is kept until the next one.
            sink.write(_pickled(child.reply(pickle.load(source))))  # noqa: S301  (the server)
            sink.flush()


def _pickled(reply: Reply) -> bytes:
    """Return a reply as it is sent; an exception that cannot be read back, as its text."""
    try:
        told = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
        if isinstance(reply, Exception):
            pickle.loads(told)  # noqa: S301  (just made)
    except Exception:
        if not isinstance(reply, Exception):
            raise
        told = pickle.dumps(RuntimeError("".join(traceback.format_exception(reply))))
    return told


def _main(home: str, ef: str | None = None) -> None:
    # A service is told to end with all its processes at once, and still answers what it was asked.
    for sent in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sent, signal.SIG_IGN)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    # Libraries print, and replies must not be among it.
    sink = io.BufferedWriter(io.FileIO(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer_all(Child(Path(home), None if ef is None else int(ef)), sys.stdin.buffer, sink)


if __name__ == "__main__":
    _main(*sys.argv[1:])
