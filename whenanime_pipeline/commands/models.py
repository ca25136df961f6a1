"""`whenanime models`: lists and compares models, and switches the one in use."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.report.comparison import (
    ComparedModel,
    Comparison,
    Progress,
    compare_models,
)
from whenanime_pipeline.core.models.adoption import (
    ModelSwitch,
    RefusedError,
    revert_model,
    use_model,
)
from whenanime_pipeline.core.models.registry import (
    BASE_NAME,
    RegisteredModel,
    find_model,
    list_models,
)

if TYPE_CHECKING:
    import pandas as pd

_MRR = ("views_to_originals", "mrr")


def home_models(home: Home) -> list[RegisteredModel]:
    """Return the models of a home, the base model first."""
    return list_models(home)


def model_lines(models: Iterable[RegisteredModel]) -> list[str]:
    """Return a table of models as lines; `*` marks the one in use."""
    head = ("", "id", "made", "recipe", "backbone", "MRR before", "after", "checks")
    return _align_columns([head, *map(_row, models)])


def models_json(models: Iterable[RegisteredModel]) -> dict[str, Any]:
    """Return what `whenanime models list --json` prints."""
    return {"models": [_model_json(model) for model in models]}


def compare_selected(
    home: Home, selectors: Sequence[str] = (), *, progress: Progress = lambda _, __: None
) -> Comparison:
    """Evaluate models on the present validation frames.

    Args:
        home: home of the library.
        selectors: ids or their prefixes, `base`, `latest`; empty for all undamaged models.
        progress: receives the number of evaluated models and of all.

    Raises:
        ModelError: a model does not exist or cannot be loaded.
        CommandError: there is no model to compare.
        DatasetError: there are no validation frames.
    """
    models = [find_model(home, one) for one in selectors] or [
        model for model in list_models(home) if not model.problem
    ]
    if not models:
        raise CommandError(f"{home.models}: no model there can be loaded")
    return compare_models(home, list({m.folder: m for m in models}.values()), progress=progress)


def comparison_lines(comparison: Comparison) -> list[str]:
    """Return a table of metrics as lines, with notes."""
    first = comparison.results[0].model
    table: str = comparison_table(comparison).to_string(float_format="{:.3f}".format)
    lines = table.splitlines()
    lines.append(
        f"{comparison.frames} validation frames of dataset {comparison.dataset}: edited views look "
        f"for their originals; differences are of MRR, to {_display_name(first)}"
    )
    if any(one.may_have_seen_frames for one in comparison.results):
        lines.append(
            "(!) may have learnt from some of these frames in its own training, which favours it"
        )
    return lines


def comparison_table(comparison: Comparison) -> "pd.DataFrame":
    """Return the metrics of the compared models, a row per model, indexed by name."""
    import pandas as pd

    first = comparison.results[0]
    names, rows = [], []
    for one in comparison.results:
        measured = one.metrics.views_to_originals
        mark = "* " if one.model.in_use else ""
        seen = " (!)" if one.may_have_seen_frames else ""
        names.append(mark + _display_name(one.model) + seen)
        rows.append(
            {
                "top 1": measured.scores.acc1,
                "top 5": measured.scores.acc5,
                "top 10": measured.scores.acc10,
                "top 20": measured.scores.acc20,
                "MRR": measured.scores.mrr,
                "95 %": f"{measured.low.mrr:.3f}–{measured.high.mrr:.3f}",
                "reverse": one.metrics.originals_to_views.scores.mrr,
                "difference": "" if one is first else _difference(one),
            }
        )
    return pd.DataFrame(rows, index=names)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return what `whenanime models compare --json` prints."""
    return {
        "dataset": comparison.dataset,
        "frames": comparison.frames,
        "compared_with": comparison.results[0].model.id,
        "models": [
            {
                "id": one.model.id,
                "name": one.model.name,
                "in_use": one.model.in_use,
                "may_know_the_frames": one.may_have_seen_frames,
                **one.metrics.to_json(),
                "difference": asdict(one.difference),
            }
            for one in comparison.results
        ],
    }


def switch_model(home: Home, selector: str, *, anyway: bool = False) -> ModelSwitch:
    """Adopt a model; arguments and errors as of `use_model`."""
    try:
        return use_model(home, selector, anyway=anyway)
    except RefusedError as error:
        raise RefusedError(f"{error}. To use it nevertheless, add --anyway") from error


def switch_back(home: Home) -> ModelSwitch:
    """Revert to the previous model; errors as of `revert_model`."""
    return revert_model(home)


def change_lines(change: ModelSwitch) -> list[str]:
    """Return the result of switching models as lines."""
    named = _display_name(change.model)
    if not change.changed:
        return [f"{named} is in use already; nothing was changed"]
    return [f"{named} is in use now; it was {change.previous} before", *change.notes]


def change_json(change: ModelSwitch) -> dict[str, Any]:
    """Return what `use` and `back` print with --json."""
    return {
        "id": change.model.id,
        "name": change.model.name,
        "before": change.previous,
        "changed": change.changed,
        "notes": list(change.notes),
    }


def _row(model: RegisteredModel) -> tuple[str, ...]:
    if model.problem:
        return (_in_use_mark(model), model.id, _creation_time(model), f"damaged: {model.problem}")
    return (
        _in_use_mark(model),
        _display_name(model),
        _creation_time(model),
        _text(model.find_meta_value("recipe", "name")),
        _text(model.find_meta_value("network", "backbone")),
        _share(model.find_meta_value("metrics", "before", *_MRR)),
        _share(model.find_meta_value("metrics", "after", *_MRR)),
        _checks(model),
    )


def _model_json(model: RegisteredModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "in_use": model.in_use,
        "made": model.created_at,
        "problem": model.problem,
        "dimension": model.meta.dimension if model.meta else None,
        "network": model.find_meta_value("network"),
        "recipe": model.find_meta_value("recipe"),
        "training": model.find_meta_value("training"),
        "metrics": model.find_meta_value("metrics"),
        "checks": None if model.checks is None else [check.model_dump() for check in model.checks],
    }


def _in_use_mark(model: RegisteredModel) -> str:
    return "*" if model.in_use else ""


def _display_name(model: RegisteredModel) -> str:
    if model.is_shipped:
        return f"{BASE_NAME} ({model.id})"
    return model.id if model.name == model.id else f"{model.id} ({model.name})"


def _creation_time(model: RegisteredModel) -> str:
    return (model.created_at or "")[:16].replace("T", " ")


def _checks(model: RegisteredModel) -> str:
    if model.checks is None:
        return "ships with whenanime" if model.is_shipped else "no report"
    return (
        f"failed: {', '.join(c.name for c in model.failed_checks)}"
        if model.failed_checks
        else "passed"
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _share(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else ""


def _difference(one: ComparedModel) -> str:
    found = one.difference
    chance = "" if found.is_significant else ", within chance"
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}{chance})"


def _align_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows with aligned columns; the last field of a row may be wider than its column."""
    columns = max(len(row) for row in rows)
    widths = [
        max((len(row[n]) for row in rows if n < len(row) - 1), default=0) for n in range(columns)
    ]
    return [
        "  ".join(f"{v:{w}}" for v, w in zip(row, widths, strict=False)).rstrip() for row in rows
    ]
