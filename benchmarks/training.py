"""Throughput of training, and the share of time spent on loading data.

Measures views per second (a picture and its augmented view, through the forward and backward pass
and the optimiser) as `whenanime train --recipe seed` does it: frames decoded once, augmented as
batched tensors. Compares in turn, each in a fresh process, with the seed's way: JPEG files,
torchvision transforms of single PIL pictures, a DataLoader, fp32; the same network, batch, size and
frames, and the fastest number of loader processes. The loader's share is the time without a batch
to train on.
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
"""Numbers of loader processes to try for the seed's way."""


class Options(BaseOptions):
    """Options of the benchmark."""

    backbone: str = Field(default="resnet18", description="torchvision network")
    size: int = Field(default=224, ge=32, description="side of the views, in pixels")
    batch: int = Field(default=64, ge=2, description="pictures per batch; twice as many views")
    warm_up: int = Field(default=1, ge=1, description="warm-up steps")
    steps: int = Field(default=3, ge=1, description="timed steps per turn")
    repeats: int = Field(default=5, ge=1, description="turns of each variant")
    frames: int = Field(default=40, ge=1, description="frames of each film, before deduplication")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
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
            Figure("the seed's way: fastest number of loader processes", best),
            *_decoding_figures(decoding, turns[_OURS]),
            Figure("training pictures", pictures),
        ],
        {
            "single turns": [
                {"variant": way, "turn": turn + 1} | _row(one)
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
            "ours / the seed's way, views per second", speeds[_OURS], speeds[_SEED], _TO_SEED
        ),
        ratio_figure("the seed's way / ours, CPU time per view", cpu[_SEED], cpu[_OURS]),
        *(median_figure(f"{way}: throughput", speeds[way], "views/s") for way in turns),
        *(
            median_figure(f"{way}: CPU time per view", [1000 * took for took in cpu[way]], "ms")
            for way in turns
        ),
    ]


def _loading_figures(turns: Mapping[str, Sequence[TimedSteps]], inside: TimedSteps) -> list[Figure]:
    shares = {way: [one.loading_share for one in many] for way, many in turns.items()}
    return [
        median_figure("ours: the loader's share of a step", shares[_OURS], target=_LOADING),
        median_figure("the seed's way: share of a step waiting for the loader", shares[_SEED]),
        Figure(
            "the seed's way: the loader's share, without loader processes", inside.loading_share
        ),
    ]


def _decoding_figures(decoding: DecodingCost, ours: Sequence[TimedSteps]) -> list[Figure]:
    each = decoding.cost.wall / decoding.pictures
    a_view = min(one.cost.wall / one.views for one in ours)
    return [
        Figure("ours: decoding a picture (once)", 1000 * each, "ms"),
        Figure("ours: decoding, as a share of the first epoch", each / (2 * a_view + each)),
    ]


def _row(stretch: TimedSteps) -> dict[str, object]:
    return {
        "views/s": stretch.views_per_second,
        "wall, s": stretch.cost.wall,
        "CPU, s": stretch.cost.cpu,
        "loading, s": stretch.loading_seconds,
    }
