"""Protocol N: frames that the library does not have must not be called matches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.support.report import Figure, Target
from benchmarks.support.retrieval.asking import Keep, always, ask_all
from benchmarks.support.retrieval.homes import branched, indexed, without_series
from benchmarks.support.retrieval.outcomes import Outcome
from benchmarks.support.retrieval.part import Part
from benchmarks.support.retrieval.questions import KINDS, Film, draw_sources
from benchmarks.support.retrieval.stage import Stage, films_by_series
from benchmarks.support.retrieval.systems import Ours
from benchmarks.support.room import Room
from whenanime_pipeline.core.search.query.confidence import MATCH

LIVE = "live action"
_FALSE = Target("≤", 0.01)


def ask_absent(
    room: Room,
    stage: Stage,
    kinds: Sequence[str],
    *,
    root: Path,
    frames: int,
    seed: int,
    threads: int,
    keep: Keep | None,
) -> list[Outcome]:
    """Ask for frames of each series in a library that lacks it, and for live action in the whole.

    Args:
        room: with the films.
        stage: with engines for the whole library.
        kinds: what is done to each frame.
        root: folder for the other homes.
        frames: of the series together, and a quarter as many of live action.
        seed: of the frames and edits.
        threads: of our network when searching.
        keep: is told of each outcome.

    Raises:
        BenchmarkError: a library could not be indexed.
    """
    sources = list(draw_sources(films_by_series(stage.library), frames, seed))
    outcomes: list[Outcome] = []
    for number, (series, whole) in enumerate(stage.ours.items()):
        own = [source for source in sources if source.series == series]
        if not own:
            continue
        room.say(f"indexing all but {series}")
        videos = without_series(stage.library, series, root / f"videos-without-{number}")
        home = branched(whole.home, root / f"{whole.home.root.name}-without-{number}")
        engine = indexed(home, videos, whole.model, threads=threads)
        rest = always(Ours(engine, len(stage.gallery.moments)))
        outcomes += ask_all(own, kinds, seed, rest, stage.gallery, keep=keep, say=room.say)
    films = {LIVE: [Film(path, path.name) for path in room.films("distractors/*.mp4")]}
    live = draw_sources(films, max(1, frames // 4), seed, first=frames)
    everything = always(next(iter(stage.ours.values())).system)
    return outcomes + ask_all(live, kinds, seed, everything, stage.gallery, keep=keep, say=room.say)


def absent_part(absent: Sequence[Outcome], present: Sequence[Outcome]) -> Part:
    """Return how often what is not there is called a match, beside what is there.

    Args:
        absent: outcomes of protocol N.
        present: those of protocol L, any system's.
    """
    groups = {
        "absent series": [o for o in absent if o.source.series != LIVE],
        LIVE: [o for o in absent if o.source.series == LIVE],
        "L, right": [o for o in present if o.system == Ours.name and o.is_right],
        "L, wrong": [o for o in present if o.system == Ours.name and not o.is_right],
    }
    false = [o for o in absent if o.matches]
    failed = [o for o in absent if o.verdict == "failed"]
    figures = [
        Figure("N: absent, called a match", len(false) / max(1, len(absent)),
               f"of {len(absent)}", target=_FALSE),
        Figure("N: searches that failed", len(failed), target=Target("=", 0)),
    ]  # fmt: skip
    return Part(
        figures,
        {
            "N: similarity and match": [_row(name, group) for name, group in groups.items()],
            "N: called a match, by edit": _by_kind(absent),
            "N: called a match": [o.row() for o in false],
            "N: failed": [o.row() for o in failed],
        },
    )


def _row(name: str, group: Sequence[Outcome]) -> dict[str, object]:
    similarities = sorted((o.found.similarity or 0.0) if o.found else 0.0 for o in group)
    matches = Counter(o.found.match if o.found else None for o in group)
    count = max(1, len(group))
    row: dict[str, object] = {
        "answers": name,
        "count": len(group),
        f"reach {MATCH}": round(sum(o.matches for o in group) / count, 4),
    }
    for match in ("certain", "likely", "similar", None):
        row[match or "no word"] = round(matches[match] / count, 4)
    for quantile in (0.5, 0.9, 0.99, 1.0):
        place = min(len(similarities) - 1, int(quantile * len(similarities)))
        row[f"{100 * quantile:g} %"] = round(similarities[place], 4) if similarities else None
    return row


def _by_kind(absent: Sequence[Outcome]) -> list[Mapping[str, object]]:
    return [
        {
            "edit": kind,
            "asked": len(own),
            "called a match": sum(o.matches for o in own),
            "highest": max(((o.found.similarity or 0.0) if o.found else 0.0) for o in own),
        }
        for kind in KINDS
        if (own := [o for o in absent if o.kind == kind])
    ]
