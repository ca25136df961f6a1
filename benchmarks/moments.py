"""Accuracy of the answered file and second, for unedited frames.

Measures top-1 on the given films, indexed by `whenanime index`: 500 random frames as JPEG of
quality 75, 480 pixels wide, right if the file is right and the second within 0.5 s, or the answered
moment shows the same picture; and frames of another encode of Big Buck Bunny, right within 1 s.
Compares the similarities of right answers with those of negatives, films outside the library.
"""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from statistics import median

import numpy as np
from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.indexed_films import index_and_open_library
from benchmarks.support.queries import (
    QueryResult,
    draw_random_queries,
    is_flat,
    run_query,
    sample_queries,
)
from benchmarks.support.report import Figure, Report, Target, extract_description
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.search.query.engine import SearchEngine

_RIGHT = Target("≥", 0.98)
_OTHER_ENCODE = Target("≥", 0.97)
_NEAR, _OTHER_NEAR = 0.5, 1.0
"""Tolerances in seconds: of random frames, and of the other encode."""
_SHIFT = 0.5
"""Seconds by which Big Buck Bunny's clock is ahead of its other encode's."""
_FILM = "Big Buck Bunny*/Big Buck Bunny*.mp4"
_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


class Options(BaseOptions):
    """Options of the benchmark."""

    frames: int = Field(default=500, ge=1, description="random frames of the library")
    seed: int = Field(default=0, description="seed of the random frames")
    fps: float = Field(default=8.0, gt=0, description="queries per second of the other encode")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    other = room.find_films("queries/bbb_0-30s_other_encode.mp4")[0]
    negatives = room.find_films("distractors/*.mp4")
    library = room.library_folder
    room.log("indexing the library")
    engine = index_and_open_library(room, options.model)
    room.log(f"searching for {options.frames} random frames")
    random = [
        run_query(engine, query, library)
        for query in draw_random_queries(library, options.frames, options.seed)
    ]
    room.log("searching for frames of the other encode")
    encoded = _other_encode(engine, library, other, options.fps)
    room.log("searching for negatives")
    negative_results = [
        run_query(engine, query, library)
        for film in negatives
        for query in sample_queries(film, film.name, fps=2)
        if not is_flat(query.picture)
    ]
    wrong = [answer for answer in random if not _is_right(answer)]
    return Report(
        "moments",
        extract_description(__doc__),
        [
            *_random_figures(random),
            *_other_figures(encoded),
            *_similarity_figures([a for a in random if _is_right(a)], negative_results),
        ],
        {
            "wrong answers": [answer.to_row() for answer in wrong],
            "wrong answers, other encode": [
                answer.to_row() | {"flat": is_flat(answer.query.picture)}
                for answer in encoded
                if not answer.is_within(_OTHER_NEAR, shift=_SHIFT)
            ],
            "similarities": _quantile_rows(
                {
                    "right": [a for a in random if _is_right(a)],
                    "wrong": wrong,
                    "right, other encode": [
                        a for a in encoded if a.is_within(_OTHER_NEAR, shift=_SHIFT)
                    ],
                    "negatives": negative_results,
                }
            ),
        },
    )


def _is_right(answer: QueryResult) -> bool:
    return answer.is_within(_NEAR) or answer.is_same_picture


def _other_encode(engine: SearchEngine, library: Path, film: Path, fps: float) -> list[QueryResult]:
    path = next(library.glob(_FILM)).relative_to(library).as_posix()
    return [run_query(engine, query, library) for query in sample_queries(film, path, fps=fps)]


def _random_figures(answers: Sequence[QueryResult]) -> list[Figure]:
    near = [answer.is_within(_NEAR) for answer in answers]
    same = [answer.is_same_picture for answer in answers]
    either = [a or b for a, b in zip(near, same, strict=True)]
    file = [answer.is_within(float("inf")) for answer in answers]
    times = sorted(answer.milliseconds for answer in answers)
    return [
        _share("random frames: right", either, _RIGHT),
        _share("random frames: right file within 0.5 s", near),
        _share("random frames: same picture", same),
        _share("random frames: right file", file),
        Figure("search: median time", median(times), "ms", (times[0], times[-1])),
    ]


def _other_figures(answers: Sequence[QueryResult]) -> list[Figure]:
    right = [answer.is_within(_OTHER_NEAR, shift=_SHIFT) for answer in answers]
    clear = [not is_flat(answer.query.picture) for answer in answers]
    return [
        _share("other encode: right file within 1 s", right, _OTHER_ENCODE),
        _share(
            "other encode: right, without flat frames",
            [r for r, c in zip(right, clear, strict=True) if c],
        ),
    ]


def _similarity_figures(
    right: Sequence[QueryResult], negative_results: Sequence[QueryResult]
) -> list[Figure]:
    highest = max(_similarities(negative_results), default=0.0)
    above = [similarity > highest for similarity in _similarities(right)]
    return [
        Figure("highest similarity of a negative", highest),
        _share("right answers above it", above),
    ]


def _quantile_rows(groups: dict[str, list[QueryResult]]) -> list[dict[str, object]]:
    return [
        {"answers": name, "count": len(answers)}
        | {
            f"{100 * quantile:g} %": float(np.quantile(_similarities(answers), quantile))
            for quantile in _QUANTILES
        }
        for name, answers in groups.items()
        if answers
    ]


def _similarities(answers: Sequence[QueryResult]) -> list[float]:
    return [answer.scene.similarity if answer.scene else 0.0 for answer in answers]


def _share(name: str, hits: Sequence[bool], target: Target | None = None) -> Figure:
    """Return a share with its 95 % interval (Wilson 1927)."""
    count, z = max(1, len(hits)), 1.96
    share = sum(hits) / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return Figure(name, share, f"of {len(hits)}", (centre - half, min(1.0, centre + half)), target)
