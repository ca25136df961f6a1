"""Deletes partial files that killed runs left behind."""

from time import time

from whenanime_pipeline.core.home import Home

STALE_AFTER = 86_400.0
"""Seconds since the last write after which a part is stale; running processes write more often."""

_PARTS = (
    "frames/*/.*.part",
    "features/*/*/.*.part",
    "local/*/*/.*.part",
    "tracks/*/*/.*.part",
    "tracks/*/*/*/.*.part",
    "themes/.*.part",
    "faces/*/*/.*.part",
    "dataset/frames/.*.part",
)


def delete_stale_parts(home: Home) -> None:
    """Delete stale partial files of episodes.

    Those of existing episodes would be overwritten on resuming; those of deleted ones would stay.
    """
    now = time()
    for part in (found for pattern in _PARTS for found in home.root.glob(pattern)):
        try:
            if now - part.stat().st_mtime > STALE_AFTER:
                part.unlink()
        except FileNotFoundError:
            continue  # completed, or deleted by another process
