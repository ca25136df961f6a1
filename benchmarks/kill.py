"""Whether `whenanime index` can be killed at any moment, and run twice at once, without damage.

Kills the command with SIGKILL at seeded moments spread evenly over its whole run, on an empty home
and on one that is published already, and in every phase that can be seen from outside; then runs
it again until it succeeds, and compares what came of it with an undisturbed run: files, tables,
labels, vectors and pictures, all to the bit, recall, work done twice, snapshots published, runs
left unfinished. On the published home a live engine is asked questions throughout. Two commands at
once are compared in the same way.
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
"""Of each published episode, asked for throughout."""


class Options(BaseOptions):
    """What can be set."""

    kills: int = Field(default=20, ge=1, description="moments, half of them on an empty home")
    width: int = Field(default=320, ge=64, description="of the sample's videos")
    episodes: int = Field(default=4, ge=1, description="of each of the sample's two series")
    seed: int = Field(default=0, description="of the moments")
    model: Path = Field(default_factory=base_model_folder, description="a model's folder")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Do it all."""
    room.log("drawing the sample library")
    size = (options.width, options.width * 9 // 16 // 2 * 2)
    drawn = room.scratch / "drawn"
    make_sample_library(drawn, size=size, episodes=options.episodes)
    room.log("indexing undisturbed")
    empty, growing = run_baselines(room.scratch, drawn, options.model)
    outcomes: list[InterruptedRun] = []
    for name, course, kills in (
        ("an empty home", empty, options.kills // 2),
        ("a published home", growing, options.kills - options.kills // 2),
    ):
        for number, second in enumerate(draw_kill_times(course.seconds, kills, options.seed)):
            room.log(f"{name}: kill {number + 1} of {kills}, at {second:.1f} s")
            home = Home(room.scratch / f"{name.replace(' ', '-')}-{number}")
            outcomes.append(kill_and_resume(course, home, second))
    for number, phase in enumerate(PHASES):
        room.log(f"a published home: kill when {phase}")
        home = Home(room.scratch / f"phase-{number}")
        outcomes.append(kill_in_phase(growing, home, phase))
    room.log("two at once")
    twos = [
        run_concurrently(empty, Home(room.scratch / "two-empty")),
        run_concurrently(growing, Home(room.scratch / "two-published")),
    ]
    return Report(
        "kill",
        extract_description(__doc__),
        [*_figures(outcomes, (empty, growing)), *_two_figures(twos)],
        {
            "kills": [outcome.to_row() for outcome in outcomes],
            "two at once": [outcome.to_row() for outcome in twos],
        },
    )


def run_baselines(folder: Path, drawn: Path, model: Path) -> tuple[BaselineRun, BaselineRun]:
    """Index a library undisturbed, from nothing and from half of it.

    Args:
        folder: to work in.
        drawn: the sample library, which stays as it is.
        model: a model's folder.

    Raises:
        BenchmarkError: half of it cannot be indexed undisturbed.
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
    asked = read_known_frames(videos, [p.relative_to(drawn).as_posix() for p in first], _SECONDS)
    return (
        run_baseline(nothing, Home(folder / "from-nothing"), videos),
        run_baseline(half, Home(folder / "from-half"), videos, asked),
    )


def draw_kill_times(seconds: float, count: int, seed: int) -> list[float]:
    """Return moments of a run, one at random in each of as many equal parts."""
    places = np.arange(count) + np.random.default_rng(seed).random(count)
    return [float(place) for place in places * seconds / count]


def _figures(
    outcomes: Sequence[InterruptedRun], undisturbed_ones: Iterable[BaselineRun]
) -> list[Figure]:
    return [
        *(
            Figure(f"undisturbed, from {course.start.root.name}", course.seconds, "s")
            for course in undisturbed_ones
        ),
        Figure("kills", len(outcomes)),
        Figure("ended before the kill", sum(outcome.finished_before_kill for outcome in outcomes)),
        Figure(
            "kills after which the end was another",
            sum(bool(outcome.differences) for outcome in outcomes),
            target=_NONE,
        ),
        Figure(
            "kills after which one more run was not enough",
            sum(outcome.exit_codes != [0] for outcome in outcomes),
            target=_NONE,
        ),
        Figure("work done twice", sum(len(o.repeated_work) for o in outcomes), target=_NONE),
        Figure(
            "snapshots more than undisturbed",
            sum(o.extra_snapshots for o in outcomes),
            target=_NONE,
        ),
        Figure("runs left unfinished", sum(o.unfinished_runs for o in outcomes), target=_NONE),
        Figure("ends with the very same graph", sum(o.same_graph for o in outcomes)),
        Figure("questions asked throughout", sum(outcome.query_count for outcome in outcomes)),
        Figure(
            "questions not answered right", sum(len(o.failures) for o in outcomes), target=_NONE
        ),
    ]


def _two_figures(outcomes: Sequence[InterruptedRun]) -> list[Figure]:
    return [
        Figure("two at once: tries", len(outcomes)),
        Figure("two at once: problems", sum(len(o.problems) for o in outcomes), target=_NONE),
    ]


def _link(paths: Iterable[Path], source: Path, target: Path) -> None:
    """Give files a second name in a folder: the same bytes, size and time."""
    for path in paths:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, place)
