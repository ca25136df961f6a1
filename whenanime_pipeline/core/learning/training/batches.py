"""Makes training batches: two augmented views of each picture, as tensors.

A batch depends on its epoch and its number alone, so that a training resumes at any batch, and the
same seed gives the same batches on every machine of a kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.training.crop_augmentation import DEFAULT_ASPECT, resize_batch
from whenanime_pipeline.core.learning.training.cross_batch_memory import (
    DuplicateCues,
    make_duplicate_cues,
)
from whenanime_pipeline.core.learning.training.edits.random_draws import draw_mask
from whenanime_pipeline.core.learning.training.frame_set import FrameSet, draw_groups
from whenanime_pipeline.core.learning.training.loss import compute_false_negative_mask
from whenanime_pipeline.core.learning.training.query_views import make_query_view
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.screenshot_augmentation import make_reference_view
from whenanime_pipeline.core.learning.training_data import TrainingData

_PART = 32  # pictures augmented at once on a CPU: as many as fit its caches


@dataclass(frozen=True)
class Batch:
    """Two views of each picture of a batch.

    Attributes:
        reference_views: `(n, 3, size, size)` in 0 to 1, channels last: pictures as indexed.
        query_views: `(n, 3, size, size)` likewise: pictures as people search with them.
        false_negative_mask: `(n, n)` bool, true for pairs of equal pictures.
        duplicate_cues: cues to recognise equal pictures of other batches.
    """

    reference_views: Tensor
    query_views: Tensor
    false_negative_mask: Tensor
    duplicate_cues: DuplicateCues


class Batches(Protocol):
    """Source of training batches.

    Attributes:
        id: id of the pictures and their augmentation; a checkpoint fits one id.
        steps: number of batches an epoch.
    """

    @property
    def id(self) -> str: ...  # noqa: D102

    @property
    def steps(self) -> int: ...  # noqa: D102

    def batch(self, epoch: int, step: int, device: torch.device) -> Batch:
        """Return a batch.

        Args:
            epoch: number of the epoch, from 0.
            step: number in the epoch, from 0 to `steps` - 1.
            device: device of its tensors.
        """


class PairBatches:
    """Every picture of a dataset once an epoch, in random order."""

    def __init__(
        self, training_data: TrainingData, recipe: Recipe, *, size: int | None = None
    ) -> None:
        """Divide the training pictures into batches.

        Args:
            training_data: training pictures.
            recipe: recipe with the views, the batch size and the seed.
            size: side of the views in pixels; None for that of the recipe's network.

        Raises:
            TrainingError: there are fewer than two pictures.
        """
        if len(training_data.pictures) < 2:
            raise TrainingError(
                f"training needs two pictures; there are {len(training_data.pictures)}: add "
                "episodes, or take more frames of each"
            )
        self._material, self._recipe = training_data, recipe
        self._size = size or recipe.network.size
        self._counts = _batch_sizes(len(training_data.pictures), recipe.batch_size)

    @property
    def id(self) -> str:
        """Id of the dataset; the recipe has the rest."""
        return self._material.id

    @property
    def steps(self) -> int:
        """Number of batches an epoch."""
        return len(self._counts)

    def batch(self, epoch: int, step: int, device: torch.device) -> Batch:
        """Return a batch; see `Batches`."""
        first, count = sum(self._counts[:step]), self._counts[step]
        order = torch.randperm(
            len(self._material.pictures), generator=_seeded_generator(self._recipe.seed, epoch)
        )
        index = order[first : first + count].numpy()
        chance = _seeded_generator(self._recipe.seed, epoch, step, device=device)
        pictures = torch.from_numpy(self._material.pictures[index]).to(device)
        aspects = self._aspects(index, device)
        views = [
            self._views(pictures[part].permute(0, 3, 1, 2), aspects[part], chance)
            for part in _split_batch(count, device)
        ]
        mask = torch.zeros(count, count, dtype=torch.bool, device=device)
        thumbnails = torch.from_numpy(self._material.thumbnails[index]).to(device)
        if self._recipe.skip_alike:
            mask = compute_false_negative_mask(thumbnails)
        first_views, second_views = zip(*views, strict=True)
        return Batch(
            _concatenate(first_views),
            _concatenate(second_views),
            mask,
            make_duplicate_cues(thumbnails),
        )

    def _views(self, pictures: Tensor, aspects: Tensor, chance: Generator) -> tuple[Tensor, Tensor]:
        """Return both views of `(n, 3, side, side)` uint8 pictures."""
        planes, size = pictures.float() / 255, self._size
        second = make_query_view(planes, aspects, chance, recipe=self._recipe, size=size)
        if self._recipe.views == "seed":
            return resize_batch(pictures, size=size), second
        return make_reference_view(planes, chance, size=size), second

    def _aspects(self, index: NDArray[np.int64], device: torch.device) -> Tensor:
        known = self._material.aspects
        if known is None:
            return torch.full((len(index),), DEFAULT_ASPECT, device=device)
        return torch.from_numpy(known[index].astype(np.float32)).to(device)


class GroupBatches:
    """Groups of neighbouring frames of whole films: the hardest negatives there are."""

    def __init__(
        self,
        frames: FrameSet,
        recipe: Recipe,
        *,
        steps: int,
        members: int = 4,
        window: int = 8,
        channel_swap_share: float = 0.25,
        size: int | None = None,
    ) -> None:
        """Prepare groups of frames.

        Args:
            frames: frames of films, one film after the other.
            recipe: recipe with the views, the batch size and the seed.
            steps: number of batches that make an epoch.
            members: number of frames a group.
            window: number of frames around a group's middle that it is drawn from.
            channel_swap_share: share of the groups with permuted colour channels, which are
                pictures of no film.
            size: side of the views in pixels; None for that of the recipe's network.

        Raises:
            TrainingError: there are fewer than two frames.
        """
        if len(frames) < 2:
            raise TrainingError(f"training needs two frames that differ; there are {len(frames)}")
        self._frames, self._recipe = frames, recipe
        self._channel_swap_share = channel_swap_share
        self._members, self._window, self.steps = members, window, steps
        # Thumbnails identify the frames as well as gigabytes of pictures would.
        content = blake2b(frames.thumbnails.tobytes(), digest_size=6).hexdigest()
        self._size = size or recipe.network.size
        self.id = f"{content}-{members}-{window}-{channel_swap_share}-{steps}-{self._size}"

    def batch(self, epoch: int, step: int, device: torch.device) -> Batch:
        """Return a batch; see `Batches`."""
        recipe, frames = self._recipe, self._frames
        order = _seeded_generator(recipe.seed, epoch, step)
        groups = max(1, recipe.batch_size // self._members)
        index = draw_groups(
            frames.films, order, groups=groups, members=self._members, window=self._window
        ).numpy()
        pictures = torch.from_numpy(frames.pictures[index]).to(device)
        planes = self._swap_channels(pictures.permute(0, 3, 1, 2).float() / 255, order)
        chance = _seeded_generator(recipe.seed, epoch, step, device=device)
        size = self._size
        first = make_reference_view(planes, chance, size=size)
        aspects = torch.full((len(planes),), DEFAULT_ASPECT, device=device)
        second = make_query_view(planes, aspects, chance, recipe=recipe, size=size)
        thumbnails = torch.from_numpy(frames.thumbnails[index]).to(device)
        known = make_duplicate_cues(
            thumbnails,
            torch.from_numpy(frames.films[index]).to(device),
            torch.from_numpy(frames.seconds[index]).to(device),
        )
        return Batch(
            _concatenate([first]),
            _concatenate([second]),
            compute_false_negative_mask(thumbnails),
            known,
        )

    def _swap_channels(self, planes: Tensor, order: Generator) -> Tensor:
        """Permute the colour channels of some groups, equally for all frames of a group."""
        parts = []
        for part in torch.split(planes, self._members):
            swapped = torch.randperm(3, generator=order).to(planes.device)
            is_swapped = draw_mask(1, self._channel_swap_share, order).item()
            parts.append(part[:, swapped] if is_swapped else part)
        return torch.cat(parts)


def _batch_sizes(pictures: int, batch: int) -> list[int]:
    """Return the size of each batch; a last batch of one picture joins the previous one."""
    full, rest = divmod(pictures, batch)
    counts = [batch] * full + [rest] * (rest > 0)
    if counts[-1] == 1:
        counts[-2:] = [sum(counts[-2:])]
    return counts


def _seeded_generator(*key: int, device: torch.device | None = None) -> Generator:
    """Return a generator of its own for a seed, an epoch and a step."""
    digest = blake2b(repr(key).encode(), digest_size=7).digest()
    return Generator(device or "cpu").manual_seed(int.from_bytes(digest, "little"))


def _split_batch(count: int, device: torch.device) -> list[slice]:
    """Return the parts of a batch that are augmented at once."""
    most = _PART if device.type == "cpu" else count
    return [slice(first, first + most) for first in range(0, count, most)]


def _concatenate(views: Sequence[Tensor]) -> Tensor:
    """Concatenate parts of a batch, channels last."""
    count, size = sum(len(part) for part in views), views[0].shape[-1]
    whole = torch.empty(
        count, 3, size, size, device=views[0].device, memory_format=torch.channels_last
    )
    return torch.cat(list(views), out=whole)
