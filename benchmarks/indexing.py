"""Time and memory of indexing a film.

Measures the indexing of Big Buck Bunny at 1080p, as `whenanime index` does it (decode, scale,
deduplicate, store, embed, add to the HNSW graph). Compares it in turn, each in a fresh process,
with the seed's way (every frame read with OpenCV, pHash at full size, list scan, torch in fp32, one
picture at a time) and with decoding alone (PyAV, the same threads, every frame, loop filter on, no
conversion). Counts files to show that a new model is applied without decoding videos, and traces
the memory over a film of two hours.
"""

from pathlib import Path

from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.films import scale_to_1080p, write_long_film
from benchmarks.support.indexing_variants import (
    IndexingPass,
    decode_only,
    index_like_seed,
    index_video,
    profile_index,
)
from benchmarks.support.memory import MemoryByQuarter, index_with_memory_trace
from benchmarks.support.new_model import Reembedding, reembed
from benchmarks.support.report import (
    Figure,
    Report,
    Target,
    extract_description,
    median_figure,
    ratio_figure,
)
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

_TO_DECODING = Target("≤", 1.5)
_TO_SEED = Target("≥", 2.0)
_GROWTH = Target("≤", 1.1)
"""Peak memory in the film's last quarter over that in its first; 10 % is allocator slack."""
_OURS, _SEED, _DECODING = "ours", "the seed's way", "decoding alone"


class Options(BaseOptions):
    """Options of the benchmark."""

    seconds: int = Field(default=40, ge=1, description="seconds of the film to index")
    repeats: int = Field(default=3, ge=1, description="passes of each variant")
    hours: float = Field(default=2.0, gt=0, description="length of the long film, in hours")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    room.log("scaling the film to 1080p, unless cached")
    source = room.find_films("library/**/Big Buck Bunny*.mp4")[0]
    film = scale_to_1080p(source, options.seconds, room.cache)
    passes = _passes(room, film, options)
    room.log("profiling")
    stages = run_in_fresh_process(profile_index, film, options.model, room.make_folder("profile"))
    room.log("embedding again, with unreadable videos")
    again = reembed(room.make_folder("again"), options.model)
    room.log(f"indexing a film of {options.hours:g} h")
    long = write_long_film(room.scratch / "long.mp4", round(options.hours * 3600))
    quarters = run_in_fresh_process(
        index_with_memory_trace, long, options.model, room.make_folder("long")
    )
    return Report(
        "indexing",
        extract_description(__doc__),
        [
            *_speed_figures(passes, options.seconds),
            *_reembedding_figures(again),
            *_memory_figures(quarters),
        ],
        {
            "single passes": _rows(passes),
            "profile of ours (seconds of the main thread)": [
                {"function": name, "seconds": seconds}
                for name, seconds in stages.items()
                if seconds >= 0.01 * sum(stages.values())
            ],
            "memory over the long film": quarters.to_rows(),
        },
    )


def _passes(room: BenchmarkContext, film: Path, options: Options) -> dict[str, list[IndexingPass]]:
    """Index the film by each variant in turn, so that a busy machine slows down all of them."""
    passes: dict[str, list[IndexingPass]] = {_OURS: [], _SEED: [], _DECODING: []}
    for turn in range(options.repeats):
        room.log(f"turn {turn + 1} of {options.repeats}")
        folder = room.make_folder(f"turn-{turn}")
        passes[_DECODING].append(run_in_fresh_process(decode_only, film))
        passes[_OURS].append(run_in_fresh_process(index_video, film, options.model, folder))
        passes[_SEED].append(run_in_fresh_process(index_like_seed, film))
    return passes


def _speed_figures(passes: dict[str, list[IndexingPass]], seconds: int) -> list[Figure]:
    wall = {way: [one.cost.wall for one in many] for way, many in passes.items()}
    cpu = {way: [one.cost.cpu for one in many] for way, many in passes.items()}
    ours = passes[_OURS]
    return [
        ratio_figure(
            "ours / decoding alone, wall time", wall[_OURS], wall[_DECODING], _TO_DECODING
        ),
        ratio_figure("the seed's way / ours, wall time", wall[_SEED], wall[_OURS], _TO_SEED),
        ratio_figure("ours / decoding alone, CPU time", cpu[_OURS], cpu[_DECODING]),
        ratio_figure("the seed's way / ours, CPU time", cpu[_SEED], cpu[_OURS]),
        *(
            median_figure(
                f"{way}: {what} per second of film", [took / seconds for took in costs[way]], "s"
            )
            for what, costs in (("wall time", wall), ("CPU time", cpu))
            for way in passes
        ),
        median_figure(
            "ours: loading the model, not included above", [o.load_seconds for o in ours], "s"
        ),
        median_figure("ours: pictures embedded", [float(one.pictures) for one in ours]),
        median_figure(
            "the seed's way: pictures embedded", [float(p.pictures) for p in passes[_SEED]]
        ),
    ]


def _reembedding_figures(again: Reembedding) -> list[Figure]:
    return [
        Figure("new model, videos unreadable: exit code", again.exit_code, target=_exactly(0)),
        Figure("new model: frames files written", again.frames_made, target=_exactly(0)),
        Figure(
            "new model: features files written",
            again.features_made,
            target=_exactly(again.episodes),
        ),
        Figure("new model: published (1 = yes)", again.published, target=_exactly(1)),
    ]


def _memory_figures(quarters: MemoryByQuarter) -> list[Figure]:
    growth = quarters.private_bytes[-1] / quarters.private_bytes[0]
    return [
        Figure("long film: indexed length", quarters.seconds, "s"),
        Figure("long film: distinct pictures", quarters.pictures),
        Figure("long film: peak memory, first quarter", quarters.private_bytes[0] / 1e6, "MB"),
        Figure("long film: peak memory, last quarter", quarters.private_bytes[-1] / 1e6, "MB"),
        Figure("long film: peak memory, last quarter / first", growth, "×", target=_GROWTH),
        Figure(
            "long film: peak memory while embedding and indexing",
            quarters.embedding_peak_bytes / 1e6,
            "MB",
        ),
    ]


def _exactly(number: float) -> Target:
    return Target("=", number)


def _rows(passes: dict[str, list[IndexingPass]]) -> list[dict[str, object]]:
    return [
        {"variant": way, "turn": turn + 1, "wall, s": one.cost.wall, "CPU, s": one.cost.cpu}
        for way, many in passes.items()
        for turn, one in enumerate(many)
    ]
