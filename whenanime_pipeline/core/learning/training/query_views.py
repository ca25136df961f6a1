"""Makes the query views of a recipe: crops, screenshots, or both."""

import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training.crop_augmentation import (
    DEFAULT_ASPECT,
    augment_batch,
)
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.screenshot_augmentation import make_screenshot_view


def make_query_view(
    planes: Tensor, aspects: Tensor, generator: Generator, *, recipe: Recipe, size: int
) -> Tensor:
    """Return query views of pictures, augmented as a recipe says.

    Args:
        planes: `(n, 3, h, w)` in 0 to 1.
        aspects: `(n,)` width by height before they were squeezed to squares.
        generator: random generator.
        recipe: recipe with `views`, `cropped` and `mild`.
        size: side of the views in pixels.
    """
    share = {"seed": 1.0, "screenshot": 0.0, "both": recipe.cropped}[recipe.views]
    # Which pictures come first in a batch is random, so its first part is a random part.
    first = round(len(planes) * share)
    parts = []
    if first:
        parts.append(augment_batch(planes[:first], generator, size=size, aspects=aspects[:first]))
    if first < len(planes):
        parts.append(make_screenshot_view(planes[first:], generator, size=size, mild=recipe.mild))
    return torch.cat(parts)


def make_shuffled_query_view(
    planes: Tensor, generator: Generator, *, recipe: Recipe, size: int
) -> Tensor:
    """Return views as `make_query_view` does, with the kinds of views in random order."""
    order = torch.randperm(len(planes), generator=generator, device=planes.device)
    aspects = torch.full((len(planes),), DEFAULT_ASPECT, device=planes.device)
    views = make_query_view(planes[order], aspects, generator, recipe=recipe, size=size)
    return views[order.argsort()]
