"""Crash safety of `whenanime index`: kills at any moment, and concurrent runs.

Kills the command with SIGKILL at seeded times spread evenly over its run, on an empty and on a
published home, and in each phase that is visible from outside. Then runs it again until it succeeds
and compares the result with an uninterrupted run: files, tables, labels, vectors and pictures (all
bit by bit), repeated work, published snapshots and unfinished Dagster runs. A live engine searches
the published home throughout. Two concurrent commands are compared in the same way.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.index_interruptions import (
    PHASES,
    BaselineRun,
    InterruptedRun,
    kill_and_resume,
    kill_in_phase,
    run_baseline,
    run_concurrently,
)
from benchmarks.support.index_process import run_index, use_model
from benchmarks.support.query_client import read_known_frames
from benchmarks.support.report import Figure, Report, Target, extract_description
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.sample_library import TRUTH_FILE, make_sample_library
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

_NONE = Target("=", 0)
_SECONDS = (10.0, 20.0, 30.0)
"""Seconds of each published episode that are searched for throughout."""


class Options(BaseOptions):
    """Options of the benchmark."""

    kills: int = Field(
        default=20,
        ge=1,
        description="number of kills at seeded times, half of them on an empty home",
    )
    width: int = Field(default=320, ge=64, description="width of the sample's videos, in pixels")
    episodes: int = Field(
        default=4, ge=1, description="episodes of each of the sample's two series"
    )
    seed: int = Field(default=0, description="seed of the kill times")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    room.log("drawing the sample library")
    size = (options.width, options.width * 9 // 16 // 2 * 2)
    drawn = room.scratch / "drawn"
    make_sample_library(drawn, size=size, episodes=options.episodes)
    room.log("indexing without interruption")
    empty, growing = run_baselines(room.scratch, drawn, options.model)
    outcomes: list[InterruptedRun] = []
    for name, baseline, kills in (
        ("an empty home", empty, options.kills // 2),
        ("a published home", growing, options.kills - options.kills // 2),
    ):
        for number, second in enumerate(draw_kill_times(baseline.seconds, kills, options.seed)):
            room.log(f"{name}: kill {number + 1} of {kills}, at {second:.1f} s")
            home = Home(room.scratch / f"{name.replace(' ', '-')}-{number}")
            outcomes.append(kill_and_resume(baseline, home, second))
    for number, phase in enumerate(PHASES):
        room.log(f"a published home: kill when {phase}")
        home = Home(room.scratch / f"phase-{number}")
        outcomes.append(kill_in_phase(growing, home, phase))
    room.log("two concurrent runs")
    concurrent = [
        run_concurrently(empty, Home(room.scratch / "two-empty")),
        run_concurrently(growing, Home(room.scratch / "two-published")),
    ]
    return Report(
        "kill",
        extract_description(__doc__),
        [*_figures(outcomes, (empty, growing)), *_concurrent_figures(concurrent)],
        {
            "kills": [outcome.to_row() for outcome in outcomes],
            "concurrent runs": [outcome.to_row() for outcome in concurrent],
        },
    )


def run_baselines(folder: Path, drawn: Path, model: Path) -> tuple[BaselineRun, BaselineRun]:
    """Index a library without interruption, from an empty home and from half of its episodes.

    Args:
        folder: folder to work in.
        drawn: the sample library, which is only read.
        model: folder of the model.

    Returns:
        The run from the empty home, and the one from the published home.

    Raises:
        BenchmarkError: the first half cannot be indexed.
    """
    videos, nothing, half = folder / "videos", Home(folder / "nothing"), Home(folder / "half")
    files = [p for p in sorted(drawn.rglob("*")) if p.is_file() and p.name != TRUTH_FILE]
    films = [path for path in files if path.suffix != ".nfo" and not path.name.startswith(".")]
    first = films[::2]
    for home in (nothing, half):
        use_model(home, model)
    _link([path for path in files if path.suffix == ".nfo"] + first, drawn, videos)
    done = run_index(half, videos)
    if done.exit_code:
        raise BenchmarkError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    _link(films[1::2], drawn, videos)
    known_frames = read_known_frames(
        videos, [p.relative_to(drawn).as_posix() for p in first], _SECONDS
    )
    return (
        run_baseline(nothing, Home(folder / "from-nothing"), videos),
        run_baseline(half, Home(folder / "from-half"), videos, known_frames),
    )


def draw_kill_times(seconds: float, count: int, seed: int) -> list[float]:
    """Return kill times in seconds, a random one in each of `count` equal parts of a run."""
    places = np.arange(count) + np.random.default_rng(seed).random(count)
    return [float(place) for place in places * seconds / count]


def _figures(outcomes: Sequence[InterruptedRun], baselines: Iterable[BaselineRun]) -> list[Figure]:
    return [
        *(
            Figure(f"uninterrupted run, from {baseline.start.root.name}", baseline.seconds, "s")
            for baseline in baselines
        ),
        Figure("kills", len(outcomes)),
        Figure(
            "runs that ended before the kill",
            sum(outcome.finished_before_kill for outcome in outcomes),
        ),
        Figure(
            "kills with a different result",
            sum(bool(outcome.differences) for outcome in outcomes),
            target=_NONE,
        ),
        Figure(
            "kills that needed more than one further run",
            sum(outcome.exit_codes != [0] for outcome in outcomes),
            target=_NONE,
        ),
        Figure("repeated work", sum(len(o.repeated_work) for o in outcomes), target=_NONE),
        Figure(
            "extra snapshots",
            sum(o.extra_snapshots for o in outcomes),
            target=_NONE,
        ),
        Figure("unfinished Dagster runs", sum(o.unfinished_runs for o in outcomes), target=_NONE),
        Figure("results with a byte-identical graph", sum(o.same_graph for o in outcomes)),
        Figure("queries throughout", sum(outcome.query_count for outcome in outcomes)),
        Figure(
            "queries without a right answer", sum(len(o.failures) for o in outcomes), target=_NONE
        ),
    ]


def _concurrent_figures(outcomes: Sequence[InterruptedRun]) -> list[Figure]:
    return [
        Figure("concurrent runs: trials", len(outcomes)),
        Figure("concurrent runs: problems", sum(len(o.problems) for o in outcomes), target=_NONE),
    ]


def _link(paths: Iterable[Path], source: Path, target: Path) -> None:
    """Hard-link files into a folder, which keeps their modification times."""
    for path in paths:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, place)
