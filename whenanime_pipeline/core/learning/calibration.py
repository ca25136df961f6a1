"""What answers are worth: the calibration that ships, from an indexed library.

    whenanime index --home HOME --videos DIR
    python -m whenanime_pipeline.core.learning.calibration --home HOME --videos DIR

Frames of the library are edited as screenshots are, and looked for twice: with their series, which
gives right and wrong answers, and without it, as drawn pictures of no library are, which gives
answers that must not pass for matches.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.learning.judging import near, same_picture
from whenanime_pipeline.core.learning.screenshots.edits import EDITS
from whenanime_pipeline.core.learning.screenshots.posting import as_posted, as_watched
from whenanime_pipeline.core.media.pictures import decode_small
from whenanime_pipeline.core.media.thumbnails import frame_at
from whenanime_pipeline.core.sample.pictures import random_picture
from whenanime_pipeline.core.search.confidence import CERTAIN, FILE, MATCH, MEASURED, measured
from whenanime_pipeline.core.search.distinct import signature
from whenanime_pipeline.core.search.engine import SearchEngine
from whenanime_pipeline.core.search.episodes import EpisodeRecord
from whenanime_pipeline.core.search.geometry.verification import Verified
from whenanime_pipeline.core.search.manifest import latest_id

Picture = NDArray[np.uint8]

SEED = 2026
_FLAT = 12.0
"""Gray levels of deviation below which a picture shows next to nothing."""
_RIDGE = 1.0
_TYPICAL = 0.6
"""Similarity of the typical best answer to what is not there: what trace.moe's clients see."""
_RARE = 0.998
_MARGIN = 1.0
"""Score by which a match lies above this share of the best answers to what was not there: some
hundred queries do not show the tail of thousands, the very best of them is chance, and other
libraries differ."""
_BEYOND = 1.0
"""Score by which a certain answer lies above that again."""


class _Curious:
    """Follows everything up, so that wrong answers are seen too."""

    def score(self, answer: Verified) -> float:
        return answer.agreement.correlation

    def believes(self, _: Verified) -> bool:
        return False

    def settles(self, _: Verified) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Row:
    """One answer.

    Attributes:
        query: the number of its question.
        values: what was measured.
        present: whether what was asked for was there to be found.
        right: whether the answer is.
    """

    query: int
    values: NDArray[np.float64]
    present: bool
    right: bool


def answers(engine: SearchEngine, videos: Path, frames: int, drawn: int, seed: int) -> list[Row]:
    """Ask for frames of the library and for drawn pictures, each clean and with every edit.

    Args:
        engine: of the library.
        videos: its folder.
        frames: of the library, evenly by series.
        drawn: pictures that are in no library.
        seed: of the choice and of the edits.
    """
    rows: list[Row] = []
    everything = set(engine.snapshot.contents)
    query = 0
    for episode, second, frame in _frames(engine, videos, frames, seed):
        own = {e.content for e in engine.snapshot.episodes if e.series == episode.series}
        for picture in _edited(frame, (seed, query)):
            for present, contents in ((True, None), (False, everything - own)):
                for one in engine.inquire(picture, contents, _Curious()):
                    right = present and _right(engine, one, episode, second, frame)
                    rows.append(Row(query, measured(one), present=present, right=right))
                query += 1
    for number in range(drawn):
        frame = random_picture(seed + number, (640, 360))
        for picture in _edited(frame, (seed, query)):
            found = engine.inquire(picture, None, _Curious())
            rows += [Row(query, measured(one), present=False, right=False) for one in found]
            query += 1
    return rows


