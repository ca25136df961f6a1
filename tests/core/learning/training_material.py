"""A dataset and recipes small enough to train by within a test."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from painted_frames import paint_frame

from whenanime_pipeline.core.learning.network.architecture import NetworkOptions
from whenanime_pipeline.core.learning.pictures import make_thumbnail, squeeze_to_square
from whenanime_pipeline.core.learning.training.crop_augmentation import augment_batch
from whenanime_pipeline.core.learning.training.recipe import RECIPES, Recipe
from whenanime_pipeline.core.learning.training_data import TrainingData

TINY = NetworkOptions("regnet_x_400mf", stages=2, dimension=16, size=32)
PLAIN = NetworkOptions("resnet18", stages=5, dimension=None, size=32, pooling="average")


def tiny_recipe(name: str = "ours", **changes: Any) -> Recipe:
    """A recipe of that name for small pictures, from random weights, without patience."""
    network = TINY if name == "ours" else PLAIN
    small: dict[str, Any] = {
        "network": network,
        "init": "random",
        "epochs": 2,
        "batch_size": 8,
        "patience": None,
        "learning_rate": 1e-3,  # random weights have further to go than the base model's
    }
    return replace(RECIPES[name], **{**small, **changes})


def make_painted_data(count: int = 24, held_out: int = 24, *, side: int = 64) -> TrainingData:
    """Training pictures, and others with a mirrored part in other colours as views."""
    training = [paint_frame(seed) for seed in range(count)]
    others = [paint_frame(1000 + seed) for seed in range(held_out)]
    return TrainingData(
        id=f"painted-{count}-{held_out}-{side}",
        pictures=_stacked(training, side),
        thumbnails=np.stack([make_thumbnail(picture) for picture in training]),
        originals=_stacked(others, side),
        views=_stacked([_augmented_view(one, seed) for seed, one in enumerate(others)], 48),
        mean=(128.0, 120.0, 110.0),
        std=(60.0, 61.0, 62.0),
        dataset=f"painted-{count}-{held_out}",
    )


def _augmented_view(picture: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    planes = torch.from_numpy(squeeze_to_square(picture, 96)).permute(2, 0, 1)[None].float() / 255
    chance = torch.Generator().manual_seed(seed)
    view = augment_batch(planes, chance, size=48, scale=0.3, flip=0.5)
    augmented: NDArray[np.uint8] = (view[0] * 255).byte().permute(1, 2, 0).numpy()
    return augmented


def _stacked(pictures: list[NDArray[np.uint8]], side: int) -> NDArray[np.uint8]:
    return np.stack([squeeze_to_square(picture, side) for picture in pictures])
