"""How fast a network is trained, and how much of the time is spent on feeding it.

Measures views a second (a picture and its augmented view through the network, forth and back, and
the optimiser) as `whenanime train --recipe seed` does it (frames decoded once, augmented as tensors
in batches), and compares it in one run with the seed's way (JPEG files, torchvision's transforms of
single PIL pictures, a DataLoader, fp32): the same network, batch, size and frames, turn and turn
about, each in a fresh process. The seed's way gets the number of loader processes that suits it
best. The loader's share is the time in which there is no batch to learn from.
"""

from collections.abc import Mapping, Sequence

from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.learning_home import fixed_count, make_learning_home, write_pictures
from benchmarks.support.our_training import DecodingCost, time_decoding, time_our_training
from benchmarks.support.report import (
    Figure,
    Report,
    Target,
    extract_description,
    median_figure,
    ratio_figure,
)
from benchmarks.support.seed_training import time_seed_training
from benchmarks.support.step_timing import StepPlan, TimedSteps
from whenanime_pipeline.core.learning.dataset.options import (
    SplitOptions,
    ViewOptions,
)

_TO_SEED = Target("≥", 1.9)
_LOADING = Target("≤", 0.1)
_OURS, _SEED = "ours", "the seed's way"
_WORKERS = (0, 1, 2)
"""Loader processes that the seed's way is tried with."""


class Options(BaseOptions):
    """What can be set."""

    backbone: str = Field(default="resnet18", description="a torchvision network")
    size: int = Field(default=224, ge=32, description="pixels of the views' side")
    batch: int = Field(default=64, ge=2, description="pictures, twice as many views")
    warm_up: int = Field(default=1, ge=1, description="steps before the clock starts")
    steps: int = Field(default=3, ge=1, description="that are timed, each time")
    repeats: int = Field(default=5, ge=1, description="turns")
    frames: int = Field(default=40, ge=1, description="of each film, before equal ones go")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
    home = make_learning_home(
        room,
        fixed_count(options.frames),
        SplitOptions(),
        ViewOptions(size=options.size),
    )
    files = room.make_folder("files")
    pictures = write_pictures(home, files)
    plan = StepPlan(options.backbone, options.size, options.batch, options.warm_up, options.steps)
    room.log("decoding once")
    decoding = run_in_fresh_process(time_decoding, home, plan)
    tried: dict[int, TimedSteps] = {}
    for workers in _WORKERS:
        room.log(f"{_SEED}: {workers} loader processes")
        tried[workers] = run_in_fresh_process(time_seed_training, files, plan, workers)
    best = max(tried, key=lambda workers: tried[workers].views_per_second)
    turns: dict[str, list[TimedSteps]] = {_OURS: [], _SEED: []}
    for turn in range(options.repeats):
        room.log(f"turn {turn + 1} of {options.repeats}, {best} loader processes")
        turns[_OURS].append(run_in_fresh_process(time_our_training, home, plan))
        turns[_SEED].append(run_in_fresh_process(time_seed_training, files, plan, best))
    return Report(
        "training",
        extract_description(__doc__),
        [
            *_speed_figures(turns),
            *_loading_figures(turns, tried[0]),
            Figure("the seed's way: loader processes that are fastest", best),
            *_decoding_figures(decoding, turns[_OURS]),
            Figure("training pictures", pictures),
        ],
        {
            "single turns": [
                {"way": way, "turn": turn + 1} | _row(one)
                for way, many in turns.items()
                for turn, one in enumerate(many)
            ],
            "the seed's way, by loader processes": [
                {"processes": workers} | _row(one) for workers, one in tried.items()
            ],
        },
    )


def _speed_figures(turns: Mapping[str, Sequence[TimedSteps]]) -> list[Figure]:
    speeds = {way: [one.views_per_second for one in many] for way, many in turns.items()}
    cpu = {way: [one.cost.cpu / one.views for one in many] for way, many in turns.items()}
    return [
        ratio_figure(
            "ours / the seed's way, views a second", speeds[_OURS], speeds[_SEED], _TO_SEED
        ),
        ratio_figure("the seed's way / ours, processor a view", cpu[_SEED], cpu[_OURS]),
        *(median_figure(f"{way}: views a second", speeds[way], "/s") for way in turns),
        *(
            median_figure(f"{way}: processor a view", [1000 * took for took in cpu[way]], "ms")
            for way in turns
        ),
    ]


def _loading_figures(turns: Mapping[str, Sequence[TimedSteps]], inside: TimedSteps) -> list[Figure]:
    shares = {way: [one.loading_share for one in many] for way, many in turns.items()}
    return [
        median_figure("ours: the loader's share of a step", shares[_OURS], target=_LOADING),
        median_figure("the seed's way: waiting for the loader", shares[_SEED]),
        Figure("the seed's way: the loader's share, without processes", inside.loading_share),
    ]


def _decoding_figures(decoding: DecodingCost, ours: Sequence[TimedSteps]) -> list[Figure]:
    each = decoding.cost.wall / decoding.pictures
    a_view = min(one.cost.wall / one.views for one in ours)
    return [
        Figure("ours: decoding a picture, once", 1000 * each, "ms"),
        Figure("ours: decoding, as a share of the first epoch", each / (2 * a_view + each)),
    ]


def _row(stretch: TimedSteps) -> dict[str, object]:
    return {
        "views a second": stretch.views_per_second,
        "wall s": stretch.cost.wall,
        "processor s": stretch.cost.cpu,
        "loader s": stretch.loading_seconds,
    }
