"""What a person wants to see of a training and a model, as Dagster's metadata.

Only the bodies of assets import this: it draws.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.evaluation import ScoresWithIntervals
from whenanime_pipeline.core.learning.report.charts import (
    draw_loss_chart,
    draw_metrics_chart,
    draw_mistakes,
    draw_view_pairs,
)
from whenanime_pipeline.core.learning.report.mistakes import Mistake
from whenanime_pipeline.core.learning.report.model_report import ModelReport
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.models.registry import RegisteredModel, list_models
from whenanime_pipeline.defs.metadata import (
    Metadata,
    float_value,
    image_value,
    list_value,
    table_value,
)
from whenanime_pipeline.defs.model_selection import MINUTES_METADATA_KEY, MODEL_METADATA_KEY

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.training.model_training import TrainedModel

_PAIRS = 8  # of pictures and their augmented views on one sheet


def epoch_metadata(row: LogRow) -> Metadata:
    """Describe an epoch, as points of curves."""
    metadata: Metadata = {"epoch": dg.MetadataValue.int(row.epoch)}
    if row.loss is not None:
        metadata["loss"] = float_value(row.loss, 6)
    return metadata | {
        "top-1": float_value(row.acc1, 4),
        "top-5": float_value(row.acc5, 4),
        "top-10": float_value(row.acc10, 4),
        "top-20": float_value(row.acc20, 4),
        "MRR": float_value(row.mrr, 4),
    }


def training_metadata(done: "TrainedModel", material: TrainingData, recipe: Recipe) -> Metadata:
    """Describe a training: its curves, what it was fed, its best figures."""
    best = next(row for row in done.rows if row.epoch == done.best_epoch)
    metadata: Metadata = {
        MODEL_METADATA_KEY: dg.MetadataValue.text(done.model_id),
        "curves": image_value(draw_metrics_chart(done.rows)),
        "loss curve": image_value(draw_loss_chart(done.rows)),
        "sample batch": image_value(_draw_sample_batch(material, recipe)),
        "training frames": dg.MetadataValue.int(len(material.pictures)),
        "validation frames": dg.MetadataValue.int(len(material.originals)),
        "epochs": dg.MetadataValue.int(done.rows[-1].epoch),
        "best epoch": dg.MetadataValue.int(best.epoch),
        "best top-1": float_value(best.acc1, 4),
        "best MRR": float_value(best.mrr, 4),
    }
    if done.seconds is None:
        metadata["work"] = dg.MetadataValue.text("none: this model had been trained before")
    else:
        metadata[MINUTES_METADATA_KEY] = float_value(done.seconds / 60, 1)
    return metadata | {"options": dg.MetadataValue.json(recipe.to_json())}


def report_metadata(home: Home, report: ModelReport, material: TrainingData) -> Metadata:
    """Describe a model on the validation frames, next to the one in use and all others."""
    models = list_models(home)
    names = {model.id: f"base ({model.id})" if model.is_shipped else model.id for model in models}
    rival = names.get(report.baseline_id, report.baseline_id)
    new, old = report.metrics.views_to_originals, report.baseline_metrics.views_to_originals
    metadata: Metadata = {
        MODEL_METADATA_KEY: dg.MetadataValue.text(report.model_id),
        "compared with": dg.MetadataValue.text(rival),
        "validation frames": dg.MetadataValue.int(new.scores.count),
        "top-1": float_value(new.scores.acc1, 4),
        "MRR": float_value(new.scores.mrr, 4),
        "MRR of the other": float_value(old.scores.mrr, 4),
        "figures": dg.MetadataValue.md(_figures(report, rival)),
        "to adopt it": dg.MetadataValue.md(_adoption(report)),
        "all models": table_value([_model(model) for model in reversed(models)]),
    }
    sheet = draw_mistakes(report, material)
    if sheet is not None:
        metadata["worst mistakes"] = image_value(sheet)
        metadata["where they are from"] = list_value([_mistake(one) for one in report.mistakes])
    if report.notes:
        metadata["notes"] = list_value(report.notes)
    return metadata


def _figures(report: ModelReport, rival: str) -> str:
    """Return a table of the model and the one it is compared with, both directions."""
    lines = ["| | top-1 | top-5 | top-10 | top-20 | MRR | 95 % |", "|---|---|---|---|---|---|---|"]
    for way in ("views_to_originals", "originals_to_views"):
        said = "views → frames" if way == "views_to_originals" else "frames → views"
        for name, judged in ((report.model_id, report.metrics), (rival, report.baseline_metrics)):
            lines.append(f"| {said}, {name} | {_row(getattr(judged, way))} |")
    return "\n".join(lines)


def _row(measured: ScoresWithIntervals) -> str:
    found = measured.scores
    shares = [f"{share:.1%}" for share in (found.acc1, found.acc5, found.acc10, found.acc20)]
    interval = f"{measured.low.mrr:.3f}–{measured.high.mrr:.3f}"
    return " | ".join([*shares, f"{found.mrr:.4f}", interval])


def _adoption(report: ModelReport) -> str:
    failed = ", ".join(check.name for check in report.failed_checks)
    if failed:
        return (
            f"{failed} failed. Nevertheless: materialise `model_in_use` with `anyway: true`, or "
            f"`whenanime models use {report.model_id} --anyway`."
        )
    return f"Materialise `model_in_use`, or `whenanime models use {report.model_id}`."


def _mistake(one: Mistake) -> str:
    return (
        f"{one.query or one.row}: taken for {one.answer or one.found} ({one.similarity:.3f}; "
        f"the right answer, {one.right_similarity:.3f}, is no. {one.rank})"
    )


def _model(model: RegisteredModel) -> dict[str, str | int]:
    way = ("views_to_originals", "mrr")
    return {
        "model": model.id,
        "in use": "yes" if model.in_use else "",
        "made": (model.created_at or "")[:10].replace("-", "\N{NON-BREAKING HYPHEN}"),
        "recipe": _text(
            model.find_meta_value("recipe", "name") or ("base" if model.is_shipped else "")
        ),
        "network": _text(model.find_meta_value("network", "backbone")),
        "epochs": _text(model.find_meta_value("training", "epochs")),
        "frames": _text(model.find_meta_value("training", "pictures")),
        "before": _share(model.find_meta_value("metrics", "before", *way)),
        "MRR": _share(model.find_meta_value("metrics", "after", *way)),
        "checks": _checks(model),
    }


def _checks(model: RegisteredModel) -> str:
    if model.problem:
        return model.problem
    if model.checks is None:
        return ""
    return ", ".join(f"{check.name} failed" for check in model.failed_checks) or "passed"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _share(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else ""


def _draw_sample_batch(material: TrainingData, recipe: Recipe) -> bytes:
    """Draw what the network is fed: pictures as it gets them, and their augmented views."""
    import torch

    from whenanime_pipeline.core.learning.training.batches import PairBatches

    batches = PairBatches(material, replace(recipe, batch_size=_PAIRS))
    batch = batches.batch(0, 0, torch.device("cpu"))
    first, second = (
        (planes * 255).round().byte().permute(0, 2, 3, 1).numpy()
        for planes in (batch.reference_views, batch.query_views)
    )
    return draw_view_pairs(first, second, pairs=_PAIRS)
