"""The report of one protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.support.report import Figure


@dataclass(frozen=True, slots=True)
class ReportPart:
    """A protocol's share of the report.

    Attributes:
        figures: figures, in display order.
        details: tables by name.
    """

    figures: Sequence[Figure] = ()
    details: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