def fitted(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the calibration that fits answers, as `Confidence.from_json` reads it.

    Args:
        rows: of right and wrong answers, to questions for what is there and what is not.

    Raises:
        ValueError: there are no right answers, or none to questions for what is not there.
    """
    values = np.stack([row.values for row in rows])
    right = np.array([row.right for row in rows])
    absent = np.array([not row.present for row in rows])
    if not right.any() or not absent.any():
        raise ValueError("too few answers to calibrate with")
    weights, bias = _logistic(values, right)
    scores = values @ weights + bias
    query = np.array([row.query for row in rows])
    order = np.lexsort((-scores, query))
    best = order[np.diff(query[order], prepend=-1) != 0]  # of each question
    strangers, known = np.sort(scores[best[absent[best]]]), scores[best[right[best]]]
    match = float(np.quantile(strangers, _RARE)) + _MARGIN
    certain = match + _BEYOND
    knots = {
        float(strangers[0]) - 1.0: 0.0,
        float(np.median(strangers)): _TYPICAL,
        match: MATCH,
        certain: CERTAIN,
        max(float(np.quantile(known, 0.9)), certain + 1.0): 1.0,
    }
    return {
        "weights": dict(zip(MEASURED, weights.tolist(), strict=True)),
        "bias": bias,
        "scores": sorted(knots),
        "similarities": [knots[score] for score in sorted(knots)],
        "measured": {
            "absent queries": len(strangers),
            "right answers": len(known),
            "right answers that are matches": float((known >= match).mean()),
            "right answers that are certain": float((known >= certain).mean()),
        },
    }


def _logistic(
    values: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression with a small ridge, by Newton's method; it is convex."""
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    system = np.column_stack([(values - mean) / deviation, np.ones(len(values))])
    solved = np.zeros(system.shape[1])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(system @ solved, -30, 30)))
        slope = system.T @ (chance - right) + _RIDGE * solved
        curve = (system.T * (chance * (1 - chance))) @ system + _RIDGE * np.eye(len(solved))
        step = np.linalg.solve(curve, slope)
        solved -= step
        if np.abs(step).max() < 1e-8:
            break
    weights = solved[:-1] / deviation
    return weights, float(solved[-1] - weights @ mean)


def _frames(
    engine: SearchEngine, videos: Path, count: int, seed: int
) -> Iterator[tuple[EpisodeRecord, float, Picture]]:
    """Yield random frames that show something, evenly by series."""
    rng = np.random.default_rng(seed)
    series = sorted({episode.series for episode in engine.snapshot.episodes})
    for number in range(count):
        own = [e for e in engine.snapshot.episodes if e.series == series[number % len(series)]]
        while True:
            episode = own[int(rng.integers(len(own)))]
            second = float(rng.uniform(0, episode.duration))
            frame = frame_at(videos / episode.path, second, long_side=1 << 14)
            if signature(frame).std() >= _FLAT:
                break
        yield episode, second, frame


def _edited(frame: Picture, seed: tuple[int, int]) -> Iterator[Picture]:
    """Yield a frame as it is posted: clean, and after each edit."""
    watched = as_watched(frame)
    yield as_posted(watched, np.random.default_rng((*seed, 0)))
    for number, edit in enumerate(EDITS.values(), 1):
        rng = np.random.default_rng((*seed, number))
        yield as_posted(edit(watched, rng), rng)


def _right(
    engine: SearchEngine, found: Verified, episode: EpisodeRecord, second: float, frame: Picture
) -> bool:
    content = found.lead.content
    if content == episode.content and any(
        near(second, start, end) for start, end in engine.snapshot.runs(content, found.frame)
    ):
        return True
    stored = signature(decode_small(engine.snapshot.picture(content, found.frame)))
    return same_picture(stored, signature(frame))


def main(
    home: Annotated[Path, typer.Option(help="An indexed home.")],
    videos: Annotated[Path, typer.Option(help="The folder of its videos.")],
    frames: Annotated[int, typer.Option(help="Frames of the library to ask for.")] = 64,
    drawn: Annotated[int, typer.Option(help="Drawn pictures to ask for.")] = 48,
    seed: Annotated[int, typer.Option(help="Of the choice and of the edits.")] = SEED,
    out: Annotated[Path, typer.Option(help="The file to write.")] = FILE,
) -> None:
    """Calibrate, and write what ships."""
    name = latest_id(home / "snapshots")
    if name is None:
        raise typer.BadParameter(f"{home} has no index")
    engine = SearchEngine.open(home / "snapshots" / name)
    rows = answers(engine, videos, frames, drawn, seed)
    result = fitted(rows) | {
        "made from": {
            "series": sorted({episode.series for episode in engine.snapshot.episodes}),
            "frames": frames,
            "drawn": drawn,
            "seed": seed,
            "model": engine.snapshot.manifest.model_id,
        }
    }
    write_text(out, json.dumps(result, indent=1) + "\n")
    typer.echo(json.dumps(result["measured"]))


if __name__ == "__main__":
    typer.run(main)
