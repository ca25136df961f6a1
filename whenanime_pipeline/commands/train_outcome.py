"""What `whenanime train` came to, as lines for a person and as one document."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whenanime_pipeline.commands.training_choices import Choices
from whenanime_pipeline.core.learning.dataset.dataset import Dataset
from whenanime_pipeline.core.learning.evaluation import CUTS, Judged, Measured
from whenanime_pipeline.core.learning.report.report import Report
from whenanime_pipeline.core.models.registry import KnownModel

_WAYS = {"views_to_originals": "views → frames", "originals_to_views": "frames → views"}


@dataclass(frozen=True)
class TrainOutcome:
    """What a training came to.

    Attributes:
        model: that was trained; it is not used yet.
        trained: whether it was now; it may have been before.
        choices: with which options the dataset was made.
        before: how well the weights that it began with did.
        report: of the model.
        rival: what the model it was compared with is called.
        dataset: it learnt from and was judged by.
        problems: episodes that are left out, and why.
    """

    model: KnownModel
    trained: bool
    choices: Choices
    before: Judged
    report: Report
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
    yield from outcome.choices.lines()
    yield from (f"warning: {warning}" for warning in (*dataset.warnings, *report.notes))
    epochs = (
        f"{model.fact('training', 'epochs')} epochs, best {model.fact('training', 'best_epoch')}"
    )
    if outcome.trained:
        yield f"model {model.id}: {epochs}"
    else:
        yield f"model {model.id}: had been trained already, nothing was changed; {epochs}"
    yield from _table(outcome)
    chance = "beyond chance" if report.difference.beyond_chance else "within chance"
    yield (
        f"Against {outcome.rival}: MRR {report.difference.value:+.4f} "
        f"({report.difference.low:+.4f} to {report.difference.high:+.4f}, {chance})"
    )
    yield from (f"check failed: {check.name}: {check.says}" for check in report.failed)
    anyway = " --anyway" if report.failed else ""
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
        "trained_now": outcome.trained,
        "in_use": outcome.model.in_use,
        "dataset": dataset.id,
        "training_frames": len(dataset.training),
        "validation_frames": len(dataset.validation),
        "options": asdict(outcome.choices),
        "warnings": [*dataset.warnings, *report.notes],
        "training": outcome.model.fact("training"),
        "recipe": outcome.model.fact("recipe"),
        "before": outcome.before.to_json(),
        "after": report.judged.to_json(),
        "compared_with": {"model": report.rival, **report.rival_judged.to_json()},
        "difference": asdict(report.difference),
        "checks": [check.model_dump() for check in report.checks],
        "problems": [
            {"file": path, "reason": why} for path, why in sorted(outcome.problems.items())
        ],
    }


def _table(outcome: TrainOutcome) -> Iterator[str]:
    """Return a table of figures, in each direction before, after, and of the other model."""
    judged = {
        "before": outcome.before,
        "after": outcome.report.judged,
        outcome.rival: outcome.report.rival_judged,
    }
    heads = "".join(f"{head:>8}" for head in (*(f"top-{cut}" for cut in CUTS), "MRR"))
    for way, name in _WAYS.items():
        yield f"{name:16}{heads}   95 %"
        for what, figures in judged.items():
            yield f"  {what:14}{_row(getattr(figures, way))}"


def _row(measured: Measured) -> str:
    found = measured.scores
    shares = "".join(f"{getattr(found, f'acc{cut}'):>8.1%}" for cut in CUTS)
    return f"{shares}{found.mrr:>8.4f}   {measured.low.mrr:.4f}–{measured.high.mrr:.4f}"
