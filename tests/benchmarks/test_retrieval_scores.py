"""The benchmark `retrieval`: what counts as right, and what shares and intervals say."""

import numpy as np
import pytest

from benchmarks.support.retrieval.edited_queries import EDIT_KINDS, Picture, QueryFrame
from benchmarks.support.retrieval.gallery import Gallery, GalleryFrame
from benchmarks.support.retrieval.negatives import LIVE_ACTION, negatives_part
from benchmarks.support.retrieval.outcomes import Outcome, Verdict, judge, search_and_judge
from benchmarks.support.retrieval.positives import library_part
from benchmarks.support.retrieval.scores import (
    mean_share,
    outcome_table,
    rows_by_kind,
    rows_by_series,
    rows_by_system,
    share_difference,
)
from benchmarks.support.retrieval.systems import RankedFrame
from whenanime_pipeline.core.search.frames.deduplication import signature


def picture(level: int, cell: int = 0) -> Picture:
    """A gray picture with one bright field, which may stand in eight places."""
    made = np.full((90, 160, 3), level, np.uint8)
    made[10:40, 20 * cell : 20 * cell + 20] = 255
    return made


def gallery() -> Gallery:
    shown = [
        ("a.mp4", 0.0, picture(50)),
        ("a.mp4", 5.0, picture(50, 3)),
        ("b.mp4", 0.0, picture(120, 5)),
        ("b.mp4", 5.0, picture(51)),
    ]
    return Gallery.from_frames(
        [(GalleryFrame(path, second), signature(p)) for path, second, p in shown]
    )


def source(number: int = 0, second: float = 0.2, series: str = "A") -> QueryFrame:
    return QueryFrame(number, series, "a.mp4", second, picture(50))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (RankedFrame("a.mp4", 0.0), "right"),
        (RankedFrame("a.mp4", 1.2), "right"),
        (
            RankedFrame("a.mp4", 1.3),
            "same picture",
        ),  # the nearest frame of the gallery is the first
        (RankedFrame("b.mp4", 5.0), "same picture"),
        (RankedFrame("a.mp4", 5.0), "wrong moment"),
        (RankedFrame("b.mp4", 0.0), "wrong file"),
        (RankedFrame("c.mp4", 0.2), "wrong file"),
        (None, "no answer"),
    ],
)
def test_an_answer_is_right_in_time_or_by_its_picture(found: RankedFrame, verdict: Verdict) -> None:
    assert judge(found, source(), gallery()) == verdict


class Answering:
    """A system that gives the same answer to everything, or breaks."""

    name = "ours"
    bytes_per_frame = 1.0

    def __init__(self, found: RankedFrame | None) -> None:
        self.found = found

    def search(self, picture: Picture) -> list[RankedFrame]:  # noqa: ARG002
        if self.found is None:
            raise ValueError("broken")
        return [self.found]


def test_a_search_that_raises_is_an_error_with_its_reason() -> None:
    outcome = search_and_judge(Answering(None), source(), "clean", picture(1), gallery())
    assert outcome.verdict == "failed"
    assert not outcome.is_right
    assert "ValueError: broken" in str(outcome.to_row()["problem"])
    assert outcome.wall > 0


def test_the_time_error_is_of_right_files_only() -> None:
    right = search_and_judge(
        Answering(RankedFrame("a.mp4", 0.5)), source(), "clean", picture(1), gallery()
    )
    assert right.time_error == pytest.approx(0.3)
    same = search_and_judge(
        Answering(RankedFrame("b.mp4", 5.0)), source(), "clean", picture(1), gallery()
    )
    assert same.is_right
    assert same.time_error is None


def outcome(
    number: int,
    kind: str,
    verdict: Verdict,
    *,
    system: str = "ours",
    similarity: float = 0.5,
    series: str = "A",
    match: str | None = None,
) -> Outcome:
    found = RankedFrame("a.mp4", 0.25, similarity, match)
    return Outcome(system, source(number, series=series), kind, verdict, found, 0.01)


