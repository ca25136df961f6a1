"""Protocol N: false positives of queries that are not in the library."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.report import Figure, Target
from benchmarks.support.retrieval.edited_queries import EDIT_KINDS, Film, draw_query_frames
from benchmarks.support.retrieval.evaluation_setup import EvaluationSetup, films_by_series
from benchmarks.support.retrieval.indexed_homes import branch_home, index_and_open, link_all_but
from benchmarks.support.retrieval.outcomes import Outcome
from benchmarks.support.retrieval.query_runs import OutcomeCallback, always_select, run_queries
from benchmarks.support.retrieval.report_part import ReportPart
from benchmarks.support.retrieval.systems import OurSystem
from whenanime_pipeline.core.search.query.confidence import MATCH_SIMILARITY

LIVE_ACTION = "live action"
_FALSE = Target("≤", 0.01)


def search_negatives(
    room: BenchmarkContext,
    setup: EvaluationSetup,
    kinds: Sequence[str],
    *,
    root: Path,
    frames: int,
    seed: int,
    threads: int,
    on_outcome: OutcomeCallback | None,
) -> list[Outcome]:
    """Search for frames of each series in the library without it, and for live action in all.

    Args:
        room: context of the benchmark.
        setup: engines of the whole library.
        kinds: edits of each frame.
        root: folder of the further homes.
        frames: number of frames of all series, and a quarter as many of live action in addition.
        seed: seed of the frames and edits.
        threads: threads of our network when searching.
        on_outcome: receives each outcome.

    Raises:
        BenchmarkError: indexing failed.
    """
    sources = list(draw_query_frames(films_by_series(setup.library), frames, seed))
    outcomes: list[Outcome] = []
    for number, (series, whole) in enumerate(setup.ours.items()):
        own = [source for source in sources if source.series == series]
        if not own:
            continue
        room.log(f"indexing all but {series}")
        videos = link_all_but(setup.library, series, root / f"videos-without-{number}")
        home = branch_home(whole.home, root / f"{whole.home.root.name}-without-{number}")
        engine = index_and_open(home, videos, whole.model, threads=threads)
        rest = always_select(OurSystem(engine, len(setup.gallery.frames)))
        outcomes += run_queries(
            own, kinds, seed, rest, setup.gallery, on_outcome=on_outcome, log=room.log
        )
    films = {LIVE_ACTION: [Film(path, path.name) for path in room.find_films("distractors/*.mp4")]}
    live = draw_query_frames(films, max(1, frames // 4), seed, first=frames)
    everything = always_select(next(iter(setup.ours.values())).system)
    return outcomes + run_queries(
        live, kinds, seed, everything, setup.gallery, on_outcome=on_outcome, log=room.log
    )


def negatives_part(negatives: Sequence[Outcome], positives: Sequence[Outcome]) -> ReportPart:
    """Return the rates of matches among negatives and positives.

    Args:
        negatives: outcomes of protocol N.
        positives: outcomes of protocol L, of any system.
    """
    groups = {
        "held-out series": [o for o in negatives if o.source.series != LIVE_ACTION],
        LIVE_ACTION: [o for o in negatives if o.source.series == LIVE_ACTION],
        "L, right": [o for o in positives if o.system == OurSystem.name and o.is_right],
        "L, wrong": [o for o in positives if o.system == OurSystem.name and not o.is_right],
    }
    false_positives = [o for o in negatives if o.is_match]
    failed = [o for o in negatives if o.verdict == "failed"]
    figures = [
        Figure("N: false positives", len(false_positives) / max(1, len(negatives)),
               f"of {len(negatives)}", target=_FALSE),
        Figure("N: failed searches", len(failed), target=Target("=", 0)),
    ]  # fmt: skip
    return ReportPart(
        figures,
        {
            "N: similarity and match": [_row(name, group) for name, group in groups.items()],
            "N: false positives by edit": _by_kind(negatives),
            "N: false positives": [o.to_row() for o in false_positives],
            "N: failed": [o.to_row() for o in failed],
        },
    )


def _row(name: str, group: Sequence[Outcome]) -> dict[str, object]:
    similarities = sorted((o.found.similarity or 0.0) if o.found else 0.0 for o in group)
    matches = Counter(o.found.match if o.found else None for o in group)
    count = max(1, len(group))
    row: dict[str, object] = {
        "answers": name,
        "count": len(group),
        f"share ≥ {MATCH_SIMILARITY}": round(sum(o.is_match for o in group) / count, 4),
    }
    for match in ("certain", "likely", "similar", None):
        row[match or "no answer"] = round(matches[match] / count, 4)
    for quantile in (0.5, 0.9, 0.99, 1.0):
        place = min(len(similarities) - 1, int(quantile * len(similarities)))
        row[f"similarity, {100 * quantile:g} %"] = (
            round(similarities[place], 4) if similarities else None
        )
    return row


def _by_kind(negatives: Sequence[Outcome]) -> list[Mapping[str, object]]:
    return [
        {
            "edit": kind,
            "queries": len(own),
            "false positives": sum(o.is_match for o in own),
            "highest similarity": max(
                ((o.found.similarity or 0.0) if o.found else 0.0) for o in own
            ),
        }
        for kind in EDIT_KINDS
        if (own := [o for o in negatives if o.kind == kind])
    ]
