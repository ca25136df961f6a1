"""The training loop: batches in memory, bfloat16, averaged weights, resumable at any step."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from whenanime_pipeline.core.learning.augmentation import chosen, clean_view, edited_view
from whenanime_pipeline.core.learning.checkpoint import load_checkpoint, save_checkpoint
from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.frames import FrameSet, draw_groups
from whenanime_pipeline.core.learning.loss import false_negatives, info_nce, spread
from whenanime_pipeline.core.learning.network import EmbeddingNetwork
from whenanime_pipeline.core.learning.recipe import TrainingOptions, rate


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands.

    Attributes:
        step: batches learnt from.
        share: of the training that is done, 0 to 1.
        loss: of the last batch.
        pictures: views the network has seen.
        seconds: of training, earlier runs counted in.
    """

    step: int
    share: float
    loss: float
    pictures: int
    seconds: float


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Attributes:
        network: with the averaged weights, in evaluation mode.
        steps: batches it learnt from, earlier runs counted in.
        pictures: views it has seen.
        seconds: of training.
    """

    network: EmbeddingNetwork
    steps: int
    pictures: int
    seconds: float


def train(
    network: EmbeddingNetwork,
    frames: FrameSet,
    options: TrainingOptions,
    *,
    checkpoint: Path | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Trained:
    """Train a network and return its averaged weights.

    Args:
        network: to begin with; it is trained in place, on the device where it is.
        frames: to learn from.
        options: how.
        checkpoint: file to go on from when it is there, and to save to on the way.
        on_progress: called after every step.

    Raises:
        TrainingError: there are fewer than two frames, or the loss is no longer a number.
        WeightsError: the checkpoint is damaged or belongs to another training.
    """
    if len(frames) < 2:
        raise TrainingError(f"training needs two frames that differ; there are {len(frames)}")
    loop = _Loop(network, frames, options)
    if checkpoint is not None and checkpoint.exists():
        loop.restore(load_checkpoint(checkpoint, identity=loop.identity))
    saved = time.monotonic()
    while loop.share < 1:
        on_progress(loop.step())
        if checkpoint is not None and time.monotonic() - saved > options.checkpoint_seconds:
            save_checkpoint(checkpoint, loop.state())
            saved = time.monotonic()
    if checkpoint is not None:
        save_checkpoint(checkpoint, loop.state())
    averaged = loop.average.module
    assert isinstance(averaged, EmbeddingNetwork)
    return Trained(averaged.eval(), loop.steps, loop.pictures, loop.seconds)


class _Loop:
    """All that changes while training, so that it can be saved and restored as one."""

    def __init__(
        self, network: EmbeddingNetwork, frames: FrameSet, options: TrainingOptions
    ) -> None:
        self.device = next(network.parameters()).device
        self.network = network.train().to(memory_format=torch.channels_last)
        self.frames, self.options = frames, options
        decay = get_ema_multi_avg_fn(options.averaging)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(network, multi_avg_fn=decay, use_buffers=True)
        self.optimizer = AdamW(
            network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
        )
        self.batches = Generator().manual_seed(options.seed)
        self.chance = Generator(self.device).manual_seed(options.seed + 1)
        self.steps, self.pictures, self.seconds = 0, 0, 0.0
        self.identity = {
            "network": network.options.to_json(),
            "options": asdict(options),
            "frames": len(frames),
        }

    @property
    def share(self) -> float:
        """The part of the training that is done."""
        return min(
            1.0,
            max(self.steps / self.options.steps, self.seconds / (self.options.minutes * 60)),
        )

    def step(self) -> Progress:
        """Learn from one batch."""
        began = time.monotonic()
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.learning_rate * rate(self.share, self.options.warmup)
        pictures, ignored = self._batch()
        loss = self._loss(pictures, ignored)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss is {value} at step {self.steps}; try a lower learning rate than "
                f"{self.options.learning_rate}"
            )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.average.update_parameters(self.network)
        self.steps += 1
        self.pictures += 2 * len(pictures)
        self.seconds += time.monotonic() - began
        return Progress(self.steps, self.share, value, self.pictures, self.seconds)

    def _loss(self, pictures: Tensor, ignored: Tensor) -> Tensor:
        size, options = self.network.options.size, self.options
        views = torch.cat(
            [
                clean_view(pictures, self.chance, size=size),
                edited_view(pictures, self.chance, size=size, mild=options.mild),
            ]
        ).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            vectors = self.network(views.permute(0, 2, 3, 1) * 255)
        clean, edited = vectors.float().chunk(2)
        entropy = (spread(clean, ignored) + spread(edited, ignored)) / 2
        matching = info_nce(clean, edited, ignored, temperature=options.temperature)
        return matching + options.spread_weight * entropy

    def _batch(self) -> tuple[Tensor, Tensor]:
        """Return `(n, 3, side, side)` pictures in 0 to 1, and which are no negatives."""
        options = self.options
        index = draw_groups(
            self.frames.films,
            self.batches,
            groups=options.groups,
            members=options.members,
            reach=options.reach,
        ).numpy()
        pictures = torch.from_numpy(self.frames.pictures[index]).to(self.device)
        thumbnails = torch.from_numpy(self.frames.thumbnails[index]).to(self.device)
        planes = pictures.permute(0, 3, 1, 2).float() / 255
        return self._recoloured(planes), false_negatives(thumbnails)

    def _recoloured(self, planes: Tensor) -> Tensor:
        """Swap the colours of some stretches of the batch, all frames of a stretch alike."""
        parts = []
        for part in torch.split(planes, self.options.members):
            if chosen(1, self.options.recoloured, self.batches).item():
                order = torch.randperm(3, generator=self.batches)
                parts.append(part[:, order.to(self.device)])
            else:
                parts.append(part)
        return torch.cat(parts)

    def state(self) -> dict[str, Any]:
        """Return what a later run needs to go on as if it had never stopped."""
        return {
            "identity": self.identity,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "batches": self.batches.get_state(),
            "chance": self.chance.get_state(),
            "counts": [self.steps, self.pictures, self.seconds],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.batches.set_state(state["batches"])
        self.chance.set_state(state["chance"])
        self.steps, self.pictures, self.seconds = state["counts"]
