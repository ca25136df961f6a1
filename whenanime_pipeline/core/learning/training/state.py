"""All that changes while training, so that it can be saved and taken up again as one."""

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
    """How far a training has come.

    Attributes:
        epoch: epochs that are over.
        step: batches of the epoch that is going on.
        steps: batches altogether.
        pictures: views seen.
        seconds: of training and judging.
        lost: sum of the epoch's losses, a picture each.
        learnt: pictures of the epoch so far.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    pictures: int = 0
    seconds: float = 0.0
    lost: float = 0.0
    learnt: int = 0


class TrainingState:
    """Networks, optimiser, counts, judgements and the best weights of one training.

    Attributes:
        network: that is trained.
        optimizer: of its weights.
        counts: how far it has come.
        memory: vectors of earlier batches.
        rows: judgements so far, the one before training first.
    """

    def __init__(self, network: EmbeddingNetwork, recipe: Recipe, batches_id: str) -> None:
        """Begin.

        Args:
            network: trained in place.
            recipe: how.
            batches_id: id of what it learns from.
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
        """What a checkpoint must have in common with a training to be its own."""
        return self._identity

    @property
    def inference_network(self) -> EmbeddingNetwork:
        """The network as it would be used now: with averaged weights, if they are averaged."""
        if self._average is None:
            return self.network
        averaged = self._average.module
        assert isinstance(averaged, EmbeddingNetwork)
        return averaged

    @property
    def best_epoch(self) -> int:
        """The trained epoch with the highest reciprocal rank, the first of equals; 0 for none."""
        trained = [row for row in self.rows if row.epoch > 0]
        return max(trained, key=lambda row: row.mrr).epoch if trained else 0

    def update_average(self) -> None:
        """Let the averaged weights follow the last step."""
        if self._average is not None:
            self._average.update_parameters(self.network)

    def record_evaluation(self, row: LogRow) -> None:
        """Take down how good `current` is, and keep its weights when it is the best so far."""
        self.rows.append(row)
        if self.best_epoch == row.epoch > 0:
            values = self.inference_network.state_dict()
            self._best = {name: value.detach().cpu().clone() for name, value in values.items()}

    def copy_best_network(self) -> EmbeddingNetwork:
        """Return a network with the best weights, or the current ones where none were judged."""
        network = deepcopy(self.inference_network)
        if self._best is not None:
            network.load_state_dict(self._best)
        return network.eval()

    def state_dict(self) -> dict[str, Any]:
        """Return what `restore` takes: tensors and plain values."""
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
        """Take up what `saved` gave."""
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
    """Return a network whose weights follow those of another, quickly in the beginning."""
    if decay is None:
        return None

    def follow(averaged: _Tensors, current: _Tensors, count: Tensor | int) -> None:
        early = min(decay, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(early)(averaged, current, count)  # type: ignore[no-untyped-call]

    return AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
