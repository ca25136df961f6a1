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

from whenanime_app.search.searcher import decode_small_query, run_search
from whenanime_app.search.worker_process import (
    NeedsServerProcessError,
    SnapshotNotLoadedError,
    WorkerReply,
    WorkerRequest,
)
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.snapshot import check_files

_OOM_SCORE_ADJUSTMENT = "1000"
"""For the kernel, when memory runs out: a server without this process still answers."""


class SearchWorker:
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

    def handle_request(self, request: WorkerRequest) -> WorkerReply:
        """Return the reply to a question; whatever goes wrong is a reply too."""
        try:
            if request.snapshot_id is None:
                return None
            engine = self._load_engine(request.snapshot_id)
            if request.data is None:
                return None
            return run_search(engine, request.data, request.only, request.limit, decode_small_query)
        except LargePictureError:
            return NeedsServerProcessError()
        except Exception as error:  # noqa: BLE001  (the server tells it, and the next one is answered)
            error.add_note("".join(traceback.format_exception(error)))  # pickles leave it out
            return error

    def _load_engine(self, snapshot_id: str) -> SearchEngine:
        if self._engine is None or self._engine.snapshot.id != snapshot_id:
            self._engine = None  # there may be no memory for both
            folder = self._snapshots / snapshot_id
            try:
                check_files(folder)
                self._engine = SearchEngine.open(folder, threads=1, ef=self._ef)
            except (SearchError, OSError, MemoryError) as error:
                raise SnapshotNotLoadedError(str(error) or type(error).__name__) from error
        return self._engine


def serve_requests(worker: SearchWorker, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer questions until there are no more.

    Args:
        worker: knows the answers.
        requests: where the questions come from.
        replies: where the replies go.
    """
    # The server may end at any moment, also in the middle of a question.
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            # Nothing of a question is kept until the next one.
            replies.write(_pickle_reply(worker.handle_request(pickle.load(requests))))  # noqa: S301  (the server)
            replies.flush()


def _pickle_reply(reply: WorkerReply) -> bytes:
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
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE_ADJUSTMENT)
    # Libraries print, and replies must not be among it.
    sink = io.BufferedWriter(io.FileIO(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve_requests(
        SearchWorker(Path(home), None if ef is None else int(ef)), sys.stdin.buffer, sink
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
