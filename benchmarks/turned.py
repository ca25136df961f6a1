"""Pictures turned by 90, 180 or 270 degrees, and what finding them costs all other searches.

Indexes the given films (drawn episodes where none are given) and asks for their frames, clean and
with the edits that leave whole frames, in each of the three turns. Right is a match in the right
file within 1 s, or the same picture, with the right `rotated`. Then each series is left out of the
index, and its frames are asked for with all edits, and turned: false positives. Every upright query
is also asked of the search without turning, alternately, and their processor time is compared.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.queries import Query, QueryResult
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.retrieval.edited_queries import (
    EDIT_KINDS,
    Film,
    Picture,
    QueryFrame,
    draw_query_frames,
    make_query_image,
)
from benchmarks.support.retrieval.gallery import series_of
from benchmarks.support.retrieval.indexed_homes import branch_home, index_and_open, link_all_but
from benchmarks.support.upright_engine import UprightEngine
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.shipped.answer_correctness import TIME_TOLERANCE
from whenanime_pipeline.core.sample.sample_library import make_sample_library
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.query.turning import TURNS

WHOLE_FRAMES = ("clean", "webp", "subtitles", "bars", "blur")
"""Edits after which a query still shows the whole frame."""
_FOUND, _NEEDLESS, _ABSENT = Target("≥", 0.95), Target("≤", 1.05), Target("≤", 1.5)


class Options(BaseOptions):
    """Options of the benchmark."""

    frames: int = Field(default=24, ge=1, description="query frames of the library")
    absent: int = Field(default=24, ge=1, description="query frames of series left out")
    episodes: int = Field(default=2, ge=1, description="drawn episodes of each of two series")
    seed: int = Field(default=0, ge=0, description="seed of the frames and the edits")
    threads: int = Field(default=1, ge=0, description="threads of the network; 0: one per core")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")
    home: Path | None = Field(default=None, description="folder that keeps indexes")


@dataclass(frozen=True, slots=True)
class _Paired:
    """An upright query, asked of both searches.

    Attributes:
        turning, upright: best answer of the search, and of the search without turning.
        turning_seconds, upright_seconds: processor time of each.
    """

    turning: Scene | None
    upright: Scene | None
    turning_seconds: float
    upright_seconds: float


@dataclass(frozen=True, slots=True)
class _Engines:
    """The search, and the search without turning, over one snapshot."""

    turning: SearchEngine
    upright: SearchEngine

    @classmethod
    def index(cls, home: Home, videos: Path, options: Options) -> "_Engines":
        turning = index_and_open(home, videos, options.model, threads=options.threads)
        return cls(turning, UprightEngine.open(turning.snapshot.folder, threads=options.threads))

    def ask_both(self, picture: Picture, number: int) -> _Paired:
        """Ask both searches; which comes first alternates with the query's number."""
        if number % 2:
            turning, turning_seconds = _search(self.turning, picture)
            upright, upright_seconds = _search(self.upright, picture)
        else:
            upright, upright_seconds = _search(self.upright, picture)
            turning, turning_seconds = _search(self.turning, picture)
        return _Paired(turning, upright, turning_seconds, upright_seconds)


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    root = (options.home or room.scratch / "turned").resolve()
    if room.data is None:
        library = root / "videos"
        make_sample_library(library, size=(640, 360), episodes=options.episodes)
    else:
        library = room.library_folder
    films = _films_by_series(library)
    room.log("indexing")
    home = Home(root / "home")
    engines = _Engines.index(home, library, options)
    rows: list[dict[str, object]] = []
    paired: list[_Paired] = []
    for source in draw_query_frames(films, options.frames, options.seed):
        paired += _ask_upright(engines, source, options.seed)
        rows += [
            _judge(engines.turning, source, kind, turn, options.seed, library)
            for kind in WHOLE_FRAMES
            for turn in TURNS
        ]
        room.log(f"searched for {source.path} at {source.second:.1f} s")
    absent, turned_matches = _search_absent(room, options, root, home, films, library)
    return _report(rows, paired, absent, turned_matches)


def _films_by_series(library: Path) -> dict[str, list[Film]]:
    """Return the films of a library by their series, of both suffixes that drawn episodes have."""
    found: dict[str, list[Film]] = {}
    for file in sorted(path for path in library.rglob("*") if path.suffix in {".mp4", ".mkv"}):
        path = file.relative_to(library).as_posix()
        found.setdefault(series_of(library, file), []).append(Film(file, path))
    return found


