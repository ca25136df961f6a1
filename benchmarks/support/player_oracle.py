"""Asks mpv what it shows at a second of a file."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

_TIMEOUT = 60.0
_DISC_TIMEOUT = 300.0
_OPTIONS = (
    *("--no-config", "--really-quiet", "--vo=image", "--vo-image-format=png", "--ao=null"),
    *("--hr-seek=yes", "--hr-seek-demuxer-offset=3", "--frames=1"),
)


def play_disc_in_mpv(disc: Path, target: Path) -> list[Path]:
    """Return all pictures that mpv shows of a Blu-ray disc's main title, as files in order.

    Args:
        disc: Folder that holds `BDMV`.
        target: Folder for the pictures.
    """
    options = ("--untimed", "--vo-image-png-compression=1", f"--bluray-device={disc}")
    subprocess.run(
        ["mpv", *_OPTIONS[:5], *options, f"--vo-image-outdir={target}", "bd://"],
        stdin=subprocess.DEVNULL,
        timeout=_DISC_TIMEOUT,
        check=False,
    )
    return sorted(target.glob("*.png"))


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
        return read_picture(pictures[0]) if pictures else None


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """Return a picture that mpv wrote, (h, w, 3) RGB; None where it cannot be read."""
    read = cv2.imread(str(path))
    return None if read is None else read[..., ::-1].astype(np.uint8)
