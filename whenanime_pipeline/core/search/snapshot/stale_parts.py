"""Deletes partial files that killed runs left behind."""

from time import time

from whenanime_pipeline.core.home import Home

STALE_AFTER = 86_400.0
"""Seconds since anything was written to a part: a running process writes to it every few minutes."""

_PARTS = ("frames/*/.*.part", "features/*/*/.*.part", "local/*/*/.*.part", "dataset/frames/.*.part")


def delete_stale_parts(home: Home) -> None:
    """Delete the parts of an episode's files that nobody writes any more.

    Those of episodes that are still there are written over when the work is taken up again.
    """
    now = time()
    for part in (found for pattern in _PARTS for found in home.root.glob(pattern)):
        try:
            if now - part.stat().st_mtime > STALE_AFTER:
                part.unlink()
        except FileNotFoundError:
            continue  # it was finished, or swept by another process