def outcomes(system: str, right: dict[str, list[bool]]) -> list[Outcome]:
    return [
        outcome(number, kind, "right" if hit else "wrong file", system=system)
        for kind, hits in right.items()
        for number, hit in enumerate(hits)
    ]


HITS = {"clean": [True, True, True, True], "flip": [True, False, False, False]}


def test_a_share_is_the_mean_of_the_edits() -> None:
    found = mean_share(outcome_table(outcomes("ours", HITS), ["clean", "flip"]))
    assert found.value == pytest.approx((1 + 0.25) / 2)
    assert found.count == 8
    assert found.low < found.value < found.high
    assert mean_share(outcome_table(outcomes("ours", HITS), ["clean"])).interval == (1.0, 1.0)


def test_frames_are_drawn_and_not_questions() -> None:
    # All edits of a frame are right, or none: eight questions, but no more than two witnesses.
    all_or_none = {kind: [True, False] for kind in EDIT_KINDS[:4]}
    found = mean_share(outcome_table(outcomes("ours", all_or_none), EDIT_KINDS[:4]))
    assert found.interval == (0.0, 1.0)


def test_two_systems_on_the_same_queries_is_paired() -> None:
    worse = {"clean": [True, True, True, False], "flip": [True, False, False, False]}
    one, other = (outcome_table(outcomes("x", hits), ["clean", "flip"]) for hits in (HITS, worse))
    assert share_difference(one, other).value == pytest.approx(0.125)
    assert share_difference(one, one).interval == (0.0, 0.0)
    with pytest.raises(ValueError, match="not of the same queries"):
        share_difference(one, other[:2])


def test_rows_name_every_edit_series_and_verdict() -> None:
    both = outcomes("ours", HITS) + outcomes("pHash", HITS)
    rows = rows_by_kind(both)
    assert [row["edit"] for row in rows] == ["clean", "flip", "mean"]
    assert rows[1]["ours"].startswith("0.250")
    assert rows_by_series(both)[0]["pHash"].startswith("0.625")
    verdicts = rows_by_system(both)
    assert verdicts[0]["right"] == 5
    assert verdicts[0]["wrong file"] == 3
    assert verdicts[0]["queries"] == 8


def test_the_part_counts_edits_on_which_another_is_beyond_chance_above() -> None:
    ours = {"clean": [True] * 20, "flip": [False] * 20}
    other = {"clean": [True] * 20, "flip": [True] * 18 + [False] * 2}
    part = library_part(outcomes("ours", ours) + outcomes("pHash", other))
    figures = {figure.name: figure for figure in part.figures}
    assert figures["L: edits where another system is better"].value == 1
    assert figures["L: ours, mean of all"].value == 0.5
    assert figures["L: ours, mean of all"].is_met is False
    assert figures["L: ours, clean"].is_met is True
    assert len(part.details["L: wrong answers"]) == 22
    assert figures["L: ours, median time error"].value == pytest.approx(0.05)


def test_figures_do_not_require_our_system() -> None:
    part = library_part(outcomes("pHash", HITS))
    assert [figure.name for figure in part.figures] == ["L: pHash, mean of all"]
    assert part.details["L: ours − best other"] == []


def test_false_positives_are_counted_and_listed() -> None:
    absent = [outcome(n, "clean", "wrong file", similarity=n / 10) for n in range(10)]
    absent += [
        outcome(99, "flip", "wrong file", similarity=0.95, series=LIVE_ACTION, match="certain")
    ]
    absent += [Outcome("ours", source(), "mix", "failed", None, 0.1, problem="broken")]
    present = [outcome(0, "clean", "right", similarity=0.97, match="certain")]
    part = negatives_part(absent, present)
    figures = {figure.name: figure.value for figure in part.figures}
    assert figures["N: false positives"] == pytest.approx(2 / 12)
    assert figures["N: failed searches"] == 1
    assert [row["frame"] for row in part.details["N: false positives"]] == [9, 99]
    rows = {row["answers"]: row for row in part.details["N: similarity and match"]}
    assert rows[LIVE_ACTION]["certain"] == 1
    assert rows["L, right"]["share ≥ 0.9"] == 1
    assert rows["L, wrong"]["count"] == 0
