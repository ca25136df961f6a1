"""Latency of a search in a library of 100,000 frames.

Measures sequential searches for clean and edited (15 edits) frames of the given films, of altered
films and of drawn episodes. The library holds all of these, indexed by `whenanime index`; altered
films are shots of the given ones, warped, graded, blended and shuffled, so that no two frames are
near-duplicates. Compares the 95th percentile with the median, and the parts of a search with each
other.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from pydantic import Field

from benchmarks.support.altered_library import ALTERED_PREFIX, make_library
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.queries import Query, QueryResult
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.retrieval.edited_queries import (
    EDIT_KINDS,
    Film,
    QueryFrame,
    draw_query_frames,
    make_query_image,
)
from benchmarks.support.retrieval.indexed_homes import index_and_open
from benchmarks.support.timed_search import TimedResult, TimedRun, search_files
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.shipped.answer_correctness import TIME_TOLERANCE
from whenanime_pipeline.core.media.picture_codec import encode_jpeg
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

_FRAMES = Target("≥", 100_000)
_MEDIAN, _SLOW = Target("≤", 120), Target("≤", 300)
_NONE = Target("=", 0)
_QUALITY = 95
"""JPEG quality of query files; the edits compress before that."""
GIVEN_FILMS, DRAWN_EPISODES = "given films", "drawn episodes"
_ALTERED = "altered films"


class Options(BaseOptions):
    """Options of the benchmark."""

    films: int = Field(default=95, ge=0, description="altered films to make")
    episodes: int = Field(default=10, ge=0, description="episodes to draw of each of two series")
    frames: int = Field(default=24, ge=1, description="query frames, each clean and with 15 edits")
    seed: int = Field(
        default=0, ge=0, description="seed of the films, the query frames and the edits"
    )
    threads: int = Field(default=0, ge=0, description="threads of the network; 0: one per core")
    home: Path | None = Field(default=None, description="folder that keeps films and index")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    root = (options.home or room.scratch / "large").resolve()
    videos = root / "videos"
    make_library(
        room.library_folder, videos,
        films=options.films, episodes=options.episodes, seed=options.seed, log=room.log,
    )  # fmt: skip
    room.log("indexing")
    snapshot = index_and_open(Home(root / "home"), videos, options.model, threads=1).snapshot
    room.log("making queries")
    queries = write_queries(videos, room.make_folder("screenshots"), options.frames, options.seed)
    room.log(f"{len(queries)} searches")
    files = [file for _, _, file in queries]
    found: TimedRun = run_in_fresh_process(search_files, snapshot.folder, files, options.threads)
    judged = [
        (source, kind, answer, _is_right(source, answer, videos))
        for (source, kind, _), answer in zip(queries, found.results, strict=True)
    ]
    size = sum(path.stat().st_size for path in snapshot.folder.rglob("*") if path.is_file())
    return Report(
        "querying",
        extract_description(__doc__),
        [
            Figure("gallery", snapshot.manifest.vector_count, "frames", target=_FRAMES),
            *_cost_figures(found),
            Figure("top-1 accuracy", float(np.mean([right for *_, right in judged])),
                   f"of {len(judged)}"),
            Figure("snapshot on disk, with stored frames", size / 1e6, "MB"),
        ],
        {
            "by edit": _rows(judged, "edit", lambda one: one[1]),
            "by film": _rows(judged, "film", lambda one: one[0].series),
            "parts of a search": _part_rows(found.results),
            "slowest": [_row(one) for one in sorted(judged, key=lambda one: -one[2].wall)[:10]],
            "wrong answers": [_row(one) for one in judged if not one[3]],
        },
    )  # fmt: skip


JudgedQuery = tuple[QueryFrame, str, TimedResult, bool]


def write_queries(
    videos: Path, folder: Path, frames: int, seed: int
) -> list[tuple[QueryFrame, str, Path]]:
    """Write queries as JPEG files, all edits of a frame in sequence.

    Args:
        videos: videos folder to draw frames from.
        folder: folder of the files.
        frames: number of frames, each clean and with every edit.
        seed: seed of the frames and the edits.

    Returns:
        For each query its frame, its edit and its file.
    """
    queries = []
    for source in draw_query_frames(_films(videos), frames, seed):
        for kind in EDIT_KINDS:
            file = folder / f"{source.number}-{kind}.jpg"
            file.write_bytes(encode_jpeg(make_query_image(source, kind, seed), quality=_QUALITY))
            queries.append((source, kind, file))
    return queries


def _films(videos: Path) -> Mapping[str, Sequence[Film]]:
    """Return the films by origin: given, altered or drawn."""
    found: dict[str, list[Film]] = {}
    for series in sorted(path for path in videos.iterdir() if path.is_dir()):
        altered = series.name.startswith(ALTERED_PREFIX)
        kind = GIVEN_FILMS if series.is_symlink() else _ALTERED if altered else DRAWN_EPISODES
        for file in sorted(path for path in series.rglob("*") if path.suffix in {".mp4", ".mkv"}):
            found.setdefault(kind, []).append(Film(file, file.relative_to(videos).as_posix()))
    return found


def _is_right(source: QueryFrame, timed: TimedResult, videos: Path) -> bool:
    query = Query(source.path, source.second, source.picture)
    answer = QueryResult(query, timed.scene, timed.wall, videos)
    return answer.is_within(TIME_TOLERANCE) or answer.is_same_picture


def _cost_figures(found: TimedRun) -> list[Figure]:
    walls = [one.wall for one in found.results]
    cpus = [one.cpu for one in found.results]
    failed = sum(one.problem is not None for one in found.results)
    patches = [one.used_local_features for one in found.results]
    return [
        Figure("failed searches", failed, f"of {len(walls)}", target=_NONE),
        Figure("search: wall time, median", median(walls), "ms", (min(walls), max(walls)), _MEDIAN),
        Figure(
            "search: wall time, 95th percentile",
            float(np.quantile(walls, 0.95)),
            "ms",
            target=_SLOW,
        ),
        Figure("search: CPU time, median", median(cpus), "s", (min(cpus), max(cpus))),
        Figure("search: CPU time, 95th percentile", float(np.quantile(cpus, 0.95)), "s"),
        Figure("searches concluded without local features", 1 - float(np.mean(patches))),
        Figure("opening the snapshot", found.open_seconds, "s"),
        Figure("private memory of the process", found.private_bytes / 1e6, "MB"),
        Figure("resident mapped files", found.mapped_bytes / 1e6, "MB"),
    ]


def _rows(
    judged: Sequence[JudgedQuery], name: str, key: Callable[[JudgedQuery], str]
) -> list[dict[str, object]]:
    groups: dict[str, list[JudgedQuery]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    return [
        {
            name: group,
            "queries": len(own),
            "right": round(float(np.mean([right for *_, right in own])), 3),
            "match": round(float(np.mean([_is_match(timed) for _, _, timed, _ in own])), 3),
            "median, ms": median(timed.wall for _, _, timed, _ in own),
            "95th percentile, ms": float(np.quantile([timed.wall for _, _, timed, _ in own], 0.95)),
            "CPU median, s": round(median(timed.cpu for _, _, timed, _ in own), 4),
            "concluded without local features": round(
                float(np.mean([not timed.used_local_features for _, _, timed, _ in own])), 3
            ),
        }
        for group, own in groups.items()
    ]


def _is_match(timed: TimedResult) -> bool:
    return timed.scene is not None and timed.scene.match != "similar"


def _part_rows(answers: Sequence[TimedResult]) -> list[dict[str, object]]:
    """Return the time of each part, over the searches that had it."""
    names = list(dict.fromkeys(name for one in answers for name in one.parts))
    rows = []
    for name in names:
        spent = [one.parts[name] for one in answers if name in one.parts]
        slow = float(np.quantile(spent, 0.95))
        rows.append({"part": name, "searches": len(spent), "median, ms": median(spent),
                     "95th percentile, ms": slow, "share of time": round(
                         sum(spent) / sum(one.wall for one in answers), 3)})  # fmt: skip
    return rows


def _row(one: JudgedQuery) -> dict[str, object]:
    source, kind, timed, right = one
    scene = timed.scene
    return {
        "frame": source.number,
        "edit": kind,
        "right": right,
        "file": source.path,
        "second": round(source.second, 3),
        "answered file": scene.episode.path if scene else None,
        "answered second": round(scene.at, 3) if scene else None,
        "similarity": round(scene.similarity, 4) if scene else None,
        "match": scene.match if scene else None,
        "ms": round(timed.wall, 1),
        "problem": timed.problem,
    }
