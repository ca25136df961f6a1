"""Several models on the validation frames that there are now, side by side."""

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
"""Told the models done and the models there are."""


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One model's part of a comparison.

    Attributes:
        model: that was judged.
        metrics: how it does.
        difference: its MRR, views → originals, less that of the first model.
        may_have_seen_frames: whether it may have been trained on some of these frames, which favours it.
    """

    model: RegisteredModel
    metrics: RetrievalMetrics
    difference: MrrDifference
    may_have_seen_frames: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Models on the same frames.

    Attributes:
        dataset: id of the dataset whose validation frames these are.
        frames: how many.
        results: the model in use first when it is among them.
    """

    dataset: str
    frames: int
    results: tuple[ComparedModel, ...]


def compare_models(
    home: Home, models: Sequence[RegisteredModel], *, progress: Progress = lambda _, __: None
) -> Comparison:
    """Judge models as they are used, in ONNX Runtime, each at its own size.

    Args:
        home: of the library.
        models: to compare, at least one.
        progress: told after each.

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
            judged, found = _evaluate_model(home, model, dataset, views)
            first = found if first is None else first
            difference = bootstrap_mrr_difference(found, first)
            knows = may_have_seen_frames(model.meta, dataset=dataset.id, validating=validating)
            results.append(ComparedModel(model, judged, difference, knows))
            progress(len(results), len(ordered))
    return Comparison(dataset.id, len(dataset.validation), tuple(results))


def _evaluate_model(
    home: Home, model: RegisteredModel, dataset: Dataset, views: StoredViews
) -> tuple[RetrievalMetrics, Ranks]:
    embedder = Embedder.load(model.folder)
    side = embedder.meta.input.width
    originals = embedder.embed(_scaled(read_jpegs(home, dataset.validation), side))
    twins = (views.picture(row) for row in range(len(views)))
    asked = embedder.embed(_scaled(twins, side))
    return evaluate_retrieval(originals, asked), compute_ranks(asked, originals)


def _scaled(encoded: Iterator[bytes], side: int) -> Iterator[Picture]:
    """Decode pictures and squeeze them as the decoded dataset is."""
    return (squeeze_to_square(decode_stored_frame(one), side) for one in encoded)
