"""What killed runs leave beside frames and features, of episodes that nobody comes back to."""

from itertools import chain
from time import time

from whenanime_pipeline.core.home import Home

STALE_AFTER = 86_400.0
"""Seconds since anything was written to a part: whoever works writes to it every few minutes."""


def sweep(home: Home) -> None:
    """Delete the parts of frames and features files that nobody writes any more.

    Those of episodes that are still there are written over when the work is taken up again.
    """
    now = time()
    for part in chain(home.root.glob("frames/*/.*.part"), home.root.glob("features/*/*/.*.part")):
        try:
            if now - part.stat().st_mtime > STALE_AFTER:
                part.unlink()
        except FileNotFoundError:
            continue  # it was finished, or swept by another process
