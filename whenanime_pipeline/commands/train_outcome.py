"""Results of `whenanime train`: loaded from the home, and formatted as lines or JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whenanime_pipeline.commands.dataset_options import DatasetOptions
from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.evaluation import (
    TOP_KS,
    RetrievalMetrics,
    ScoresWithIntervals,
)
from whenanime_pipeline.core.learning.report.model_report import ModelReport, read_report
from whenanime_pipeline.core.models.registry import (
    BASE_NAME,
    REPORT_FILE,
    RegisteredModel,
    find_model,
)
from whenanime_pipeline.core.search.embedding.model_files import META_FILE

_DIRECTIONS = {"views_to_originals": "views → frames", "originals_to_views": "frames → views"}


@dataclass(frozen=True)
class TrainOutcome:
    """Result of a training.

    Attributes:
        model: the trained model, which is not adopted yet.
        is_new: whether it was trained now, and not by an earlier run.
        dataset_options: options that the dataset was made with.
        baseline: metrics of the initial weights.
        report: report of the model.
        rival: name of the model that it was compared with.
        dataset: dataset of training and validation.
        problems: path of each episode that was left out → the reason.
    """

    model: RegisteredModel
    is_new: bool
    dataset_options: DatasetOptions
    baseline: RetrievalMetrics
    report: ModelReport
    rival: str
    dataset: Dataset
    problems: Mapping[str, str]


def load_outcome(
    home: Home,
    model: RegisteredModel,
    *,
    is_new: bool,
    options: DatasetOptions,
    problems: Mapping[str, str],
) -> TrainOutcome:
    """Load the report and the metrics of a trained model.

    Args:
        home: home of the library.
        model: the trained model.
        is_new: whether it was trained now.
        options: options that the dataset was made with.
        problems: path of each episode that was left out → the reason.

    Raises:
        CommandError: the report or the metrics cannot be read.
        ModelError: the model that it was compared with does not exist any more.
        DatasetError: the dataset cannot be read.
    """
    report = _load_report(model)
    rival = find_model(home, report.baseline_id)
    return TrainOutcome(
        model=model,
        is_new=is_new,
        dataset_options=options,
        baseline=_load_baseline(model),
        report=report,
        rival=BASE_NAME if rival.is_shipped else rival.id,
        dataset=load_dataset(home),
        problems=problems,
    )


def outcome_lines(outcome: TrainOutcome) -> Iterator[str]:
    """Return the result as lines for the terminal."""
    dataset, report, model = outcome.dataset, outcome.report, outcome.model
    parts = [episode.part for episode in dataset.episodes]
    yield (
        f"{len(dataset.training)} training frames of {parts.count('training')} episodes, "
        f"{len(dataset.validation)} validation frames of {parts.count('validation')} others"
    )
    yield from outcome.dataset_options.format_changes()
    yield from (f"warning: {warning}" for warning in (*dataset.warnings, *report.notes))
    count, best = (model.find_meta_value("training", name) for name in ("epochs", "best_epoch"))
    epochs = f"{count} epochs, best {best}"
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


def _load_report(model: RegisteredModel) -> ModelReport:
    report = read_report(model.folder)
    if report is None:
        raise CommandError(f"{model.folder / REPORT_FILE}: cannot be read; train again")
    return report


def _load_baseline(model: RegisteredModel) -> RetrievalMetrics:
    stored = model.find_meta_value("metrics", "before")
    if not isinstance(stored, dict):
        raise CommandError(f"{model.folder / META_FILE}: has no metrics; delete it and train again")
    return RetrievalMetrics.from_json(stored)


def _table(outcome: TrainOutcome) -> Iterator[str]:
    """Return a table of metrics in both directions: before, after, and of the rival."""
    judged = {
        "before": outcome.baseline,
        "after": outcome.report.metrics,
        outcome.rival: outcome.report.baseline_metrics,
    }
    heads = "".join(f"{head:>8}" for head in (*(f"top-{cut}" for cut in TOP_KS), "MRR"))
    for direction, name in _DIRECTIONS.items():
        yield f"{name:16}{heads}   95 %"
        for what, metrics in judged.items():
            yield f"  {what:14}{_row(getattr(metrics, direction))}"


def _row(measured: ScoresWithIntervals) -> str:
    found = measured.scores
    shares = "".join(f"{getattr(found, f'acc{cut}'):>8.1%}" for cut in TOP_KS)
    return f"{shares}{found.mrr:>8.4f}   {measured.low.mrr:.4f}–{measured.high.mrr:.4f}"
