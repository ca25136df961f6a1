"""Results of `whenanime train`, as lines for a person and as one document."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whenanime_pipeline.commands.dataset_options import DatasetOptions
from whenanime_pipeline.core.learning.dataset.dataset import Dataset
from whenanime_pipeline.core.learning.evaluation import (
    TOP_KS,
    RetrievalMetrics,
    ScoresWithIntervals,
)
from whenanime_pipeline.core.learning.report.model_report import ModelReport
from whenanime_pipeline.core.models.registry import RegisteredModel

_WAYS = {"views_to_originals": "views → frames", "originals_to_views": "frames → views"}


@dataclass(frozen=True)
class TrainOutcome:
    """Result of a training.

    Attributes:
        model: that was trained; it is not used yet.
        is_new: whether it was now; it may have been before.
        dataset_options: with which options the dataset was made.
        baseline: how well the weights that it began with did.
        report: of the model.
        rival: what the model it was compared with is called.
        dataset: it learnt from and was judged by.
        problems: episodes that are left out, and why.
    """

    model: RegisteredModel
    is_new: bool
    dataset_options: DatasetOptions
    baseline: RetrievalMetrics
    report: ModelReport
    rival: str
    dataset: Dataset
    problems: Mapping[str, str]


def outcome_lines(outcome: TrainOutcome) -> Iterator[str]:
    """Return what a person wants to know, a line each."""
    dataset, report, model = outcome.dataset, outcome.report, outcome.model
    parts = [episode.part for episode in dataset.episodes]
    yield (
        f"{len(dataset.training)} training frames of {parts.count('training')} episodes, "
        f"{len(dataset.validation)} validation frames of {parts.count('validation')} others"
    )
    yield from outcome.dataset_options.format_changes()
    yield from (f"warning: {warning}" for warning in (*dataset.warnings, *report.notes))
    epochs = f"{model.find_meta_value('training', 'epochs')} epochs, best {model.find_meta_value('training', 'best_epoch')}"
    if outcome.is_new:
        yield f"model {model.id}: {epochs}"
    else:
        yield f"model {model.id}: had been trained already, nothing was changed; {epochs}"
    yield from _table(outcome)
    chance = "beyond chance" if report.difference.is_significant else "within chance"
    yield (
        f"Against {outcome.rival}: MRR {report.difference.value:+.4f} "
        f"({report.difference.low:+.4f} to {report.difference.high:+.4f}, {chance})"
    )
    yield from (f"check failed: {check.name}: {check.says}" for check in report.failed_checks)
    anyway = " --anyway" if report.failed_checks else ""
    if model.in_use:
        yield "It is in use already."
    else:
        yield f"It is not used yet; to use it: whenanime models use {model.id}{anyway}"


def outcome_json(outcome: TrainOutcome) -> dict[str, Any]:
    """Return what `whenanime train --json` prints."""
    dataset, report = outcome.dataset, outcome.report
    return {
        "model": outcome.model.id,
        "folder": str(outcome.model.folder),
        "trained_now": outcome.is_new,
        "in_use": outcome.model.in_use,
        "dataset": dataset.id,
        "training_frames": len(dataset.training),
        "validation_frames": len(dataset.validation),
        "options": asdict(outcome.dataset_options),
        "warnings": [*dataset.warnings, *report.notes],
        "training": outcome.model.find_meta_value("training"),
        "recipe": outcome.model.find_meta_value("recipe"),
        "before": outcome.baseline.to_json(),
        "after": report.metrics.to_json(),
        "compared_with": {"model": report.baseline_id, **report.baseline_metrics.to_json()},
        "difference": asdict(report.difference),
        "checks": [check.model_dump() for check in report.checks],
        "problems": [
            {"file": path, "reason": why} for path, why in sorted(outcome.problems.items())
        ],
    }


def _table(outcome: TrainOutcome) -> Iterator[str]:
    """Return a table of figures, in each direction before, after, and of the other model."""
    judged = {
        "before": outcome.baseline,
        "after": outcome.report.metrics,
        outcome.rival: outcome.report.baseline_metrics,
    }
    heads = "".join(f"{head:>8}" for head in (*(f"top-{cut}" for cut in TOP_KS), "MRR"))
    for way, name in _WAYS.items():
        yield f"{name:16}{heads}   95 %"
        for what, figures in judged.items():
            yield f"  {what:14}{_row(getattr(figures, way))}"


def _row(measured: ScoresWithIntervals) -> str:
    found = measured.scores
    shares = "".join(f"{getattr(found, f'acc{cut}'):>8.1%}" for cut in TOP_KS)
    return f"{shares}{found.mrr:>8.4f}   {measured.low.mrr:.4f}–{measured.high.mrr:.4f}"
