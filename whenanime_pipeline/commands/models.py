"""`whenanime models`: which there are, how they do side by side, which is used, and back again."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.evaluation import Measured
from whenanime_pipeline.core.learning.report.comparison import (
    Compared,
    Comparison,
    Progress,
    compare_models,
)
from whenanime_pipeline.core.models.adoption import Change, RefusedError, go_back, use_model
from whenanime_pipeline.core.models.registry import BASE, KnownModel, find_model, list_models

_MRR = ("views_to_originals", "mrr")


def known(home: Home) -> list[KnownModel]:
    """Return the models of a home, the base model first."""
    return list_models(home)


def known_lines(models: Iterable[KnownModel]) -> list[str]:
    """Return a table of models, a line each; `*` stands at the one in use."""
    head = ("", "id", "made", "recipe", "backbone", "MRR before", "after", "checks")
    return _aligned([head, *map(_row, models)])


def known_json(models: Iterable[KnownModel]) -> dict[str, Any]:
    """Return what `whenanime models list --json` prints."""
    return {"models": [_model_json(model) for model in models]}


def compare(
    home: Home, wanted: Sequence[str] = (), *, progress: Progress = lambda _, __: None
) -> Comparison:
    """Judge models on the validation frames there are now.

    Args:
        home: of the library.
        wanted: ids or their beginnings, `base`, `latest`; none: all that are not damaged.
        progress: told the models done and the models there are.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
        CommandError: there is no model to compare.
        DatasetError: there are no validation frames.
    """
    models = [find_model(home, one) for one in wanted] or [
        model for model in list_models(home) if not model.problem
    ]
    if not models:
        raise CommandError(f"{home.models}: no model there can be loaded")
    return compare_models(home, list({m.folder: m for m in models}.values()), progress=progress)


def comparison_lines(comparison: Comparison) -> list[str]:
    """Return a table of what models find, a line each, and what to know about it."""
    first = comparison.results[0].model
    head = ("", "id", "top 1", "top 5", "top 10", "top 20", "MRR", "95 %", "reverse", "difference")
    rows = [
        (
            _mark(one.model),
            _called(one.model) + (" (!)" if one.may_know else ""),
            *_scores(one.judged.views_to_originals),
            f"{one.judged.originals_to_views.scores.mrr:.3f}",
            "" if one.model is first else _difference(one),
        )
        for one in comparison.results
    ]
    lines = _aligned([head, *rows])
    lines.append(
        f"{comparison.frames} validation frames of dataset {comparison.dataset}: edited views look "
        f"for their originals; differences are of MRR, to {_called(first)}"
    )
    if any(one.may_know for one in comparison.results):
        lines.append(
            "(!) may have learnt from some of these frames in its own training, which favours it"
        )
    return lines


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
                "may_know_the_frames": one.may_know,
                **one.judged.to_json(),
                "difference": asdict(one.difference),
            }
            for one in comparison.results
        ],
    }


def use(home: Home, wanted: str, *, anyway: bool = False) -> Change:
    """Use a model from now on; arguments and errors as of `use_model`."""
    try:
        return use_model(home, wanted, anyway=anyway)
    except RefusedError as error:
        raise RefusedError(f"{error}. To use it nevertheless, add --anyway") from error


def back(home: Home) -> Change:
    """Use the model that was used before; errors as of `go_back`."""
    return go_back(home)


def change_lines(change: Change) -> list[str]:
    """Return what became of asking for another model."""
    named = _called(change.model)
    if not change.changed:
        return [f"{named} is in use already; nothing was changed"]
    return [f"{named} is in use now; it was {change.before} before", *change.notes]


def change_json(change: Change) -> dict[str, Any]:
    """Return what `use` and `back` print with --json."""
    return {
        "id": change.model.id,
        "name": change.model.name,
        "before": change.before,
        "changed": change.changed,
        "notes": list(change.notes),
    }


def _row(model: KnownModel) -> tuple[str, ...]:
    if model.problem:
        return (_mark(model), model.id, _day(model), f"damaged: {model.problem}")
    return (
        _mark(model),
        _called(model),
        _day(model),
        _text(model.fact("recipe", "name")),
        _text(model.fact("network", "backbone")),
        _share(model.fact("metrics", "before", *_MRR)),
        _share(model.fact("metrics", "after", *_MRR)),
        _checks(model),
    )


def _model_json(model: KnownModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "in_use": model.in_use,
        "made": model.made,
        "problem": model.problem,
        "dimension": model.meta.dimension if model.meta else None,
        "network": model.fact("network"),
        "recipe": model.fact("recipe"),
        "training": model.fact("training"),
        "metrics": model.fact("metrics"),
        "checks": None if model.checks is None else [check.model_dump() for check in model.checks],
    }


def _mark(model: KnownModel) -> str:
    return "*" if model.in_use else ""


def _called(model: KnownModel) -> str:
    if model.shipped:
        return f"{BASE} ({model.id})"
    return model.id if model.name == model.id else f"{model.id} ({model.name})"


def _day(model: KnownModel) -> str:
    return (model.made or "")[:16].replace("T", " ")


def _checks(model: KnownModel) -> str:
    if model.checks is None:
        return "ships with whenanime" if model.shipped else "no report"
    return f"failed: {', '.join(c.name for c in model.failed)}" if model.failed else "passed"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _share(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else ""


def _scores(measured: Measured) -> tuple[str, ...]:
    found = measured.scores
    shares = (found.acc1, found.acc5, found.acc10, found.acc20, found.mrr)
    return (*(f"{one:.3f}" for one in shares), f"{measured.low.mrr:.3f}–{measured.high.mrr:.3f}")


def _difference(one: Compared) -> str:
    found = one.difference
    chance = "" if found.beyond_chance else ", within chance"
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}{chance})"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows with their columns below each other; the last field of a row may be long."""
    columns = max(len(row) for row in rows)
    widths = [
        max((len(row[n]) for row in rows if n < len(row) - 1), default=0) for n in range(columns)
    ]
    return [
        "  ".join(f"{v:{w}}" for v, w in zip(row, widths, strict=False)).rstrip() for row in rows
    ]
