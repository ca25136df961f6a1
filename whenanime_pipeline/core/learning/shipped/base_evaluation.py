"""Evaluates a base model on films that it was trained on and on films that it was not."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.network.architecture import BASE_NETWORK
from whenanime_pipeline.core.learning.shipped.frame_retrieval import (
    LabelledFrames,
    SearchHits,
    edit_queries,
    read_gallery,
    read_queries,
    search_exact,
)
from whenanime_pipeline.core.search.embedding.embedder import Embedder


def evaluate_base_model(
    folder: Path, films: list[Path], negatives: list[Path], *, training_films: Collection[Path]
) -> dict[str, Any]:
    """Return metrics and calibration of a model.

    The gallery is all films together. Metrics on training films show how well it indexes them,
    those on other films how well it transfers.

    Args:
        folder: folder of the model.
        films: films of gallery and queries.
        negatives: videos without a picture of the films; empty for no calibration.
        training_films: films that the model was trained on.
    """
    embedder = Embedder.load(folder)
    gallery, queries = read_gallery(films), read_queries(films)
    vectors = embedder.embed(gallery.pictures)

    def hits(views: LabelledFrames) -> SearchHits:
        return search_exact(views, gallery, embedder.embed(views.pictures), vectors)

    found = {
        "top1_clean": hits(queries),
        "top1_mild": hits(edit_queries(queries, size=BASE_NETWORK.size, mild=1.0)),
        "top1_edited": hits(edit_queries(queries, size=BASE_NETWORK.size, mild=0.0)),
    }
    seen = np.isin(queries.films, [row for row, film in enumerate(films) if film in training_films])
    metrics: dict[str, Any] = {"gallery": len(gallery.pictures)}
    for name, which in (("learnt", seen), ("unseen", ~seen)):
        if which.any():
            metrics[name] = {
                "queries": int(which.sum()),
                **{kind: _top1(some, which) for kind, some in found.items()},
            }
    calibration: dict[str, Any] | None = None
    if negatives:
        absent = embedder.embed(read_gallery(negatives).pictures)
        mild = found["top1_mild"]
        calibration = {
            "unrelated": compute_percentiles((absent @ vectors.T).max(1), (50, 90, 99, 99.9)),
            "related": compute_percentiles(mild.similarity[mild.right], (1, 10, 50)),
        }
    return {"metrics": metrics, "calibration": calibration}


def compute_percentiles(
    values: NDArray[np.float32], percents: tuple[float, ...]
) -> dict[str, float]:
    """Return percentiles by names such as `p99.9`."""
    return {f"p{percent}": round(float(np.percentile(values, percent)), 4) for percent in percents}


def _top1(hits: SearchHits, which: NDArray[np.bool_]) -> float:
    return round(replace(hits, right=hits.right[which]).top1, 4)
