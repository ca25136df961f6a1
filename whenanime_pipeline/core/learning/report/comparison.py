"""Several models on the validation frames that there are now, side by side."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.reading import read_pictures
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.evaluation import (
    Difference,
    Judged,
    Ranks,
    judge,
    mrr_difference,
    ranks,
)
from whenanime_pipeline.core.learning.pictures import Picture, squeezed
from whenanime_pipeline.core.learning.report.provenance import may_know
from whenanime_pipeline.core.media.pictures import decode_small
from whenanime_pipeline.core.models.registry import KnownModel
from whenanime_pipeline.core.search.embedding.embedder import Embedder

Progress = Callable[[int, int], None]
"""Told the models done and the models there are."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One model's part of a comparison.

    Attributes:
        model: that was judged.
        judged: how it does.
        difference: its MRR, views → originals, less that of the first model.
        may_know: whether it may have been trained on some of these frames, which favours it.
    """

    model: KnownModel
    judged: Judged
    difference: Difference
    may_know: bool


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
    results: tuple[Compared, ...]


def compare_models(
    home: Home, models: Sequence[KnownModel], *, progress: Progress = lambda _, __: None
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
    results: list[Compared] = []
    first: Ranks | None = None
    with StoredViews(views_file(home)) as views:
        if views.dataset != dataset.id:
            raise DatasetError(
                f"{views.path}: made for another dataset; materialise validation_views again"
            )
        for model in ordered:
            judged, found = _judged(home, model, dataset, views)
            first = found if first is None else first
            difference = mrr_difference(found, first)
            knows = may_know(model.meta, dataset=dataset.id, validating=validating)
            results.append(Compared(model, judged, difference, knows))
            progress(len(results), len(ordered))
    return Comparison(dataset.id, len(dataset.validation), tuple(results))


def _judged(
    home: Home, model: KnownModel, dataset: Dataset, views: StoredViews
) -> tuple[Judged, Ranks]:
    embedder = Embedder.load(model.folder)
    side = embedder.meta.input.width
    originals = embedder.embed(_scaled(read_pictures(home, dataset.validation), side))
    twins = (views.picture(row) for row in range(len(views)))
    asked = embedder.embed(_scaled(twins, side))
    return judge(originals, asked), ranks(asked, originals)


def _scaled(encoded: Iterator[bytes], side: int) -> Iterator[Picture]:
    """Decode pictures and squeeze them as the decoded dataset is."""
    return (squeezed(decode_small(one), side) for one in encoded)
