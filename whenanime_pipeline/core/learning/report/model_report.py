"""Reports on a model: validation metrics, checks and mistakes, compared with the model in use.

The exported model is evaluated in ONNX Runtime, as it is used. `report.json` in the model's folder
has the facts only; charts are drawn from it and the training data.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np

from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.split import small_sample_warning
from whenanime_pipeline.core.learning.evaluation import (
    MrrDifference,
    RetrievalMetrics,
    bootstrap_mrr_difference,
    compute_ranks,
    evaluate_retrieval,
)
from whenanime_pipeline.core.learning.report.checks import (
    check_better_than_in_use,
    check_export_equal,
    check_loss_finite,
)
from whenanime_pipeline.core.learning.report.mistakes import (
    FrameLocation,
    Mistake,
    find_worst_mistakes,
)
from whenanime_pipeline.core.learning.report.provenance import may_have_seen_frames
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.models.registry import (
    BASE_NAME,
    REPORT_FILE,
    Check,
    get_model_by_name,
    read_name_in_use,
)
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import ModelMeta, base_model_folder
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Report on a model.

    Attributes:
        model_id: id of the model.
        created_at: time of the report, ISO 8601 in UTC.
        training_data_id: id of the training data with the validation frames.
        metrics: metrics of the model.
        baseline_id: id of the model it is compared with: the one in use, or the base model if it is
            in use itself.
        baseline_metrics: metrics of that one on the same frames.
        difference: difference of their MRR, views → originals.
        checks: `check_loss_finite`, `check_better_than_in_use`, `check_export_equal`.
        mistakes: worst mistakes, the worst first.
        notes: reservations about the metrics, a sentence each.
    """

    model_id: str
    created_at: str
    training_data_id: str
    metrics: RetrievalMetrics
    baseline_id: str
    baseline_metrics: RetrievalMetrics
    difference: MrrDifference
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    notes: tuple[str, ...]

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        """Failed checks; with any of them the model is used only with `anyway`."""
        return tuple(check for check in self.checks if not check.passed)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model_id": self.model_id,
            "made": self.created_at,
            "material": self.training_data_id,
            "judged": self.metrics.to_json(),
            "rival": self.baseline_id,
            "rival_judged": self.baseline_metrics.to_json(),
            "difference": asdict(self.difference),
            "checks": [check.model_dump() for check in self.checks],
            "mistakes": [asdict(mistake) for mistake in self.mistakes],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        return cls(
            model_id=value["model_id"],
            created_at=value["made"],
            training_data_id=value["material"],
            metrics=RetrievalMetrics.from_json(value["judged"]),
            baseline_id=value["rival"],
            baseline_metrics=RetrievalMetrics.from_json(value["rival_judged"]),
            difference=MrrDifference(**value["difference"]),
            checks=tuple(Check.model_validate(check) for check in value["checks"]),
            mistakes=tuple(Mistake(**mistake) for mistake in value["mistakes"]),
            notes=tuple(value["notes"]),
        )


def make_report(
    home: Home,
    folder: Path,
    training_data: TrainingData,
    *,
    locations: Sequence[FrameLocation] | None = None,
    seed: int = 0,
) -> ModelReport:
    """Evaluate a model and store the report in its folder.

    Args:
        home: home of the library; its model in use is the baseline.
        folder: folder of the model.
        training_data: training data with the validation frames.
        locations: locations of these, a row each, to name mistakes.
        seed: seed of the intervals.

    Raises:
        ModelError: the model, or the base model, cannot be loaded.
        OSError: the report cannot be written.
    """
    embedder = Embedder.load(folder)
    baseline, baseline_name, notes = _choose_baseline(home, embedder.model_id)
    notes += _notes(embedder.meta, baseline.meta, training_data, locations)
    originals, views = _embed_validation(embedder, training_data)
    found = compute_ranks(views, originals)
    metrics = evaluate_retrieval(originals, views, seed=seed)
    baseline_originals, baseline_views = _embed_validation(baseline, training_data)
    baseline_metrics = evaluate_retrieval(baseline_originals, baseline_views, seed=seed)
    difference = bootstrap_mrr_difference(
        found, compute_ranks(baseline_views, baseline_originals), seed=seed
    )
    report = ModelReport(
        model_id=embedder.model_id,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        training_data_id=training_data.id,
        metrics=metrics,
        baseline_id=baseline.model_id,
        baseline_metrics=baseline_metrics,
        difference=difference,
        checks=(
            check_loss_finite(folder, np.concatenate([originals, views])),
            check_better_than_in_use(
                metrics, baseline_metrics, difference, baseline_name=baseline_name
            ),
            check_export_equal(folder, embedder, training_data.originals),
        ),
        mistakes=find_worst_mistakes(views, originals, found, locations),
        notes=tuple(notes),
    )
    write_json(folder / REPORT_FILE, report.to_json())
    return report


def read_report(folder: Path) -> ModelReport | None:
    """Return the report in a model's folder; None when there is none that can be read."""
    try:
        value = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
        return ModelReport.from_json(value)
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _embed_validation(embedder: Embedder, material: TrainingData) -> tuple[Vectors, Vectors]:
    return embedder.embed(material.originals), embedder.embed(material.views)


def _choose_baseline(home: Home, model_id: str) -> tuple[Embedder, str, list[str]]:
    """Return the baseline of a model, its name in messages, and notes about it."""
    used = get_model_by_name(home, read_name_in_use(home))
    notes: list[str] = []
    if used.name != BASE_NAME and used.id != model_id:
        try:
            return Embedder.load(used.folder), f"the model in use ({used.id})", notes
        except ModelError as error:
            notes.append(f"The model in use cannot be loaded, so the base model stands in: {error}")
    if used.id == model_id:
        notes.append("It is in use itself, and is compared with the base model.")
    base = Embedder.load(base_model_folder())
    return base, f"the base model ({base.model_id})", notes


def _notes(
    model: ModelMeta,
    rival: ModelMeta,
    material: TrainingData,
    places: Sequence[FrameLocation] | None,
) -> list[str]:
    notes = []
    if few := small_sample_warning(len(material.originals)):
        notes.append(f"{few[:1].upper()}{few[1:]}.")
    validating = {place.path for place in places or ()}
    for meta, named in ((model, "It"), (rival, f"{rival.model_id}, which it is compared with,")):
        if may_have_seen_frames(meta, dataset=material.dataset, validating=validating):
            notes.append(f"{named} may have learnt from these frames, which favours it.")
    return notes
