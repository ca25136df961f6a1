"""Compares several models on the current validation frames."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.frame_reading import read_jpegs
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.evaluation import (
    MrrDifference,
    Ranks,
    RetrievalMetrics,
    bootstrap_mrr_difference,
    compute_ranks,
    evaluate_retrieval,
)
from whenanime_pipeline.core.learning.pictures import Picture, squeeze_to_square
from whenanime_pipeline.core.learning.report.provenance import may_have_seen_frames
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.models.registry import RegisteredModel
from whenanime_pipeline.core.search.embedding.embedder import Embedder

Progress = Callable[[int, int], None]
"""Called with the models done and the models in all."""


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One model of a comparison.

    Attributes:
        model: evaluated model.
        metrics: its retrieval metrics.
        difference: its MRR, views → originals, less that of the first model.
        may_have_seen_frames: whether it may have been trained on some of these frames, which
            favours it.
    """

    model: RegisteredModel
    metrics: RetrievalMetrics
    difference: MrrDifference
    may_have_seen_frames: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of models on the same frames.

    Attributes:
        dataset: id of the dataset of the validation frames.
        frames: number of frames.
        results: models, the one in use first if it is among them.
    """

    dataset: str
    frames: int
    results: tuple[ComparedModel, ...]


def compare_models(
    home: Home, models: Sequence[RegisteredModel], *, progress: Progress = lambda _, __: None
) -> Comparison:
    """Evaluate models in ONNX Runtime, each at its own input size.

    Args:
        home: home of the library.
        models: models to compare, at least one.
        progress: called after each.

    Raises:
        DatasetError: the dataset or its views are missing, damaged or do not belong together.
        ModelError: a model cannot be loaded.
    """
    dataset = load_dataset(home)
    ordered = sorted(models, key=lambda model: not model.in_use)
    validating = [one.path for one in dataset.episodes if one.part == "validation"]
    results: list[ComparedModel] = []
    first: Ranks | None = None
    with StoredViews(views_file(home)) as views:
        if views.dataset != dataset.id:
            raise DatasetError(
                f"{views.path}: made for another dataset; materialise validation_views again"
            )
        for model in ordered:
            metrics, ranks = _evaluate_model(home, model, dataset, views)
            first = ranks if first is None else first
            difference = bootstrap_mrr_difference(ranks, first)
            has_seen = may_have_seen_frames(model.meta, dataset=dataset.id, validating=validating)
            results.append(ComparedModel(model, metrics, difference, has_seen))
            progress(len(results), len(ordered))
    return Comparison(dataset.id, len(dataset.validation), tuple(results))


def _evaluate_model(
    home: Home, model: RegisteredModel, dataset: Dataset, views: StoredViews
) -> tuple[RetrievalMetrics, Ranks]:
    embedder = Embedder.load(model.folder)
    side = embedder.meta.input.width
    originals = embedder.embed(_scaled(read_jpegs(home, dataset.validation), side))
    encoded = (views.picture(row) for row in range(len(views)))
    queries = embedder.embed(_scaled(encoded, side))
    return evaluate_retrieval(originals, queries), compute_ranks(queries, originals)


def _scaled(encoded: Iterator[bytes], side: int) -> Iterator[Picture]:
    """Decode pictures and resize them to squares."""
    return (squeeze_to_square(decode_stored_frame(one), side) for one in encoded)
