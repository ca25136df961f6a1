"""Checks of a model before it is used, with their messages."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.learning.evaluation import MrrDifference, RetrievalMetrics
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.training.log import LOG_FILE, read_log
from whenanime_pipeline.core.models.registry import Check
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.frames.sampling import LONG_SIDE

MIN_EXPORT_COSINE = 0.999
"""Lowest cosine allowed between the embeddings of ONNX Runtime and torch."""
_COMPARED = 64  # pictures


def check_loss_finite(folder: Path, vectors: Vectors) -> Check:
    """Check that a training's losses and its model's embeddings are finite.

    Args:
        folder: folder of the model, with its training log.
        vectors: embeddings of the validation pictures.
    """
    name = "loss_finite"
    bad = int((~np.isfinite(vectors).all(1)).sum())
    if bad:
        return Check(
            name=name, passed=False, says=f"{bad} of {len(vectors)} vectors are no numbers"
        )
    log = folder / LOG_FILE
    if not log.exists():
        says = f"all {len(vectors)} vectors are numbers; there is no {LOG_FILE} to look at losses"
        return Check(name=name, passed=True, says=says)
    try:
        rows = read_log(log)
    except LearningError as error:
        return Check(name=name, passed=False, says=str(error))
    for row in rows:
        if row.loss is not None and not math.isfinite(row.loss):
            return Check(name=name, passed=False, says=f"{row.loss} in epoch {row.epoch}")
    losses = [row.loss for row in rows if row.loss is not None]
    last = f", {losses[-1]:.4g} at the end" if losses else ""
    return Check(name=name, passed=True, says=f"{len(losses)} epochs, all finite{last}")


def check_better_than_in_use(
    metrics: RetrievalMetrics,
    baseline: RetrievalMetrics,
    difference: MrrDifference,
    *,
    baseline_name: str,
) -> Check:
    """Check that a model has a higher MRR than another one.

    Args:
        metrics: metrics of the model.
        baseline: metrics of the other one, on the same frames.
        difference: difference of their MRR, views → originals.
        baseline_name: name of the other one in the message.
    """
    ours = metrics.views_to_originals.scores
    theirs = baseline.views_to_originals.scores
    way = "better" if difference.value > 0 else "worse" if difference.value < 0 else "no better"
    chance = "beyond chance" if difference.is_significant else "within chance"
    says = (
        f"MRR {ours.mrr:.4f} against {theirs.mrr:.4f} of {baseline_name}, on {ours.count} frames: "
        f"{abs(difference.value):.4f} {way}, {chance} "
        f"(95 % interval {difference.low:+.4f} to {difference.high:+.4f})"
    )
    return Check(name="better_than_in_use", passed=difference.value > 0, says=says)


def check_export_equal(folder: Path, embedder: Embedder, pictures: NDArray[np.uint8]) -> Check:
    """Check that the ONNX file gives the same embeddings as the weights in torch.

    Args:
        folder: folder of the model.
        embedder: embedder of that folder.
        pictures: `(n, side, side, 3)` RGB pictures.
    """
    import torch

    from whenanime_pipeline.core.learning.network.weights import load_network

    name = "export_equal"
    side = embedder.meta.input.width
    chosen = pictures[np.linspace(0, len(pictures) - 1, min(_COMPARED, len(pictures))).astype(int)]
    # No larger than the embedder's limit, so that both get the same pixels.
    small = [squeeze_to_square(picture, min(side, LONG_SIDE)) for picture in chosen]
    try:
        network = load_network(folder)
        with torch.inference_mode():
            expected = network(
                torch.from_numpy(np.stack([squeeze_to_square(p, side) for p in small]))
            )
    except LearningError as error:
        return Check(name=name, passed=False, says=str(error))
    found = embedder.embed(small)
    if found.shape != tuple(expected.shape):
        says = f"{embedder.dimension} components, {expected.shape[1]} in torch"
        return Check(name=name, passed=False, says=says)
    worst = float((found * expected.numpy()).sum(1).min())
    says = f"least cosine of ONNX and torch on {len(small)} frames: {worst:.6f}"
    return Check(name=name, passed=worst >= MIN_EXPORT_COSINE, says=says)
