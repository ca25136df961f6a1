"""Fine-tunes an embedding network on named faces by the supervised contrastive loss."""

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from whenanime_pipeline.core.learning.characters.contrastive_loss import (
    supervised_contrastive_loss,
)
from whenanime_pipeline.core.learning.characters.face_batches import FaceBatches
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork


@dataclass(frozen=True)
class FineTuningOptions:
    """Options of a fine-tuning.

    Attributes:
        steps: number of batches.
        learning_rate: at its peak, after the warmup; it falls to 0 on a cosine.
        weight_decay: of AdamW.
        warmup: share of the steps.
        temperature: of the loss.
        averaging: share of the former average that each step keeps.
        frozen: number of the trunk's first blocks that keep their weights.
        seed: of the batches.
    """

    steps: int = 1000
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warmup: float = 0.05
    temperature: float = 0.1
    averaging: float = 0.99
    frozen: int = 1
    seed: int = 0


@dataclass(frozen=True)
class FineTuningProgress:
    """Progress after a step.

    Attributes:
        step: steps done.
        steps: steps in all.
        loss: running mean of the loss.
        seconds: time since the start.
    """

    step: int
    steps: int
    loss: float
    seconds: float


def fine_tune(
    network: EmbeddingNetwork,
    batches: FaceBatches,
    options: FineTuningOptions,
    on_progress: Callable[[FineTuningProgress], None] = lambda _: None,
) -> EmbeddingNetwork:
    """Return a fine-tuned copy of a network, with the moving average of its weights.

    The statistics of its batch normalisation stay as they are: batches of few series are no
    measure of them.

    Args:
        network: the initial network, not changed.
        batches: where to draw from.
        options: of the training.
        on_progress: is called after each step.
    """
    trained = deepcopy(network).train()
    for number, block in enumerate(trained.trunk):
        block.requires_grad_(number >= options.frozen)
    for module in trained.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    average = deepcopy(trained).eval()
    parameters = [value for value in trained.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters, lr=options.learning_rate, weight_decay=options.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, options))
    device = next(trained.parameters()).device
    rng = np.random.default_rng([options.seed, 0xFACE])
    running, begin = math.nan, time.monotonic()
    for step in range(1, options.steps + 1):
        batch = batches.draw(rng)
        vectors = trained(torch.from_numpy(batch.pictures).to(device))
        loss = supervised_contrastive_loss(
            vectors, torch.from_numpy(batch.names).to(device), temperature=options.temperature
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        schedule.step()
        _update_average(average, trained, min(options.averaging, step / (step + 10)))
        running = _mix(running, float(loss.detach()))
        on_progress(FineTuningProgress(step, options.steps, running, time.monotonic() - begin))
    return average.requires_grad_(requires_grad=True)


def _rate(step: int, options: FineTuningOptions) -> float:
    """Return the factor of the learning rate at a step."""
    warmup = max(1, round(options.warmup * options.steps))
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, options.steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _mix(running: float, loss: float) -> float:
    return loss if math.isnan(running) else 0.95 * running + 0.05 * loss


@torch.no_grad()
def _update_average(average: nn.Module, trained: nn.Module, share: float) -> None:
    """Move the average towards the trained weights, keeping this share of it."""
    values: dict[str, Tensor] = dict(trained.named_parameters())
    for name, value in average.named_parameters():
        value.lerp_(values[name], 1 - share)
