"""Checks before a training: that its network can be built, and that no other training runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from filelock import Timeout

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.network.initial_weights import build_initial_network
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.defs.orphaned_runs import LOCK_TIMEOUT, OWNER_LOCKS, TRAIN_OWNER


def check_initial_network(recipe: Recipe) -> None:
    """Build a recipe's initial network and discard it, to report errors early.

    Raises:
        NetworkError: the network cannot be built.
        WeightsError: its weights are damaged or cannot be fetched.
    """
    none = np.zeros((0, recipe.picture_side, recipe.picture_side, 3), np.uint8)
    channels = (0.0, 0.0, 0.0)
    # The network uses only the colour statistics of the data; their values do not matter here.
    build_initial_network(
        recipe, TrainingData("", none, none[..., 0], none, none, channels, channels)
    )


@contextmanager
def exclusive_training(home: Home) -> Iterator[None]:
    """Hold the home's training lock while the block runs.

    Raises:
        CommandError: another training holds it.
    """
    lock = home.lock(OWNER_LOCKS[TRAIN_OWNER])
    try:
        lock.acquire(timeout=LOCK_TIMEOUT)
        # `up` may be training; fail before hours of decoding.
        with home.lock("train").acquire(blocking=False):
            pass
    except Timeout as error:
        lock.release()
        raise CommandError(
            f"{home.root}: another training is at this home; wait for its end, or stop it"
        ) from error
    try:
        yield
    finally:
        lock.release()
