"""How long a search takes in a library of 100,000 frames.

Measures searches, one after the other, for screenshots as people make them: frames of the given
films, of altered ones and of drawn episodes, clean and after each of 15 edits. The library is made
of films and indexed by `whenanime index`: the given films' shots, bent, graded, laid over each
other and shuffled, so that none is the double of another, beside the films themselves and drawn
episodes. Compares the slowest twentieth of the searches with the median, and parts of a search with
each other.
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
_QUALITY = 95  # of the file: what the edit lost is lost already
GIVEN_FILMS, DRAWN_EPISODES = "given films", "drawn episodes"
_ALTERED = "altered films"


class Options(BaseOptions):
    """What can be set."""

    films: int = Field(default=95, ge=0, description="to make of the given films' shots")
    episodes: int = Field(default=10, ge=0, description="to draw of each of two series")
    frames: int = Field(default=24, ge=1, description="asked for, each in 16 ways")
    seed: int = Field(default=0, ge=0, description="of the films, the frames and the edits")
    threads: int = Field(default=0, ge=0, description="of the network; 0: one a core")
    home: Path | None = Field(default=None, description="where films and index are kept")
    model: Path = Field(default_factory=base_model_folder, description="a model's folder")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
    root = (options.home or room.scratch / "large").resolve()
    videos = root / "videos"
    make_library(
        room.library_folder, videos,
        films=options.films, episodes=options.episodes, seed=options.seed, log=room.log,
    )  # fmt: skip
    room.log("indexing")
    snapshot = index_and_open(Home(root / "home"), videos, options.model, threads=1).snapshot
    room.log("taking screenshots")
    asked = write_queries(videos, room.make_folder("screenshots"), options.frames, options.seed)
    room.log(f"asking for {len(asked)}")
    files = [file for _, _, file in asked]
    found: TimedRun = run_in_fresh_process(search_files, snapshot.folder, files, options.threads)
    judged = [
        (source, kind, answer, _is_right(source, answer, videos))
        for (source, kind, _), answer in zip(asked, found.results, strict=True)
    ]
    size = sum(path.stat().st_size for path in snapshot.folder.rglob("*") if path.is_file())
    return Report(
        "querying",
        extract_description(__doc__),
        [
            Figure("gallery", snapshot.manifest.vector_count, "frames", target=_FRAMES),
            *_cost_figures(found),
            Figure("right answers", float(np.mean([right for *_, right in judged])),
                   f"of {len(judged)}"),
            Figure("snapshot on disk, pictures included", size / 1e6, "MB"),
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
    """Write screenshots as files, the ways of one frame together; shuffled they are not.

    Args:
        videos: where frames are taken from.
        folder: for the files.
        frames: how many, each in every way.
        seed: of the frames and the edits.

    Returns:
        The frame, the edit and the file of each.
    """
    asked = []
    for source in draw_query_frames(_films(videos), frames, seed):
        for kind in EDIT_KINDS:
            file = folder / f"{source.number}-{kind}.jpg"
            file.write_bytes(encode_jpeg(make_query_image(source, kind, seed), quality=_QUALITY))
            asked.append((source, kind, file))
    return asked


def _films(videos: Path) -> Mapping[str, Sequence[Film]]:
    """Return the films by where they come from."""
    found: dict[str, list[Film]] = {}
    for series in sorted(path for path in videos.iterdir() if path.is_dir()):
        altered = series.name.startswith(ALTERED_PREFIX)
        kind = GIVEN_FILMS if series.is_symlink() else _ALTERED if altered else DRAWN_EPISODES
        for file in sorted(path for path in series.rglob("*") if path.suffix in {".mp4", ".mkv"}):
            found.setdefault(kind, []).append(Film(file, file.relative_to(videos).as_posix()))
    return found


def _is_right(source: QueryFrame, timed: TimedResult, videos: Path) -> bool:
    question = Query(source.path, source.second, source.picture)
    answer = QueryResult(question, timed.scene, timed.wall, videos)
    return answer.is_within(TIME_TOLERANCE) or answer.is_same_picture


def _cost_figures(found: TimedRun) -> list[Figure]:
    walls = [one.wall for one in found.results]
    cpus = [one.cpu for one in found.results]
    failed = sum(one.problem is not None for one in found.results)
    patches = [one.used_local_features for one in found.results]
    return [
        Figure("searches that failed", failed, f"of {len(walls)}", target=_NONE),
        Figure("a search: median", median(walls), "ms", (min(walls), max(walls)), _MEDIAN),
        Figure("a search: 95 %", float(np.quantile(walls, 0.95)), "ms", target=_SLOW),
        Figure("a search: processor, median", median(cpus), "s", (min(cpus), max(cpus))),
        Figure("a search: processor, 95 %", float(np.quantile(cpus, 0.95)), "s"),
        Figure("searches settled by whole frames", 1 - float(np.mean(patches))),
        Figure("open the snapshot", found.open_seconds, "s"),
        Figure("memory of the process", found.private_bytes / 1e6, "MB"),
        Figure("mapped files in memory", found.mapped_bytes / 1e6, "MB"),
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
            "asked": len(own),
            "right": round(float(np.mean([right for *_, right in own])), 3),
            "match": round(float(np.mean([_is_match(timed) for _, _, timed, _ in own])), 3),
            "median, ms": median(timed.wall for _, _, timed, _ in own),
            "95 %, ms": float(np.quantile([timed.wall for _, _, timed, _ in own], 0.95)),
            "processor, median s": round(median(timed.cpu for _, _, timed, _ in own), 4),
            "settled by whole frames": round(
                float(np.mean([not timed.used_local_features for _, _, timed, _ in own])), 3
            ),
        }
        for group, own in groups.items()
    ]


def _is_match(timed: TimedResult) -> bool:
    return timed.scene is not None and timed.scene.match != "similar"


def _part_rows(answers: Sequence[TimedResult]) -> list[dict[str, object]]:
    """Return what each part took, of the searches that had it."""
    names = list(dict.fromkeys(name for one in answers for name in one.parts))
    rows = []
    for name in names:
        spent = [one.parts[name] for one in answers if name in one.parts]
        slow = float(np.quantile(spent, 0.95))
        rows.append({"part": name, "searches": len(spent), "median, ms": median(spent),
                     "95 %, ms": slow, "of all time": round(
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
        "asked": round(source.second, 3),
        "answered": scene.episode.path if scene else None,
        "at": round(scene.at, 3) if scene else None,
        "similarity": round(scene.similarity, 4) if scene else None,
        "match": scene.match if scene else None,
        "ms": round(timed.wall, 1),
        "problem": timed.problem,
    }
