"""Finds the faces of pictures in a process of its own: the detector is native code of others.

The process runs `worker_main`, as searching ones do, but loads no snapshot: it starts with the
first picture, and a picture that ends it costs that answer alone.
"""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_app.search.worker_process import (
    FindFacesRequest,
    WorkerExitedError,
    WorkerProcess,
)
from whenanime_pipeline.core.characters.found_faces import FoundFaces

MAX_LONG_SIDE = 1280
"""Pixels of the longer side of what the detector is given."""
FACES_TIMEOUT = 20.0
"""Seconds that a picture may take, with the start of the process and the detector's self-test: ten
times their usual duration."""


class FaceProcess:
    """The process that finds faces, replaced when it has ended. Threads take turns."""

    def __init__(self, home: Path, *, timeout: float = FACES_TIMEOUT) -> None:
        """Make it; the process starts with the first picture.

        Args:
            home: home of the library, whose options choose the detector.
            timeout: seconds that a picture may take.
        """
        self._home = home
        self._timeout = timeout
        self._process: WorkerProcess | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Id of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def find_faces(self, picture: NDArray[np.uint8]) -> FoundFaces:
        """Find the faces of a picture.

        Args:
            picture: RGB, `(height, width, 3)`, decoded by us.

        Returns:
            The faces, in the picture's pixels.

        Raises:
            WorkerExitedError: the process ended at this picture, or took too long.
            CharactersError: the detector is missing or blind, or failed at this picture.
            SettingsError: the options cannot be read.
        """
        scale = min(1.0, MAX_LONG_SIDE / max(picture.shape[:2]))
        height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
        if scale < 1:
            picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))
        with self._lock:
            reply = self._call(FindFacesRequest(picture))
        if isinstance(reply, Exception):
            raise reply
        assert isinstance(reply, FoundFaces)
        return reply.scale(1 / scale)

    def close(self) -> None:
        """End the process and wait until it has exited; the next picture starts another."""
        with self._lock:
            self._close()

    def _call(self, request: FindFacesRequest) -> object:
        if self._process is not None and not self._process.is_alive:
            self._close()  # killed since, as by the system when memory ran out
        if self._process is None:
            try:
                self._process = WorkerProcess.start(self._home, None)
            except OSError as error:
                raise WorkerExitedError("no process could be started; try again") from error
        try:
            return self._process.call(request, self._timeout)
        except WorkerExitedError:
            self._close()
            raise

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()
