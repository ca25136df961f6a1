"""What a person wants to see of a training and a model, as Dagster's metadata.

Only the bodies of assets import this: it draws.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.evaluation import Measured
from whenanime_pipeline.core.learning.material import Material
from whenanime_pipeline.core.learning.report.charts import (
    loss_chart,
    metrics_chart,
    mistakes_sheet,
    sample_batches,
)
from whenanime_pipeline.core.learning.report.mistakes import Mistake
from whenanime_pipeline.core.learning.report.report import Report
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.models.registry import KnownModel, list_models
from whenanime_pipeline.defs.metadata import Metadata, listed, number, picture, table
from whenanime_pipeline.defs.trained import MINUTES, MODEL

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.training.work import ModelDone

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
    """Describe a training: its curves, what it was fed, its best figures."""
    best = next(row for row in done.rows if row.epoch == done.best_epoch)
    metadata: Metadata = {
        MODEL: dg.MetadataValue.text(done.model_id),
        "curves": picture(metrics_chart(done.rows)),
        "loss curve": picture(loss_chart(done.rows)),
        "sample batch": picture(_sample_batch(material, recipe)),
        "training frames": dg.MetadataValue.int(len(material.pictures)),
        "validation frames": dg.MetadataValue.int(len(material.originals)),
        "epochs": dg.MetadataValue.int(done.rows[-1].epoch),
        "best epoch": dg.MetadataValue.int(best.epoch),
        "best top-1": number(best.acc1, 4),
        "best MRR": number(best.mrr, 4),
    }
    if done.seconds is None:
        metadata["work"] = dg.MetadataValue.text("none: this model had been trained before")
    else:
        metadata[MINUTES] = number(done.seconds / 60, 1)
    return metadata | {"options": dg.MetadataValue.json(recipe.to_json())}


def report_metadata(home: Home, report: Report, material: Material) -> Metadata:
    """Describe a model on the validation frames, beside the one in use, and all others."""
    models = list_models(home)
    names = {model.id: f"base ({model.id})" if model.shipped else model.id for model in models}
    rival = names.get(report.rival, report.rival)
    new, old = report.judged.views_to_originals, report.rival_judged.views_to_originals
    metadata: Metadata = {
        MODEL: dg.MetadataValue.text(report.model_id),
        "compared with": dg.MetadataValue.text(rival),
        "validation frames": dg.MetadataValue.int(new.scores.count),
        "top-1": number(new.scores.acc1, 4),
        "MRR": number(new.scores.mrr, 4),
        "MRR of the other": number(old.scores.mrr, 4),
        "figures": dg.MetadataValue.md(_figures(report, rival)),
        "to adopt it": dg.MetadataValue.md(_adoption(report)),
        "all models": table([_model(model) for model in reversed(models)]),
    }
    sheet = mistakes_sheet(report, material)
    if sheet is not None:
        metadata["worst mistakes"] = picture(sheet)
        metadata["where they are from"] = listed([_mistake(one) for one in report.mistakes])
    if report.notes:
        metadata["notes"] = listed(report.notes)
    return metadata


def _figures(report: Report, rival: str) -> str:
    """Return a table of the model and the one it is compared with, both directions."""
    lines = ["| | top-1 | top-5 | top-10 | top-20 | MRR | 95 % |", "|---|---|---|---|---|---|---|"]
    for way in ("views_to_originals", "originals_to_views"):
        said = "views → frames" if way == "views_to_originals" else "frames → views"
        for name, judged in ((report.model_id, report.judged), (rival, report.rival_judged)):
            lines.append(f"| {said}, {name} | {_row(getattr(judged, way))} |")
    return "\n".join(lines)


def _row(measured: Measured) -> str:
    found = measured.scores
    shares = [f"{share:.1%}" for share in (found.acc1, found.acc5, found.acc10, found.acc20)]
    interval = f"{measured.low.mrr:.3f}–{measured.high.mrr:.3f}"
    return " | ".join([*shares, f"{found.mrr:.4f}", interval])


def _adoption(report: Report) -> str:
    failed = ", ".join(check.name for check in report.failed)
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


def _model(model: KnownModel) -> dict[str, str | int]:
    way = ("views_to_originals", "mrr")
    return {
        "model": model.id,
        "in use": "yes" if model.in_use else "",
        "made": (model.made or "")[:10].replace("-", "\N{NON-BREAKING HYPHEN}"),
        "recipe": _text(model.fact("recipe", "name") or ("base" if model.shipped else "")),
        "network": _text(model.fact("network", "backbone")),
        "epochs": _text(model.fact("training", "epochs")),
        "frames": _text(model.fact("training", "pictures")),
        "before": _share(model.fact("metrics", "before", *way)),
        "MRR": _share(model.fact("metrics", "after", *way)),
        "checks": _checks(model),
    }


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

    from whenanime_pipeline.core.learning.training.batches import PairBatches

    batches = PairBatches(material, replace(recipe, batch_size=_PAIRS))
    batch = batches.batch(0, 0, torch.device("cpu"))
    first, second = (
        (planes * 255).round().byte().permute(0, 2, 3, 1).numpy()
        for planes in (batch.first, batch.second)
    )
    return sample_batches(first, second, pairs=_PAIRS)
