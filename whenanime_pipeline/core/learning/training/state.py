"""The whole mutable state of a training, to save and restore as one."""

from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.training.cross_batch_memory import CrossBatchMemory
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.recipe import Recipe

_Tensors = tuple[Tensor, ...] | list[Tensor]


@dataclass(slots=True)
class Counts:
    """Counters of a training.

    Attributes:
        epoch: number of finished epochs.
        step: number of batches done in the current epoch.
        steps: number of batches done in all.
        pictures: number of views seen.
        seconds: time of training and evaluation.
        lost: sum of the losses of the current epoch's pictures.
        learnt: number of pictures done in the current epoch.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    pictures: int = 0
    seconds: float = 0.0
    lost: float = 0.0
    learnt: int = 0


class TrainingState:
    """Networks, optimiser, counters, evaluations and the best weights of one training.

    Attributes:
        network: network in training.
        optimizer: optimiser of its weights.
        counts: counters.
        memory: embeddings of earlier batches.
        rows: evaluations so far, the one before training first.
    """

    def __init__(self, network: EmbeddingNetwork, recipe: Recipe, batches_id: str) -> None:
        """Create the state of a new training.

        Args:
            network: network to train in place.
            recipe: recipe of the training.
            batches_id: id of the batches.
        """
        self.network = network.to(memory_format=torch.channels_last)
        self.optimizer = _build_optimizer(network, recipe)
        self.counts = Counts()
        self.memory = CrossBatchMemory(recipe.memory)
        self.rows: list[LogRow] = []
        self._average = _build_averaged_model(network, recipe.averaging)
        self._best: dict[str, Tensor] | None = None
        self._identity = {
            "network": network.options.to_json(),
            "recipe": recipe.to_identity_json(),
            "from": batches_id,
        }

    @property
    def identity(self) -> dict[str, Any]:
        """Identity that a checkpoint and its training must share."""
        return self._identity

    @property
    def inference_network(self) -> EmbeddingNetwork:
        """The network with averaged weights, if the recipe averages them."""
        if self._average is None:
            return self.network
        averaged = self._average.module
        assert isinstance(averaged, EmbeddingNetwork)
        return averaged

    @property
    def best_epoch(self) -> int:
        """Epoch after the start with the highest MRR, the first of equals; 0 for none."""
        trained = [row for row in self.rows if row.epoch > 0]
        return max(trained, key=lambda row: row.mrr).epoch if trained else 0

    def update_average(self) -> None:
        """Update the averaged weights after a step."""
        if self._average is not None:
            self._average.update_parameters(self.network)

    def record_evaluation(self, row: LogRow) -> None:
        """Record an evaluation, and copy the weights if it is the best so far."""
        self.rows.append(row)
        if self.best_epoch == row.epoch > 0:
            values = self.inference_network.state_dict()
            self._best = {name: value.detach().cpu().clone() for name, value in values.items()}

    def copy_best_network(self) -> EmbeddingNetwork:
        """Return a network with the best weights, or the current ones if none were evaluated."""
        network = deepcopy(self.inference_network)
        if self._best is not None:
            network.load_state_dict(self._best)
        return network.eval()

    def state_dict(self) -> dict[str, Any]:
        """Return the state for `load_state_dict`: tensors and plain values."""
        return {
            "identity": self._identity,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": None if self._average is None else self._average.state_dict(),
            "memory": self.memory.state_dict(),
            "best": self._best,
            "counts": asdict(self.counts),
            "rows": [asdict(row) for row in self.rows],
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Restore a state of `state_dict`."""
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        if self._average is not None:
            self._average.load_state_dict(saved["average"])
        self.memory.load_state_dict(saved["memory"], next(self.network.parameters()).device)
        self._best = saved["best"]
        self.counts = Counts(**saved["counts"])
        self.rows = [LogRow(**row) for row in saved["rows"]]


def _build_optimizer(network: EmbeddingNetwork, recipe: Recipe) -> Optimizer:
    make = Adam if recipe.optimiser == "adam" else AdamW
    return make(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)


def _build_averaged_model(network: EmbeddingNetwork, decay: float | None) -> AveragedModel | None:
    """Return an exponential moving average of a network, faster in the beginning."""
    if decay is None:
        return None

    def follow(averaged: _Tensors, current: _Tensors, count: Tensor | int) -> None:
        early = min(decay, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(early)(averaged, current, count)  # type: ignore[no-untyped-call]

    return AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
