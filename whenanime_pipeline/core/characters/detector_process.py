"""Runs the face detector in a process of its own, which a picture may end without harm.

The library of the default detector is C code of 2009, and other detectors are files of the user's.
Pictures and faces are pickles on the process' standard input and output; `detector_main` is the
other end.
"""

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.errors import DetectorError, DetectorExitedError
from whenanime_pipeline.core.characters.found_faces import FoundFaces
from whenanime_pipeline.core.home import Home

CHILD_MODULE = "whenanime_pipeline.core.characters.detector_main"
FIND_TIMEOUT, START_TIMEOUT = 20.0, 60.0
"""Seconds that a picture, and loading the detector with its self-test, may take: a hundred times
their usual duration."""
_EXIT_TIMEOUT = 5.0


class DetectorProcess:
    """The face detector of a home, in another process; not safe to share between threads.

    Attributes:
        id: of the detector.
    """

    def __init__(self, home: Home, *, timeout: float = FIND_TIMEOUT) -> None:
        """Start the process, and wait until its detector has passed its self-test.

        Args:
            home: its `config.toml` chooses the detector.
            timeout: seconds after which the process is killed at a picture.

        Raises:
            DetectorError: the detector is missing, damaged or blind, or no process can be started.
        """
        self._home = home
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self.id = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Id of the process; None when the last one has ended at a picture."""
        return None if self._process is None else self._process.pid

    def find_faces(self, picture: NDArray[np.uint8]) -> FoundFaces:
        """Find the faces of a picture, as `FaceDetector.find_faces`.

        Raises:
            DetectorExitedError: the process ended at the picture, or took too long; the next call
                starts another one.
            CharactersError: the detector failed at the picture, or cannot be loaded any more.
        """
        if self._process is None:
            self._start()
        reply = self._call(picture, self._timeout)
        if isinstance(reply, Exception):
            raise reply
        assert isinstance(reply, FoundFaces)
        return reply

    def close(self) -> None:
        """End the process and wait until it has exited."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _start(self) -> str:
        """Start a process and return its detector's id."""
        command = [sys.executable, "-P", "-m", CHILD_MODULE, str(self._home.root.absolute())]
        paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        try:
            self._process = subprocess.Popen(
                command,
                env=os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches the caller only
            )
        except OSError as error:
            raise DetectorError(f"no process for the face detector: {error}") from error
        try:
            reply = self._call(None, START_TIMEOUT)
        except DetectorExitedError as error:
            reason = "the process of the face detector ended when it was loaded"
            raise DetectorError(f"{reason}; run `whenanime doctor`") from error
        if isinstance(reply, Exception):
            self.close()
            raise reply
        assert isinstance(reply, str)
        return reply

    def _call(self, picture: NDArray[np.uint8] | None, timeout: float) -> object:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(timeout, process.kill)
        timer.daemon = True
        timer.start()
        try:
            pickle.dump(picture, process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            return pickle.load(process.stdout)  # noqa: S301  (our own process)
        except Exception as error:  # a truncated pickle may raise anything
            self.close()
            reason = f"the face detector ended at a picture (exit status {process.returncode})"
            raise DetectorExitedError(reason) from error
        finally:
            timer.cancel()
