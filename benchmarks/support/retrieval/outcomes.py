"""Outcomes of queries: whether the answer is right, and if not, how it is wrong."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.support.cost import measure_cost
from benchmarks.support.retrieval.edited_queries import Picture, QueryFrame
from benchmarks.support.retrieval.gallery import Gallery
from benchmarks.support.retrieval.systems import RankedFrame, RetrievalSystem
from whenanime_pipeline.core.learning.shipped.answer_correctness import TIME_TOLERANCE
from whenanime_pipeline.core.search.query.confidence import MATCH_SIMILARITY

Verdict = Literal["right", "same picture", "wrong moment", "wrong file", "no answer", "failed"]
RIGHT_VERDICTS: tuple[Verdict, ...] = ("right", "same picture")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A query and a system's answer.

    Attributes:
        system: name of the system.
        source: query frame.
        kind: edit of the frame.
        verdict: verdict on the best answer.
        found: best answer; None if there is none.
        cpu: CPU seconds of the search.
        wall: wall seconds of the search.
        problem: traceback of a failed search.
    """

    system: str
    source: QueryFrame
    kind: str
    verdict: Verdict
    found: RankedFrame | None
    cpu: float
    wall: float = 0.0
    problem: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether file and second are right, or the answered frame looks the same."""
        return self.verdict in RIGHT_VERDICTS

    @property
    def time_error(self) -> float | None:
        """Time error of a right answer in seconds; None for any other."""
        if self.verdict != "right" or self.found is None:
            return None
        return abs(self.found.second - self.source.second)

    @property
    def is_match(self) -> bool:
        """Whether the answer's similarity makes it a match, right or wrong."""
        return self.found is not None and (self.found.similarity or 0.0) >= MATCH_SIMILARITY

    def to_row(self) -> dict[str, Any]:
        """Return a row for the report."""
        found = self.found
        similarity = None if found is None or found.similarity is None else found.similarity
        return {
            "system": self.system,
            "frame": self.source.number,
            "edit": self.kind,
            "verdict": self.verdict,
            "file": self.source.path,
            "second": round(self.source.second, 3),
            "answered file": found.path if found else None,
            "answered second": round(found.second, 3) if found else None,
            "similarity": None if similarity is None else round(similarity, 4),
            "match": found.match if found else None,
            "problem": self.problem,
        }


def search_and_judge(
    system: RetrievalSystem, source: QueryFrame, kind: str, picture: Picture, gallery: Gallery
) -> Outcome:
    """Search for a picture, and judge the best answer; a search that raises counts as failed.

    Args:
        system: system to evaluate.
        source: query frame, with the right file and second.
        kind: edit of the frame.
        picture: the edited frame, RGB.
        gallery: frames of the library.
    """
    answers: Sequence[RankedFrame] = ()
    problem = None
    with measure_cost() as cost:
        try:
            answers = system.search(picture)
        except Exception:  # noqa: BLE001 - any exception is a failed search
            problem = traceback.format_exc()
    best = answers[0] if answers else None
    verdict: Verdict = "failed" if problem else judge(best, source, gallery)
    return Outcome(system.name, source, kind, verdict, best, cost.cpu, cost.wall, problem)


def judge(found: RankedFrame | None, source: QueryFrame, gallery: Gallery) -> Verdict:
    """Return the verdict on the best answer."""
    if found is None:
        return "no answer"
    if found.path == source.path and abs(found.second - source.second) <= TIME_TOLERANCE:
        return "right"
    if gallery.shows_picture(found.path, found.second, source.cells):
        return "same picture"
    return "wrong moment" if found.path == source.path else "wrong file"
