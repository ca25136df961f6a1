"""A process that searches beside the server's own, and the server's end of it.

Comparing a screenshot with hundreds of stored frames is thousands of calls of a tenth of a
millisecond, and the interpreter's lock has to change hands for each: two threads of one process
answer 1.4 times as many searches as one, and two processes answer twice as many.

Questions and answers are pickles, one after the other, on the process' standard input and output.
It ends when its input does, however the server ended.
"""

import io
import os
import pickle
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from whenanime_app.searching import Answer, NothingIndexedError, Searcher, is_video
from whenanime_app.workers import BusyError
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.search.filters import Filter
from whenanime_pipeline.core.search.live import LiveEngine

_READY = "ready"
_PATIENCE = 10.0
"""Seconds until a process that was told to end is made to."""

Question = tuple[bytes, Filter, int]


class ProcessGoneError(BusyError):
    """The process ended in the middle of a search."""


class NotHereError(Exception):
    """A picture has to be decoded where no two such are at once: in the server's own process."""


class SearchProcess:
    """The server's end: one search at a time, from one thread at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @classmethod
    def start(cls, home: Path, ef: int | None) -> Self:
        """Start a process; it loads what is indexed meanwhile.

        Args:
            home: the library's folder.
            ef: candidates while searching; None for as many as the library's options say.

        Raises:
            OSError: the system starts none.
        """
        command = [sys.executable, "-m", __name__, str(home.resolve())]
        if ef is not None:
            command.append(str(ef))
        return cls(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=-1)
        )

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until it has loaded what is indexed.

        Raises:
            ProcessGoneError: it ended instead.
        """
        if self._received() != _READY:
            raise ProcessGoneError("a search process says something else than that it is ready")

    def find(self, data: bytes, only: Filter, limit: int) -> Answer:
        """Search for a picture there; as `Searcher.find`.

        Raises:
            ProcessGoneError: it ended meanwhile. It is not asked again: what it ended of may be
                the picture.
            NotHereError: the picture is a video's, or a large one.
        """
        if is_video(data):
            raise NotHereError
        question: Question = data, only, limit
        try:
            assert self._process.stdin is not None
            pickle.dump(question, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except OSError as error:
            raise ProcessGoneError("a search failed; try again") from error
        answer = self._received()
        if isinstance(answer, LargePictureError):
            raise NotHereError from answer
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Answer)
        return answer

    def close(self) -> None:
        """Tell it to end, and wait for that."""
        assert self._process.stdin is not None
        with suppress(OSError):  # what was to be flushed has nobody to go to
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _received(self) -> object:
        assert self._process.stdout is not None
        try:
            return pickle.load(self._process.stdout)  # noqa: S301  (our own process)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise ProcessGoneError("a search failed; try again") from error


def answer_questions(searcher: Searcher, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer questions until there are no more.

    Args:
        searcher: searches.
        source: where they come from.
        sink: where the answers go; an exception is an answer too.
    """
    while True:
        try:
            data, only, limit = pickle.load(source)  # noqa: S301  (the server itself)
        except (EOFError, pickle.UnpicklingError):
            return  # the server ended, perhaps in the middle of a question
        try:
            answer = _pickled(searcher.find(data, only, limit, large=False))
        except Exception as error:  # noqa: BLE001  (who asked is told; the next one is answered)
            answer = _pickled_error(error)
        try:
            sink.write(answer)
            sink.flush()
        except BrokenPipeError:
            return


def _pickled(answer: object) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _pickled_error(error: Exception) -> bytes:
    """Return an exception with where it was raised, which pickles leave out."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        answer = _pickled(error)
        pickle.loads(answer)  # noqa: S301  (some are pickled and cannot be read back)
    except Exception:  # noqa: BLE001  (whatever a class of someone else's raises)
        return _pickled(RuntimeError("".join(traceback.format_exception(error))))
    return answer


def _main(home: str, ef: str | None = None) -> None:
    # Ctrl-C reaches all processes of a terminal; this one ends with the server's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source = sys.stdin.buffer
    # Libraries print, and answers must not be among it.
    sink = io.BufferedWriter(io.FileIO(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    live = LiveEngine(Path(home), threads=1, ef=None if ef is None else int(ef))
    searcher = Searcher(live)
    with suppress(NothingIndexedError):  # it may be later
        searcher.engine()
    sink.write(_pickled(_READY))
    sink.flush()
    answer_questions(searcher, source, sink)


if __name__ == "__main__":
    _main(*sys.argv[1:])
