"""The second and the picture of an answer against mpv's, for files whose header tells them wrong.

Makes films of every kind by ffmpeg and mkvmerge, indexes them by `whenanime index`, and searches
for what mpv shows at seconds of its own clock: how far the answered second is from the run of
seconds in which that picture is shown, and how far the still of that second is from mpv's picture.
Both are compared for the moments of each kind. Where mpv's own clock starts again, the runs are
seconds played since the beginning of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.disc_films import make_disc_films
from benchmarks.support.index_process import run_index, use_model
from benchmarks.support.player_films import (
    RATE,
    RUN,
    PlayerFilm,
    draw_field,
    make_player_films,
)
from benchmarks.support.player_oracle import play_disc_in_mpv, read_picture, show_in_mpv
from benchmarks.support.report import Figure, Report, Target
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.file_reading import parse_stored_reading
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id

_MEDIAN, _WORST = Target("≤", 0.05), Target("≤", 0.13)
_STILL = Target("≤", 4.0)
_LOST = 999.0
"""Seconds counted for an answer in another file."""
_SAME_FIELD = 20.0
"""Levels of mean difference below which two pictures show the same field."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was measured at one second of a film.

    Attributes:
        kind: Kind of the film.
        off: Seconds between the answer and the run in which the picture is shown.
        still: Difference of the still from mpv's picture in levels; None without mpv.
        still_of_field: Difference of the still from the field that was drawn.
        is_same: Whether mpv shows the field that the film has there.
    """

    kind: str
    off: float
    still: float | None
    still_of_field: float
    is_same: bool


class Options(BaseOptions):
    """Options of the benchmark."""

    moments: int = Field(default=20, ge=1, description="seconds asked for of each file")
    seed: int = Field(default=0, description="seed of the seconds")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    library = room.make_folder("videos")
    room.log("making the films")
    sources = room.make_folder("sources")
    films = [*make_player_films(library, sources), *make_disc_films(library, sources)]
    room.log("indexing them")
    engine = _index(Home(room.scratch / "home"), library, options.model)
    rows = []
    for film in films:
        room.log(film.kind)
        pictures = _play_disc(film, room)
        rows += [
            _measure_moment(engine, film, second, pictures)
            for second in _choose_seconds(film, options.moments, options.seed)
        ]
    errors = [row.off for row in rows]
    stills = [row.still for row in rows if row.still is not None]
    return Report(
        name="player",
        title=f"answers against mpv's picture and second: {len(films)} kinds, {len(rows)} moments",
        figures=[
            Figure("seconds off, median", median(errors), "s", target=_MEDIAN),
            Figure("seconds off, worst", max(errors), "s", target=_WORST),
            Figure("stills against mpv's, mean", float(np.mean(stills)), "levels", target=_STILL),
            Figure("stills against mpv's, worst", max(stills), "levels"),
            Figure("mpv shows the film's field", float(np.mean([row.is_same for row in rows]))),
        ],
        details={"kinds": _summarize(rows, films)},
    )


def _index(home: Home, library: Path, model: Path) -> SearchEngine:
    use_model(home, model)
    done = run_index(home, library)
    latest = read_latest_id(home.snapshots)
    if done.exit_code or latest is None:
        raise BenchmarkError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return SearchEngine.open(home.snapshots / latest)


def _choose_seconds(film: PlayerFilm, count: int, seed: int) -> list[float]:
    """Return seconds well within runs, spread over the film."""
    generator = np.random.default_rng(seed)
    chosen = np.linspace(0, len(film.runs) - 1, count).round().astype(int)
    return [film.runs[number][0] + float(generator.uniform(0.25, 0.75)) * RUN for number in chosen]


def _play_disc(film: PlayerFilm, room: BenchmarkContext) -> list[Path]:
    """Return what mpv shows of a disc, a file a frame; none of other films."""
    if film.disc is None:
        return []
    pictures = play_disc_in_mpv(film.disc, room.make_folder(f"{film.kind} pictures"))
    if len(pictures) < RATE * RUN * len(film.runs):
        raise BenchmarkError(f"mpv shows {len(pictures)} pictures of {film.disc}")
    return pictures


def _measure_moment(
    engine: SearchEngine, film: PlayerFilm, second: float, pictures: Sequence[Path]
) -> _Moment:
    start, seed, number = next(run for run in film.runs if run[0] <= second < run[0] + RUN)
    field = draw_field(seed, number)

    def show(at: float) -> NDArray[np.uint8] | None:
        if film.disc is not None:
            return read_picture(pictures[min(int(at * RATE), len(pictures) - 1)])
        return show_in_mpv(film.path, at)

    shown = show(second) if film.has_oracle else None
    query = field if shown is None else shown
    found = [one for one in engine.search(query, limit=3) if _is_of(one.episode.path, film)]
    off = max(0.0, start - found[0].at, found[0].at - start - RUN) if found else _LOST
    if found and off > _WORST.bound and film.has_oracle:
        # Parts may be joined within a field, which is then shown twice.
        again = show(found[0].at)
        off = off if again is None or _difference(field, again) > _SAME_FIELD else 0.0
    record = next(one for one in engine.snapshot.episodes if _is_of(one.path, film))
    reading = parse_stored_reading(record.reading)
    still = decode_frame_at(film.path, second, reading=reading)
    return _Moment(
        kind=film.kind,
        off=off,
        still=None if shown is None else _difference(still, shown),
        still_of_field=_difference(still, field),
        is_same=shown is None or _difference(field, shown) < _SAME_FIELD,
    )


def _is_of(path: str, film: PlayerFilm) -> bool:
    return film.path.as_posix().endswith(f"/{path}")


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean difference in levels, at the size of the first picture."""
    size = one.shape[1], one.shape[0]
    fitted = cv2.resize(other, size, interpolation=cv2.INTER_AREA)
    return float(np.abs(one.astype(int) - fitted).mean())


def _summarize(rows: Sequence[_Moment], films: Sequence[PlayerFilm]) -> list[dict[str, object]]:
    summary: list[dict[str, object]] = []
    for film in films:
        of_kind = [row for row in rows if row.kind == film.kind]
        stills = [row.still for row in of_kind if row.still is not None]
        fields = [row.still_of_field for row in of_kind]
        summary.append(
            {
                "kind": film.kind,
                "moments": len(of_kind),
                "median s": round(median(row.off for row in of_kind), 3),
                "worst s": round(max(row.off for row in of_kind), 3),
                "still against mpv": round(float(np.mean(stills)), 2) if stills else None,
                "still against the field": round(float(np.mean(fields)), 2),
            }
        )
    return summary
