"""Lets one training of a home go on at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import Timeout

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import TrainingError


@contextmanager
def lock_training(home: Home) -> Iterator[None]:
    """Hold the home's lock of trainings while the block runs.

    Args:
        home: of the library.

    Raises:
        TrainingError: another training is going on.
    """
    lock = home.lock("train")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise TrainingError(
            f"a training is going on in {home.root} already; wait for it, or stop it first"
        ) from error
    try:
        yield
    finally:
        lock.release()
