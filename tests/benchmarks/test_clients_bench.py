"""The benchmark `clients`: what counts as an answer that a bot can use."""

from typing import Any

import pytest

from benchmarks.clients import build_report
from benchmarks.support.tracemoe_clients import ClientAnswer

NUMBER = 1_234_567_890
GOOD: dict[str, Any] = {
    "number": NUMBER,
    "numberWithTitles": NUMBER,
    "titles": ["Show", "Show", None],
    "file": "a.mkv",
    "filtered": [NUMBER],
}


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (GOOD, [1, 1, 1]),
        (None, [0, 0, 0]),
        (GOOD | {"number": None, "numberWithTitles": None, "filtered": [None]}, [1, 0, 1]),
        (GOOD | {"numberWithTitles": 7}, [1, 0, 1]),
        (GOOD | {"filtered": []}, [1, 0, 1]),
        (GOOD | {"filtered": [7, NUMBER]}, [1, 0, 1]),
        (GOOD | {"titles": [None, None, None]}, [1, 1, 0]),
        (GOOD | {"titles": ["Show", "", None]}, [1, 1, 0]),
    ],
)
def test_what_counts(found: dict[str, Any] | None, counts: list[int]) -> None:
    answer = ClientAnswer("client==1", found, "" if found else "ValueError: null")
    report = build_report([answer], "Show")
    assert [figure.value for figure in report.figures] == counts
    assert len(report.missed_figures) == counts.count(0)
    (row,) = report.details["answers"]
    assert (row["client"], row["failure"]) == ("client==1", answer.failure)
