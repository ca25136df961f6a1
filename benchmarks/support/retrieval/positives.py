"""Protocol L: accuracy for edited frames of the library, and of another encode."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.support.report import Figure, Target
from benchmarks.support.retrieval.edited_queries import EDIT_KINDS
from benchmarks.support.retrieval.outcomes import Outcome
from benchmarks.support.retrieval.report_part import ReportPart
from benchmarks.support.retrieval.scores import (
    ShareInterval,
    Table,
    mean_share,
    outcome_table,
    rows_by_kind,
    rows_by_series,
    rows_by_system,
    share_difference,
)

OURS = "ours"
_MEAN, _OTHER_MEAN = Target("≥", 0.95), Target("≥", 0.90)
_EDIT = Target("≥", 0.90)
_EDITS: Mapping[str, Target] = {"crop15": Target("≥", 0.75), "mix": Target("≥", 0.85)}
_LATE = Target("≤", 0.125)
_BELOW = Target("=", 0)
_SURE = Target("≥", 0.90)


def library_part(outcomes: Sequence[Outcome]) -> ReportPart:
    """Return the figures of frames of the library's files."""
    figures = _figures("L", outcomes, _MEAN, targets=True)
    return ReportPart(figures, _details("L", outcomes))


def other_encode_part(outcomes: Sequence[Outcome]) -> ReportPart:
    """Return the figures of frames of another encode of a film."""
    figures = _figures("another encode", outcomes, _OTHER_MEAN, targets=False)
    return ReportPart(figures, _details("another encode", outcomes))


def _figures(
    name: str, outcomes: Sequence[Outcome], target: Target, *, targets: bool
) -> list[Figure]:
    kinds = [kind for kind in EDIT_KINDS if any(outcome.kind == kind for outcome in outcomes)]
    systems = list(dict.fromkeys(outcome.system for outcome in outcomes))
    tables = {s: outcome_table([o for o in outcomes if o.system == s], kinds) for s in systems}
    figures = []
    for system, table in tables.items():
        wanted = target if system == OURS else None
        figures.append(_figure(f"{name}: {system}, mean of all", mean_share(table), wanted))
    if OURS not in tables:
        return figures
    for place, kind in enumerate(kinds):
        wanted = _EDITS.get(kind, _EDIT) if targets else None
        figures.append(
            _figure(f"{name}: ours, {kind}", mean_share(tables[OURS][:, [place]]), wanted)
        )
    own = [outcome for outcome in outcomes if outcome.system == OURS]
    errors = [error for outcome in own if (error := outcome.time_error) is not None]
    if errors:
        late = median(errors)
        figures.append(Figure(f"{name}: ours, median time error", late, "s", target=_LATE))
    right = [outcome.is_match for outcome in own if outcome.is_right]
    if right:
        sure = sum(right) / len(right)
        figures.append(
            Figure(f"{name}: ours, right answers with similarity ≥ 0.90", sure, f"of {len(right)}",
                   target=_SURE)
        )  # fmt: skip
    below = [row for row in _compare_with_rivals(tables, kinds) if row[2].high < 0]
    if len(tables) > 1:
        figures.append(
            Figure(f"{name}: edits where another system is better", len(below), target=_BELOW)
        )
    return figures


def _compare_with_rivals(
    tables: Mapping[str, Table], kinds: Sequence[str]
) -> list[tuple[str, str, ShareInterval]]:
    """Return for each edit the best other system, and ours minus its accuracy."""
    rivals = [name for name in tables if name != OURS]
    found = []
    for place, kind in enumerate(kinds):
        column = {name: table[:, [place]] for name, table in tables.items()}
        best = max(rivals, key=lambda name: mean_share(column[name]).value, default=None)
        if best is not None:
            found.append((kind, best, share_difference(column[OURS], column[best])))
    return found


def _details(name: str, outcomes: Sequence[Outcome]) -> dict[str, list[dict[str, object]]]:
    kinds = [kind for kind in EDIT_KINDS if any(outcome.kind == kind for outcome in outcomes)]
    systems = list(dict.fromkeys(outcome.system for outcome in outcomes))
    tables = {s: outcome_table([o for o in outcomes if o.system == s], kinds) for s in systems}
    other = _compare_with_rivals(tables, kinds) if OURS in tables else []
    return {
        f"{name}: top-1 by edit": rows_by_kind(outcomes),
        f"{name}: top-1 by series": rows_by_series(outcomes),
        f"{name}: verdicts and cost": rows_by_system(outcomes),
        f"{name}: ours − best other": [
            {"edit": kind, "best other": rival, "ours − best other": str(gain)}
            for kind, rival, gain in other
        ],
        f"{name}: wrong answers": [o.to_row() for o in outcomes if not o.is_right],
    }


def _figure(name: str, found: ShareInterval, target: Target | None) -> Figure:
    return Figure(name, found.value, f"of {found.count}", found.interval, target)
