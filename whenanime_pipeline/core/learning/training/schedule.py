"""Computes the learning rate of a step; without torch."""

import math

from whenanime_pipeline.core.learning.training.recipe import Recipe

_LOWEST_RATE = 0.01  # of the learning rate, at the end of a cosine without an end of its own


def compute_learning_rate(recipe: Recipe, *, epoch: int, fraction_done: float) -> float:
    """Return the learning rate of a step.

    Args:
        recipe: recipe of the training. With `t_max` the rate is the closed form of torch's
            CosineAnnealingLR with a step an epoch.
        epoch: current epoch, from 0.
        fraction_done: fraction of the training that is done, 0 to 1.
    """
    if recipe.t_max is not None:
        fall = (1 + math.cos(math.pi * epoch / recipe.t_max)) / 2
        return recipe.eta_min + (recipe.learning_rate - recipe.eta_min) * fall
    if fraction_done < recipe.warmup:
        return recipe.learning_rate * max(fraction_done / recipe.warmup, _LOWEST_RATE)
    fall = (1 + math.cos(math.pi * (fraction_done - recipe.warmup) / (1 - recipe.warmup))) / 2
    lowest = max(recipe.eta_min, recipe.learning_rate * _LOWEST_RATE)
    return lowest + (recipe.learning_rate - lowest) * fall
