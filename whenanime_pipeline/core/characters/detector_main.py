"""`python -m …detector_main HOME`: finds the faces of the pictures on standard input.

Ends at the end of its input. Works at low priority: what waits for it can wait.
"""

import io
import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import cv2

from whenanime_pipeline.core.characters.detector import open_detector
from whenanime_pipeline.core.characters.errors import CharactersError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.settings import SettingsError

_NICENESS = 10


def serve_pictures(home: Home, pictures: BinaryIO, replies: BinaryIO) -> None:
    """Reply to each pickled picture with its faces, or with an error; to None with an id.

    Args:
        home: its `config.toml` chooses the detector.
        pictures: stream of pickled pictures.
        replies: stream of pickled replies.
    """
    # The other end may go at any moment, also in the middle of a picture.
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        detector = None
        while True:
            picture = pickle.load(pictures)  # noqa: S301  (our own parent)
            reply: object
            try:
                detector = detector or open_detector(home)
                reply = detector.id if picture is None else detector.find_faces(picture)
            except (CharactersError, SettingsError) as error:
                reply = type(error)(str(error))
            pickle.dump(reply, replies, pickle.HIGHEST_PROTOCOL)
            replies.flush()


def _main(home: str) -> None:
    with suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    # Libraries print to standard output, which would break the stream of replies.
    sink = io.BufferedWriter(io.FileIO(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve_pictures(Home(Path(home)), sys.stdin.buffer, sink)


if __name__ == "__main__":
    _main(sys.argv[1])
