"""How fast a film is indexed, and with how much memory.

Measures the indexing of Big Buck Bunny at 1080p, as `whenanime index` does it (decode, scale, keep
what is distinct, store, embed, add to the graph), and compares it in one run with the seed's way
(every frame read with OpenCV, full-size pHash, list scan, torch fp32 one by one) and with decoding
alone (PyAV, the same threads, every frame, loop filter on, no conversion), turn and turn about,
each in a fresh process. It shows by counts that a new model does without the videos, and that
memory does not grow over a film of two hours.
"""

from pathlib import Path

from pydantic import Field

from benchmarks.support.clock import alone
from benchmarks.support.films import full_hd, long_film
from benchmarks.support.memory import Quarters, index_and_watch
from benchmarks.support.new_model import Reembedding, reembed
from benchmarks.support.report import Figure, Report, Target, about, median_figure, ratio_figure
from benchmarks.support.room import Options as BaseOptions
from benchmarks.support.room import Room
from benchmarks.support.ways import Pass, decode_alone, index_video, profile_index, seeds_way
from whenanime_pipeline.core.search.embedding.model_files import base_model

_TO_DECODING = Target("≤", 1.5)
_TO_SEED = Target("≥", 2.0)
_GROWTH = Target("≤", 1.1)
"""Of the last quarter's memory to the first's: an allocator's slack, and no more."""
_OURS, _SEED, _DECODING = "ours", "the seed's way", "decoding alone"


class Options(BaseOptions):
    """What can be set."""

    seconds: int = Field(default=40, ge=1, description="of film")
    repeats: int = Field(default=3, ge=1, description="passes of each way")
    hours: float = Field(default=2.0, gt=0, description="of the long film")
    model: Path = Field(default_factory=base_model, description="a model's folder")


def measure(room: Room, options: Options) -> Report:
    """Measure it all."""
    room.say("scaling the film to 1080p, where that was not done before")
    source = room.films("library/**/Big Buck Bunny*.mp4")[0]
    film = full_hd(source, options.seconds, room.cache)
    passes = _passes(room, film, options)
    room.say("looking where the time goes")
    stages = alone(profile_index, film, options.model, room.folder("profile"))
    room.say("embedding anew with the videos gone")
    anew = reembed(room.folder("anew"), options.model)
    room.say(f"indexing a film of {options.hours:g} h")
    long = long_film(room.scratch / "long.mp4", round(options.hours * 3600))
    quarters = alone(index_and_watch, long, options.model, room.folder("long"))
    return Report(
        "indexing",
        about(__doc__),
        [
            *_speed_figures(passes, options.seconds),
            *_anew_figures(anew),
            *_memory_figures(quarters),
        ],
        {
            "single passes": _rows(passes),
            "where our time goes (seconds of the profiled thread)": [
                {"function": name, "seconds": seconds}
                for name, seconds in stages.items()
                if seconds >= 0.01 * sum(stages.values())
            ],
            "memory over the long film": quarters.rows(),
        },
    )


def _passes(room: Room, film: Path, options: Options) -> dict[str, list[Pass]]:
    """Go through the film, turn and turn about: what disturbs the machine disturbs all ways."""
    passes: dict[str, list[Pass]] = {_OURS: [], _SEED: [], _DECODING: []}
    for turn in range(options.repeats):
        room.say(f"turn {turn + 1} of {options.repeats}")
        folder = room.folder(f"turn-{turn}")
        passes[_DECODING].append(alone(decode_alone, film))
        passes[_OURS].append(alone(index_video, film, options.model, folder))
        passes[_SEED].append(alone(seeds_way, film))
    return passes


def _speed_figures(passes: dict[str, list[Pass]], seconds: int) -> list[Figure]:
    wall = {way: [one.cost.wall for one in many] for way, many in passes.items()}
    cpu = {way: [one.cost.cpu for one in many] for way, many in passes.items()}
    ours = passes[_OURS]
    return [
        ratio_figure("ours / decoding alone, wall", wall[_OURS], wall[_DECODING], _TO_DECODING),
        ratio_figure("the seed's way / ours, wall", wall[_SEED], wall[_OURS], _TO_SEED),
        ratio_figure("ours / decoding alone, processor", cpu[_OURS], cpu[_DECODING]),
        ratio_figure("the seed's way / ours, processor", cpu[_SEED], cpu[_OURS]),
        *(
            median_figure(
                f"{way}: {what} a second of film", [took / seconds for took in costs[way]], "s"
            )
            for what, costs in (("wall", wall), ("processor", cpu))
            for way in passes
        ),
        median_figure("ours: loading the model, not counted above", [o.loading for o in ours], "s"),
        median_figure("ours: pictures embedded", [float(one.pictures) for one in ours]),
        median_figure(
            "the seed's way: pictures embedded", [float(p.pictures) for p in passes[_SEED]]
        ),
    ]


def _anew_figures(anew: Reembedding) -> list[Figure]:
    return [
        Figure("a new model: exit code, its videos being gone", anew.exit_code, target=_exactly(0)),
        Figure("a new model: frames files touched", anew.frames_made, target=_exactly(0)),
        Figure("a new model: features files made", anew.made, target=_exactly(anew.episodes)),
        Figure("a new model: published", anew.published, target=_exactly(1)),
    ]


def _memory_figures(quarters: Quarters) -> list[Figure]:
    growth = quarters.own[-1] / quarters.own[0]
    return [
        Figure("long film: seconds indexed", quarters.seconds, "s"),
        Figure("long film: distinct pictures", quarters.pictures),
        Figure("long film: peak of the first quarter", quarters.own[0] / 1e6, "MB"),
        Figure("long film: peak of the last quarter", quarters.own[-1] / 1e6, "MB"),
        Figure("long film: last quarter / first", growth, "×", target=_GROWTH),
        Figure("long film: peak of embedding and graph", quarters.after / 1e6, "MB"),
    ]


def _exactly(number: float) -> Target:
    return Target("=", number)


def _rows(passes: dict[str, list[Pass]]) -> list[dict[str, object]]:
    return [
        {"way": way, "turn": turn + 1, "wall s": one.cost.wall, "processor s": one.cost.cpu}
        for way, many in passes.items()
        for turn, one in enumerate(many)
    ]
