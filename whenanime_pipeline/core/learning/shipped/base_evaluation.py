"""Evaluates a base model on its training films and on held-out films."""

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
    """Return a model's retrieval metrics and the cosines that a calibration needs.

    The gallery is all films together. Metrics are reported apart for training films (`learnt`) and
    held-out films (`unseen`).

    Args:
        folder: folder of the model.
        films: films of the gallery and of the queries.
        negatives: videos that share no frame with the films; empty for no calibration.
        training_films: films that the model was trained on.

    Returns:
        `metrics`: size of the gallery, and for each group its number of queries and top-1 for
        clean, mildly edited and fully edited queries. `calibration`: percentiles of the cosines of
        negatives and of right answers, or None.

    Raises:
        MediaError: a file cannot be decoded.
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
        negative_vectors = embedder.embed(read_gallery(negatives).pictures)
        mild = found["top1_mild"]
        calibration = {
            "unrelated": compute_percentiles(
                (negative_vectors @ vectors.T).max(1), (50, 90, 99, 99.9)
            ),
            "related": compute_percentiles(mild.similarity[mild.right], (1, 10, 50)),
        }
    return {"metrics": metrics, "calibration": calibration}


def compute_percentiles(
    values: NDArray[np.float32], percents: tuple[float, ...]
) -> dict[str, float]:
    """Return percentiles by name, such as `p99.9`, rounded to 4 digits."""
    return {f"p{percent}": round(float(np.percentile(values, percent)), 4) for percent in percents}


def _top1(hits: SearchHits, which: NDArray[np.bool_]) -> float:
    return round(replace(hits, right=hits.right[which]).top1, 4)
