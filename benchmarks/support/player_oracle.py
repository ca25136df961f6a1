"""Asks mpv what it shows at a second of a file."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

_TIMEOUT = 60.0
_OPTIONS = (
    *("--no-config", "--really-quiet", "--vo=image", "--vo-image-format=png", "--ao=null"),
    *("--hr-seek=yes", "--hr-seek-demuxer-offset=3", "--frames=1"),
)


def show_in_mpv(path: Path, second: float) -> NDArray[np.uint8] | None:
    """Return the picture that mpv shows at a second, (h, w, 3) RGB; None where it shows none."""
    with TemporaryDirectory(prefix="mpv-") as folder:
        subprocess.run(
            ["mpv", *_OPTIONS, f"--vo-image-outdir={folder}", f"--start={second}", str(path)],
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
        pictures = sorted(Path(folder).glob("*.png"))
        read = cv2.imread(str(pictures[0])) if pictures else None
        return None if read is None else read[..., ::-1].astype(np.uint8)
