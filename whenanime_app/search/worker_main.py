"""`python -m whenanime_app.search.worker_main HOME [EF]`: answers a server's search requests.

The process ends at the end of its standard input, however the server ended.
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
    FindFacesRequest,
    NeedsServerProcessError,
    SnapshotNotLoadedError,
    WorkerReply,
    WorkerRequest,
)
from whenanime_pipeline.core.characters.detector import open_detector
from whenanime_pipeline.core.characters.found_faces import FaceDetector, FoundFaces
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.snapshot import check_files

_OOM_SCORE_ADJUSTMENT = "1000"
"""Makes the kernel kill workers first when memory runs out: the server answers without them."""


class SearchWorker:
    """Answers requests, each in the snapshot that it names."""

    def __init__(self, home: Path, ef: int | None = None) -> None:
        """Make the worker; nothing is loaded yet.

        Args:
            home: home of the library.
            ef: as `AppSettings.ef`.
        """
        self._home = Home(home)
        self._ef = ef
        self._engine: SearchEngine | None = None
        self._detector: FaceDetector | None = None

    def handle_request(self, request: WorkerRequest | FindFacesRequest) -> WorkerReply:
        """Return the reply to a request; errors are returned as replies too."""
        try:
            if isinstance(request, FindFacesRequest):
                return self._find_faces(request)
            if request.snapshot_id is None:
                return None
            engine = self._load_engine(request.snapshot_id)
            if request.data is None:
                return None
            return run_search(engine, request.data, request.only, request.limit, decode_small_query)
        except LargePictureError:
            return NeedsServerProcessError()
        except Exception as error:  # noqa: BLE001  (raised by the server; the worker goes on)
            error.add_note("".join(traceback.format_exception(error)))  # lost in pickling
            return error

    def _find_faces(self, request: FindFacesRequest) -> FoundFaces:
        self._detector = self._detector or open_detector(self._home)
        return self._detector.find_faces(request.picture)

    def _load_engine(self, snapshot_id: str) -> SearchEngine:
        if self._engine is None or self._engine.snapshot.id != snapshot_id:
            self._engine = None  # memory may not suffice for both
            folder = self._home.snapshots / snapshot_id
            try:
                check_files(folder)
                self._engine = SearchEngine.open(folder, threads=1, ef=self._ef)
            except (SearchError, OSError, MemoryError) as error:
                raise SnapshotNotLoadedError(str(error) or type(error).__name__) from error
        return self._engine


def serve_requests(worker: SearchWorker, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until the input ends.

    Args:
        worker: worker that handles the requests.
        requests: stream of pickled requests.
        replies: stream of pickled replies.
    """
    # The server may end at any moment, also in the middle of a request.
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            # No local names, so that a request's memory is freed before the next one.
            replies.write(_pickle_reply(worker.handle_request(pickle.load(requests))))  # noqa: S301  (the server)
            replies.flush()


def _pickle_reply(reply: WorkerReply) -> bytes:
    """Return a pickled reply; an exception that cannot be unpickled becomes its text."""
    try:
        pickled = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
        if isinstance(reply, Exception):
            pickle.loads(pickled)  # noqa: S301  (just made)
    except Exception:
        if not isinstance(reply, Exception):
            raise
        pickled = pickle.dumps(RuntimeError("".join(traceback.format_exception(reply))))
    return pickled


def _main(home: str, ef: str | None = None) -> None:
    # A service manager signals all processes at once, but the server still answers what is running.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE_ADJUSTMENT)
    # Libraries print to standard output, which would break the stream of replies.
    sink = io.BufferedWriter(io.FileIO(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve_requests(
        SearchWorker(Path(home), None if ef is None else int(ef)), sys.stdin.buffer, sink
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
