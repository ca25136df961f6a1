"""Views of pictures by recipe: parts of them, screenshots, or both."""

import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training.crop_augmentation import (
    DEFAULT_ASPECT,
    augment_batch,
)
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.screenshot_augmentation import make_screenshot_view


def make_query_view(
    planes: Tensor, aspects: Tensor, chance: Generator, *, recipe: Recipe, size: int
) -> Tensor:
    """Return pictures as they are asked with: changed as a recipe says.

    Args:
        planes: `(n, 3, h, w)` in 0 to 1.
        aspects: `(n,)` width by height before they were squeezed to squares.
        chance: source of it.
        recipe: its `views`, `cropped` and `mild`.
        size: pixels of the new side.
    """
    share = {"seed": 1.0, "screenshot": 0.0, "both": recipe.cropped}[recipe.views]
    # Which pictures come first in a batch is random, so its first part is a random part.
    first = round(len(planes) * share)
    parts = []
    if first:
        parts.append(augment_batch(planes[:first], chance, size=size, aspects=aspects[:first]))
    if first < len(planes):
        parts.append(make_screenshot_view(planes[first:], chance, size=size, mild=recipe.mild))
    return torch.cat(parts)


def make_shuffled_query_view(
    planes: Tensor, chance: Generator, *, recipe: Recipe, size: int
) -> Tensor:
    """Return pictures as `make_query_view` does, all kinds of views spread over them by chance."""
    order = torch.randperm(len(planes), generator=chance, device=planes.device)
    aspects = torch.full((len(planes),), DEFAULT_ASPECT, device=planes.device)
    views = make_query_view(planes[order], aspects, chance, recipe=recipe, size=size)
    return views[order.argsort()]