def _search_absent(
    room: BenchmarkContext,
    options: Options,
    root: Path,
    home: Home,
    films: Mapping[str, Sequence[Film]],
    library: Path,
) -> tuple[list[_Paired], list[bool]]:
    """Ask for frames of each series in an index without it: upright ones, and matches of turned."""
    sources = list(draw_query_frames(films, options.absent, options.seed + 1))
    paired: list[_Paired] = []
    matches: list[bool] = []
    for number, series in enumerate(films):
        own = [source for source in sources if source.series == series]
        if not own or len(films) == 1:
            continue
        room.log(f"indexing all but {series}")
        videos = link_all_but(library, series, root / f"videos-without-{number}")
        rest = branch_home(home, root / f"home-without-{number}")
        engines = _Engines.index(rest, videos, options)
        for source in own:
            paired += _ask_upright(engines, source, options.seed)
            for kind in WHOLE_FRAMES:
                upright = make_query_image(source, kind, options.seed)
                matches += [
                    _is_match(_search(engines.turning, turn_picture(upright, turn))[0])
                    for turn in TURNS
                ]
    return paired, matches


def turn_picture(picture: Picture, degrees: int) -> Picture:
    """Return a picture turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(picture, -degrees // 90))


def _ask_upright(engines: _Engines, source: QueryFrame, seed: int) -> list[_Paired]:
    return [
        engines.ask_both(make_query_image(source, kind, seed), source.number + number)
        for number, kind in enumerate(EDIT_KINDS)
    ]


def _search(engine: SearchEngine, picture: Picture) -> tuple[Scene | None, float]:
    """Return the best answer, and the processor time in seconds."""
    began = process_time()
    scenes = engine.search(picture, limit=1)
    return scenes[0] if scenes else None, process_time() - began


def _is_match(scene: Scene | None) -> bool:
    return scene is not None and scene.match != "similar"


def _judge(
    engine: SearchEngine, source: QueryFrame, kind: str, turn: int, seed: int, library: Path
) -> dict[str, object]:
    """Ask for a turned query, and return a row of the report."""
    picture = turn_picture(make_query_image(source, kind, seed), turn)
    scene, seconds = _search(engine, picture)
    result = QueryResult(Query(source.path, source.second, source.picture), scene, 0.0, library)
    right = (
        scene is not None
        and _is_match(scene)
        and scene.rotated == turn
        and (result.is_within(TIME_TOLERANCE) or result.is_same_picture)
    )
    return {
        "edit": kind,
        "turned": turn,
        "found": right,
        "rotated": scene.rotated if scene else None,
        "match": scene.match if scene else None,
        "CPU, s": round(seconds, 3),
        **result.to_row(),
    }


def _ratio(paired: Sequence[_Paired]) -> float:
    return sum(one.turning_seconds for one in paired) / max(
        sum(one.upright_seconds for one in paired), 1e-9
    )


def _share(hits: Sequence[bool]) -> float:
    return float(np.mean(hits)) if hits else 0.0


def _report(
    rows: Sequence[dict[str, object]],
    paired: Sequence[_Paired],
    absent: Sequence[_Paired],
    turned_matches: Sequence[bool],
) -> Report:
    before = _share([_is_match(one.upright) for one in absent])
    counted = f"of {len(absent)}"
    figures = [
        Figure("turned queries found", _share([bool(row["found"]) for row in rows]),
               f"of {len(rows)}", target=_FOUND),
        Figure("upright queries of the library: time, by that without turning", _ratio(paired),
               f"of {len(paired)}", target=_NEEDLESS),
        Figure("queries that are not in the library: time, by that without turning",
               _ratio(absent), counted, target=_ABSENT),
        Figure("the same, false positives without turning", before, counted),
        Figure("the same, false positives", _share([_is_match(one.turning) for one in absent]),
               counted, target=Target("≤", before)),
        Figure("the same, turned: false positives", _share(turned_matches),
               f"of {len(turned_matches)}"),
    ]  # fmt: skip
    return Report(
        "turned",
        extract_description(__doc__),
        figures,
        {
            "by edit": [_by_edit(rows, kind) for kind in WHOLE_FRAMES],
            "not found": [row for row in rows if not row["found"]],
        },
    )


def _by_edit(rows: Sequence[dict[str, object]], kind: str) -> dict[str, object]:
    own = [row for row in rows if row["edit"] == kind]
    found = Counter(row["turned"] for row in own if row["found"])
    asked = Counter(row["turned"] for row in own)
    return {
        "edit": kind,
        "queries": len(own),
        "found": round(_share([bool(row["found"]) for row in own]), 3),
        **{f"{turn}°": round(found[turn] / max(1, asked[turn]), 3) for turn in TURNS},
    }
