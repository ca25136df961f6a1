"""Reports of benchmarks: figures with targets, as a table or as JSON."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan
from statistics import median
from typing import Any, Literal

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

_HOLDS = {
    "≤": lambda value, bound: value <= bound,
    "≥": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound,
}


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that a figure should meet."""

    relation: Literal["≤", "≥", "="]
    bound: float

    def is_met_by(self, value: float) -> bool:
        """Return whether a value meets the target."""
        return bool(_HOLDS[self.relation](value, self.bound))

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        name: label of the figure.
        value: the number; the median of repeated measurements.
        unit: unit of the number.
        spread: range of repeated measurements, or a confidence interval.
        target: target; None for figures without one.
    """

    name: str
    value: float
    unit: str = ""
    spread: tuple[float, float] | None = None
    target: Target | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.target.is_met_by(self.value)


@dataclass(frozen=True, slots=True)
class Report:
    """Results of one benchmark.

    Attributes:
        name: name of the benchmark.
        title: what it measures, and what it compares with.
        figures: figures, in display order.
        details: tables by name, such as errors and single measurements.
    """

    name: str
    title: str
    figures: Sequence[Figure]
    details: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def missed_figures(self) -> list[str]:
        """Names of the figures that miss their target."""
        return [figure.name for figure in self.figures if figure.is_met is False]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON-like values."""
        figures = [
            asdict(figure) | {"target": figure.target and str(figure.target), "met": figure.is_met}
            for figure in self.figures
        ]
        return {
            "benchmark": self.name,
            "title": self.title,
            "figures": figures,
            "details": {name: list(rows) for name, rows in self.details.items()},
        }


def ratio_figure(
    name: str, upper: Sequence[float], lower: Sequence[float], target: Target | None = None
) -> Figure:
    """Return the median of the ratios of each turn, as a turn has one state of the machine."""
    ratios = [a / b for a, b in zip(upper, lower, strict=True)]
    return Figure(name, median(ratios), "×", (min(ratios), max(ratios)), target)


def median_figure(
    name: str, values: Sequence[float], unit: str = "", target: Target | None = None
) -> Figure:
    """Return the median of several measurements with their range."""
    return Figure(name, median(values), unit, (min(values), max(values)), target)


def extract_description(docstring: str | None) -> str:
    """Return the last part of a benchmark's docstring as one paragraph."""
    return " ".join((docstring or "").split("\n\n")[-1].split())


def describe_machine() -> dict[str, Any]:
    """Describe the machine; its load says how far to trust absolute numbers."""
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def print_report(console: Console, report: Report) -> None:
    """Print a report as tables."""
    table = Table(title=escape(report.name), title_justify="left", caption_justify="left")
    for heading in ("", "measured", "spread", "target", ""):
        table.add_column(heading, justify="left" if heading in ("", "target") else "right")
    for figure in report.figures:
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[figure.is_met]
        spread = "–".join(_number(end) for end in figure.spread) if figure.spread else ""
        measured = f"{_number(figure.value)} {figure.unit}".strip()
        target = "" if figure.target is None else str(figure.target)
        table.add_row(escape(figure.name), escape(measured), spread, target, mark)
    parts: list[RenderableType] = [Text(report.title), table]
    for name, rows in report.details.items():
        if rows:
            parts.append(_records(name, rows))
    console.print(Group(*parts))


def _records(name: str, rows: Sequence[Mapping[str, Any]], *, most: int = 40) -> Table:
    more = f" (the first {most} of {len(rows)})" if len(rows) > most else ""
    table = Table(title=escape(name + more), title_justify="left")
    for column in rows[0]:
        table.add_column(escape(column))
    for row in rows[:most]:
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    return table


def _cell(value: object) -> str:
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    if isnan(value):
        return "–"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
