"""Finds models trained in this home by their training id."""

import json
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.files import compute_checksum
from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics
from whenanime_pipeline.core.learning.network.weights import WEIGHTS_FILE, read_weights
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.search.embedding.model_files import META_FILE, read_model
from whenanime_pipeline.core.search.errors import ModelError


@dataclass(frozen=True)
class TrainedModel:
    """Result of a training.

    Attributes:
        folder: folder of the model.
        model_id: id of the model.
        training_id: id of the training, as of `compute_training_id`.
        rows: rows of its log, the one before training first.
        best_epoch: epoch of its weights.
        metrics_before: validation metrics of the initial weights.
        metrics_after: validation metrics of the exported model.
        seconds: time of training and evaluation, earlier runs included; None when the model
            existed before.
    """

    folder: Path
    model_id: str
    training_id: str
    rows: tuple[LogRow, ...]
    best_epoch: int
    metrics_before: RetrievalMetrics
    metrics_after: RetrievalMetrics
    seconds: float | None


def find_trained_model(models: Path, training_id: str) -> TrainedModel | None:
    """Return the undamaged model of a training; None when there is none.

    Args:
        models: folder of a home's models.
        training_id: id of the training.
    """
    for meta in sorted(models.glob(f"*/{META_FILE}")):
        try:
            stored = json.loads(meta.read_text(encoding="utf-8"))
            if stored["training"]["id"] != training_id:
                continue
            read_model(meta.parent)
            read_weights(meta.parent / WEIGHTS_FILE)
            if stored.get("weights") not in (None, compute_checksum(meta.parent / WEIGHTS_FILE)):
                continue
            return TrainedModel(
                folder=meta.parent,
                model_id=stored["model_id"],
                training_id=training_id,
                rows=tuple(read_log(meta.parent / LOG_FILE)),
                best_epoch=stored["training"]["best_epoch"],
                metrics_before=RetrievalMetrics.from_json(stored["metrics"]["before"]),
                metrics_after=RetrievalMetrics.from_json(stored["metrics"]["after"]),
                seconds=None,
            )
        except (OSError, ValueError, KeyError, TypeError, ModelError, LearningError):
            continue  # damaged, or trained elsewhere
    return None
