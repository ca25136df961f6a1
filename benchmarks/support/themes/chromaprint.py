"""Fingerprints of sound by `fpcalc`, which Debian has in `libchromaprint-tools`."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.context import BenchmarkError

POINT = 0.1238
"""Seconds from one point of a fingerprint to the next."""
MISSING = "fpcalc is not installed (`apt-get install libchromaprint-tools`)"


def has_fpcalc() -> bool:
    """Return whether fpcalc is installed."""
    return shutil.which("fpcalc") is not None


def read_fingerprint(video: Path, kept: Path) -> NDArray[np.uint32]:
    """Return the fingerprint of a video's sound, empty without sound.

    Args:
        video: the file.
        kept: file that the fingerprint is kept in.

    Raises:
        BenchmarkError: fpcalc is not installed.
    """
    if kept.is_file():
        stored: NDArray[np.uint32] = np.load(kept)
        return stored
    if not has_fpcalc():
        raise BenchmarkError(MISSING)
    points = run_fpcalc(video)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, points)
    return points


def run_fpcalc(video: Path) -> NDArray[np.uint32]:
    """Return the fingerprint of a video's sound, empty without sound, by the installed fpcalc."""
    # It reports the end of the sound as an error, and prints the fingerprint all the same.
    done = subprocess.run(
        ["fpcalc", "-raw", "-plain", "-length", "0", str(video)],
        capture_output=True,
        text=True,
        check=False,
    )
    return np.array([int(p) for p in done.stdout.strip().split(",") if p], np.uint32)
