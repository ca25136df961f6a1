"""Accuracies with bootstrap intervals: by edit, over all edits, and differences of systems."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.retrieval.edited_queries import EDIT_KINDS
from benchmarks.support.retrieval.outcomes import Outcome

_ROUNDS = 2000
"""Bootstrap samples."""
_PERCENTILES = (2.5, 97.5)
"""Bounds of the 95 % interval."""
_SEED = 0

Table = NDArray[np.float64]
"""`(frames, kinds)`: 1 where the answer is right, 0 where it is wrong, NaN without a query."""


@dataclass(frozen=True, slots=True)
class ShareInterval:
    """A share with its 95 % bootstrap interval over query frames."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.2f}–{self.high:.2f})"

    @property
    def interval(self) -> tuple[float, float]:
        """Bounds of the interval."""
        return self.low, self.high


def outcome_table(
    outcomes: Sequence[Outcome],
    kinds: Sequence[str],
    good: Callable[[Outcome], bool] = lambda outcome: outcome.is_right,
) -> Table:
    """Return one system's outcomes as a table with a row per query frame.

    Args:
        outcomes: outcomes of one system.
        kinds: edits, the columns.
        good: which outcomes count as 1.
    """
    frames = sorted({outcome.source.number for outcome in outcomes})
    table = np.full((len(frames), len(kinds)), np.nan)
    rows = {number: row for row, number in enumerate(frames)}
    for outcome in outcomes:
        if outcome.kind in kinds:
            place = rows[outcome.source.number], kinds.index(outcome.kind)
            table[place] = good(outcome)
    return table


def mean_share(table: Table) -> ShareInterval:
    """Return the mean over a table's columns of each column's share.

    The bootstrap resamples query frames, as the edits of a frame are not independent.
    """
    drawn = _bootstrap_means(table)
    low, high = np.percentile(drawn, _PERCENTILES)
    return ShareInterval(_mean(table), float(low), float(high), int(np.isfinite(table).sum()))


def share_difference(one: Table, other: Table) -> ShareInterval:
    """Return the difference of two systems on the same queries, with its interval.

    Raises:
        ValueError: the tables have different shapes.
    """
    if one.shape != other.shape:
        raise ValueError(f"tables of {one.shape} and {other.shape} are not of the same queries")
    drawn = _bootstrap_means(one) - _bootstrap_means(
        other
    )  # paired: the same samples of frames for both
    low, high = np.percentile(drawn, _PERCENTILES)
    return ShareInterval(_mean(one) - _mean(other), float(low), float(high), len(one))


def rows_by_kind(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return top-1 with its interval: a row per edit and for the mean, a column per system."""
    systems = list(dict.fromkeys(outcome.system for outcome in outcomes))
    kinds = [kind for kind in EDIT_KINDS if any(outcome.kind == kind for outcome in outcomes)]
    tables = {
        name: outcome_table([o for o in outcomes if o.system == name], kinds) for name in systems
    }
    rows: list[dict[str, Any]] = [
        {"edit": kind} | {name: str(mean_share(tables[name][:, [i]])) for name in systems}
        for i, kind in enumerate(kinds)
    ]
    rows.append({"edit": "mean"} | {name: str(mean_share(tables[name])) for name in systems})
    return rows


def rows_by_series(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return the mean over all edits: a row per series, a column per system."""
    systems = list(dict.fromkeys(outcome.system for outcome in outcomes))
    rows = []
    for series in sorted({outcome.source.series for outcome in outcomes}):
        row: dict[str, Any] = {"series": series}
        for name in systems:
            own = [o for o in outcomes if o.system == name and o.source.series == series]
            kinds = sorted({outcome.kind for outcome in own})
            row[name] = str(mean_share(outcome_table(own, kinds)))
        rows.append(row)
    return rows


def rows_by_system(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return a row per system: counts of verdicts, time error and cost."""
    rows = []
    for name in dict.fromkeys(outcome.system for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.system == name]
        counts = {
            verdict: sum(outcome.verdict == verdict for outcome in own)
            for verdict in (
                "right", "same picture", "wrong moment", "wrong file", "no answer", "failed",
            )
        }  # fmt: skip
        errors = [error for outcome in own if (error := outcome.time_error) is not None]
        rows.append(
            {"system": name, "queries": len(own)}
            | counts
            | {
                "time error, median s": round(median(errors), 3) if errors else None,
                "CPU per query, median s": round(median(o.cpu for o in own), 4),
                "CPU per query, 95th percentile s": round(
                    float(np.percentile([o.cpu for o in own], 95)), 4
                ),
                "wall per query, median s": round(median(o.wall for o in own), 4),
                "wall per query, 95th percentile s": round(
                    float(np.percentile([o.wall for o in own], 95)), 4
                ),
            }
        )
    return rows


def _mean(table: Table) -> float:
    return float(np.nanmean(table, axis=0).mean())


def _bootstrap_means(table: Table) -> NDArray[np.float64]:
    """Return the mean of each bootstrap sample of query frames, `(rounds,)`."""
    frames = len(table)
    weights = np.random.default_rng(_SEED).multinomial(
        frames, np.full(frames, 1 / frames), size=_ROUNDS
    )
    answered = np.isfinite(table)
    right = weights @ np.where(answered, table, 0.0)
    counted = weights @ answered.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = right / counted
    means: NDArray[np.float64] = np.nanmean(shares, axis=1)
    return means
