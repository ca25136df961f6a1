"""Makes the calibration that ships from an indexed library.

    whenanime index --home HOME --videos DIR
    python -m whenanime_pipeline.core.learning.shipped.calibration --home HOME --videos DIR

Edited frames of the library are searched twice: in the whole library, which gives right and wrong
answers, and without their series, which makes them negatives. Drawn pictures are negatives, too.
"""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.learning.pictures import same_picture
from whenanime_pipeline.core.learning.shipped.answer_correctness import is_within_tolerance
from whenanime_pipeline.core.learning.shipped.calibration_fit import LabelledAnswer, fit_calibration
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.learning.shipped.screenshots.delivery import (
    encode_as_posted,
    upscale_as_watched,
)
from whenanime_pipeline.core.learning.shipped.screenshots.edits import EDITS
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.frames.deduplication import signature
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.confidence import CALIBRATION_FILE, compute_predictors
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id

Picture = NDArray[np.uint8]

SEEDS = 3026, 3027
"""Default seeds; the answers to each are collected in a process of its own."""
_SEED_STRIDE = 1000
"""Distance of the drawn pictures' seeds between two seeds, so that no picture is drawn twice."""
_FLAT_DEVIATION = 12.0
"""Standard deviation of gray levels below which a frame is not searched for."""


class _ExhaustivePolicy:
    """Never exits the search cascade early, so that wrong answers are returned, too."""

    def score(self, answer: VerifiedFrame) -> float:
        return answer.comparison.correlation

    def is_match(self, _: VerifiedFrame) -> bool:
        return False

    def is_conclusive(self, _: VerifiedFrame) -> bool:
        return False


def collect_answers(
    engine: SearchEngine, videos: Path, frames: int, drawn: int, seed: int
) -> list[LabelledAnswer]:
    """Search for frames of the library and for drawn pictures, each clean and with every edit.

    Args:
        engine: search engine of the library.
        videos: folder of its videos.
        frames: number of frames of the library, the same for each series.
        drawn: number of drawn pictures.
        seed: seed of the choice of frames, the drawn pictures and the edits.

    Returns:
        All answers, labelled.

    Raises:
        MediaError: a video cannot be decoded.
    """
    rows: list[LabelledAnswer] = []
    everything = set(engine.snapshot.contents)
    query = 0
    for episode, second, frame in _draw_frames(engine, videos, frames, seed):
        own = {e.content for e in engine.snapshot.episodes if e.series == episode.series}
        for picture in _edit_frame(frame, (seed, query)):
            for present, contents in ((True, None), (False, everything - own)):
                for one in engine.search_frames(picture, contents, _ExhaustivePolicy()):
                    right = present and _is_right(engine, one, episode, second, frame)
                    rows.append(
                        LabelledAnswer(query, compute_predictors(one), present=present, right=right)
                    )
                query += 1
    for number in range(drawn):
        frame = draw_random_picture(_SEED_STRIDE * seed + number, (640, 360))
        for picture in _edit_frame(frame, (seed, query)):
            found = engine.search_frames(picture, None, _ExhaustivePolicy())
            rows += [
                LabelledAnswer(query, compute_predictors(one), present=False, right=False)
                for one in found
            ]
            query += 1
    return rows


def _draw_frames(
    engine: SearchEngine, videos: Path, count: int, seed: int
) -> Iterator[tuple[EpisodeRecord, float, Picture]]:
    """Yield random frames that are not flat, the same number for each series."""
    rng = np.random.default_rng(seed)
    series = sorted({episode.series for episode in engine.snapshot.episodes})
    for number in range(count):
        own = [e for e in engine.snapshot.episodes if e.series == series[number % len(series)]]
        while True:
            episode = own[int(rng.integers(len(own)))]
            second = float(rng.uniform(0, episode.duration))
            frame = decode_frame_at(videos / episode.path, second, long_side=1 << 14)
            if signature(frame).std() >= _FLAT_DEVIATION:
                break
        yield episode, second, frame


def _edit_frame(frame: Picture, seed: tuple[int, int]) -> Iterator[Picture]:
    """Yield a frame as users post it: clean, and after each edit."""
    watched = upscale_as_watched(frame)
    yield encode_as_posted(watched, np.random.default_rng((*seed, 0)))
    for number, edit in enumerate(EDITS.values(), 1):
        rng = np.random.default_rng((*seed, number))
        yield encode_as_posted(edit(watched, rng), rng)


def _is_right(
    engine: SearchEngine,
    found: VerifiedFrame,
    episode: EpisodeRecord,
    second: float,
    frame: Picture,
) -> bool:
    """Return whether an answer has the right episode and second, or the same picture."""
    content = found.segment.content
    if content == episode.content and any(
        is_within_tolerance(second, start, end)
        for start, end in engine.snapshot.runs(content, found.frame)
    ):
        return True
    stored = signature(decode_stored_frame(engine.snapshot.picture(content, found.frame)))
    return same_picture(stored, signature(frame))


def collect_answers_in_parallel(
    home: Path, videos: Path, frames: int, drawn: int, seeds: Sequence[int]
) -> list[LabelledAnswer]:
    """Run `collect_answers` for each seed in a process of its own.

    Args:
        home: indexed home.
        videos: folder of its videos.
        frames: number of frames of the library for each seed.
        drawn: number of drawn pictures for each seed.
        seeds: distinct seeds.

    Returns:
        The answers of all seeds; their query numbers are distinct.
    """
    with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
        collect = partial(_collect_answers, home, videos, frames, drawn)
        return [
            replace(row, query=len(seeds) * row.query + number)
            for number, rows in enumerate(pool.map(collect, seeds))
            for row in rows
        ]


def _collect_answers(
    home: Path, videos: Path, frames: int, drawn: int, seed: int
) -> list[LabelledAnswer]:
    return collect_answers(_open_engine(home), videos, frames, drawn, seed)


def _open_engine(home: Path) -> SearchEngine:
    name = read_latest_id(home / "snapshots")
    if name is None:
        raise typer.BadParameter(f"{home} has no index")
    return SearchEngine.open(home / "snapshots" / name, threads=1)


def main(
    home: Annotated[Path, typer.Option(help="Indexed home.")],
    videos: Annotated[Path, typer.Option(help="Folder of its videos.")],
    frames: Annotated[int, typer.Option(help="Frames of the library per seed.")] = 32,
    drawn: Annotated[int, typer.Option(help="Drawn pictures per seed.")] = 16,
    seed: Annotated[tuple[int, int], typer.Option(help="Seeds of the choices and edits.")] = SEEDS,
    out: Annotated[Path, typer.Option(help="File to write.")] = CALIBRATION_FILE,
) -> None:
    """Fit the calibration to labelled answers and write it."""
    snapshot = _open_engine(home).snapshot
    result = fit_calibration(collect_answers_in_parallel(home, videos, frames, drawn, seed)) | {
        "made from": {
            "series": sorted({episode.series for episode in snapshot.episodes}),
            "frames": frames,
            "drawn": drawn,
            "seeds": seed,
            "model": snapshot.manifest.model_id,
        }
    }
    write_text(out, json.dumps(result, indent=1) + "\n")
    typer.echo(json.dumps(result["measured"]))


if __name__ == "__main__":
    typer.run(main)
