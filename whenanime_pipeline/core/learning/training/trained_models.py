"""Models that were trained here, found again by the question they answer."""

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
    """What came of a training.

    Attributes:
        folder: of the model.
        model_id: its name.
        training_id: of the question it answers.
        rows: of its log, the one before training first.
        best_epoch: whose weights it has.
        metrics_before: how well the initial weights found the validation twins.
        metrics_after: how well the model does, as it was written.
        seconds: of training and judging, earlier runs counted in; None when it had been done
            before.
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
    """Return the model that answers a question, if it is there and whole.

    Args:
        models: the home's folder of models.
        training_id: of the question.
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
            continue  # damaged, or no model that was trained here: it answers nothing
    return None
