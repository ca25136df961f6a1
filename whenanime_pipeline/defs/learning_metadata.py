"""What a person wants to see of a training and a model, as Dagster's metadata.

Only the bodies of assets import this: it draws.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.charts import (
    loss_chart,
    metrics_chart,
    mistakes_sheet,
    sample_batches,
)
from whenanime_pipeline.core.learning.evaluation import Judged, Measured
from whenanime_pipeline.core.learning.log import LogRow
from whenanime_pipeline.core.learning.material import Material
from whenanime_pipeline.core.learning.recipe import Recipe
from whenanime_pipeline.core.learning.report import Report
from whenanime_pipeline.core.search.models import KnownModel, list_models
from whenanime_pipeline.defs.metadata import Metadata, listed, number, picture, table
from whenanime_pipeline.defs.trained import MODEL

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.work import ModelDone

_PAIRS = 8  # of pictures and their twins on one sheet


def epoch_metadata(row: LogRow) -> Metadata:
    """Describe an epoch, as points of curves."""
    metadata: Metadata = {"epoch": dg.MetadataValue.int(row.epoch)}
    if row.loss is not None:
        metadata["loss"] = number(row.loss, 6)
    return metadata | {
        "top-1": number(row.acc1, 4),
        "top-5": number(row.acc5, 4),
        "top-10": number(row.acc10, 4),
        "top-20": number(row.acc20, 4),
        "MRR": number(row.mrr, 4),
    }


def trained_metadata(done: "ModelDone", material: Material, recipe: Recipe) -> Metadata:
    """Describe a training: its curves, its last figures, what it was fed."""
    best = next(row for row in done.rows if row.epoch == done.best_epoch)
    metadata: Metadata = {
        MODEL: dg.MetadataValue.text(done.model_id),
        "recipe": dg.MetadataValue.text(recipe.name),
        "training frames": dg.MetadataValue.int(len(material.pictures)),
        "validation frames": dg.MetadataValue.int(len(material.originals)),
        "epochs": dg.MetadataValue.int(done.rows[-1].epoch),
        "best epoch": dg.MetadataValue.int(best.epoch),
        "best top-1": number(best.acc1, 4),
        "best MRR": number(best.mrr, 4),
        "folder": dg.MetadataValue.path(str(done.folder)),
        "figures": picture(metrics_chart(done.rows)),
        "loss curve": picture(loss_chart(done.rows)),
        "sample batch": picture(_sample_batch(material, recipe)),
        "options": dg.MetadataValue.json(recipe.to_json()),
    }
    if done.seconds is None:
        metadata["work"] = dg.MetadataValue.text("none: this model had been trained before")
    else:
        metadata["minutes of work"] = number(done.seconds / 60, 1)
    return metadata


def report_metadata(home: Home, report: Report, material: Material) -> Metadata:
    """Describe a model on the validation frames, beside the one in use, and all others."""
    new, old = report.judged.views_to_originals.scores, report.rival_judged.views_to_originals
    metadata: Metadata = {
        MODEL: dg.MetadataValue.text(report.model_id),
        "compared with": dg.MetadataValue.text(report.rival),
        "validation frames": dg.MetadataValue.int(new.count),
        "top-1": number(new.acc1, 4),
        "MRR": number(new.mrr, 4),
        "MRR of the other": number(old.scores.mrr, 4),
        "to adopt it": dg.MetadataValue.md(
            f"Materialise `model_in_use`, or `whenanime models use {report.model_id}`."
        ),
        "figures": dg.MetadataValue.md(_figures(report)),
        "all models": _models(list_models(home)),
    }
    sheet = mistakes_sheet(report, material)
    if sheet is not None:
        metadata["worst mistakes"] = picture(sheet)
        metadata["where they are from"] = listed(
            [
                f"{one.query or one.row}: taken for {one.answer or one.found} "
                f"({one.similarity:.3f}; the right answer, {one.right_similarity:.3f}, "
                f"is no. {one.rank})"
                for one in report.mistakes
            ]
        )
    if report.notes:
        metadata["notes"] = listed(report.notes)
    return metadata


def _figures(report: Report) -> str:
    """Return a table of the model and the one it is compared with, both directions."""
    lines = ["| | top-1 | top-5 | top-10 | top-20 | MRR |", "|---|---|---|---|---|---|"]
    for name, judged in ((report.model_id, report.judged), (report.rival, report.rival_judged)):
        lines += [f"| `{name}`, {way} | {_row(measured)} |" for way, measured in _ways(judged)]
    return "\n".join(lines)


def _ways(judged: Judged) -> Sequence[tuple[str, Measured]]:
    return (
        ("views → frames", judged.views_to_originals),
        ("frames → views", judged.originals_to_views),
    )


def _row(measured: Measured) -> str:
    """Return figures with their 95 % intervals."""
    names = ("acc1", "acc5", "acc10", "acc20", "mrr")
    value, low, high = measured.scores, measured.low, measured.high
    return " | ".join(
        f"{getattr(value, name):.4f} ({getattr(low, name):.3f}–{getattr(high, name):.3f})"
        for name in names
    )


def _models(models: Sequence[KnownModel]) -> dg.MetadataValue:
    way = ("views_to_originals", "mrr")
    return table(
        [
            {
                "model": model.id,
                "in use": "yes" if model.in_use else "",
                "made": (model.made or "")[:16].replace("T", " "),
                "recipe": _text(model.fact("recipe", "name") or ("base" if model.shipped else "")),
                "network": _text(model.fact("network", "backbone")),
                "epochs": _text(model.fact("training", "epochs")),
                "training frames": _text(model.fact("training", "pictures")),
                "MRR before": _share(model.fact("metrics", "before", *way)),
                "MRR after": _share(model.fact("metrics", "after", *way)),
                "checks": _checks(model),
            }
            for model in reversed(models)
        ]
    )


def _checks(model: KnownModel) -> str:
    if model.problem:
        return model.problem
    if model.checks is None:
        return ""
    return ", ".join(f"{check.name} failed" for check in model.failed) or "passed"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _share(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else ""


def _sample_batch(material: Material, recipe: Recipe) -> bytes:
    """Draw what the network is fed: pictures as it gets them, and their changed twins."""
    import torch

    from whenanime_pipeline.core.learning.batches import PairBatches

    batches = PairBatches(material, replace(recipe, batch_size=_PAIRS))
    batch = batches.batch(0, 0, torch.device("cpu"))
    first, second = (
        (planes * 255).round().byte().permute(0, 2, 3, 1).numpy()
        for planes in (batch.first, batch.second)
    )
    return sample_batches(first, second, pairs=_PAIRS)
