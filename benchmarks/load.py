"""How many searches a server answers, and what becomes of those that are too many.

Measures a server of a home, as `whenanime serve` runs it: eight clients that search all the time
with screenshots as people make them, clean and after 15 edits; two hundred such clients; previews
at random seconds of an episode in 1080p; its start and its memory. Compares what is answered with
what is promised, and the crowd with the eight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import perf_counter

import httpx
import numpy as np
from pydantic import Field

from benchmarks.querying import write_queries
from benchmarks.support.app_process import AppProcess, start_app
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.films_1080p import write_1080p_film
from benchmarks.support.load_generator import REFUSAL_CODES, ClientGroup, run_clients
from benchmarks.support.load_measurement import (
    LoadRun,
    is_responding,
    measure_load,
    percentile_95,
    read_or_zero,
)
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.sample_library import index_sample
from whenanime_app.links.preview_links import FrameRef, PreviewLinkSigner, load_or_create_secret
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_RATE, _SLOW, _CROWDED = Target("≥", 12), Target("≤", 800), Target("≤", 3000)
_PREVIEW, _START, _MEMORY = Target("≤", 700), Target("≤", 5), Target("≤", 600)
_NONE = Target("=", 0)
_ADDRESSES = tuple(f"198.51.100.{number}" for number in range(20))
_SCENE = 3.0  # seconds of a preview


class Options(BaseOptions):
    """What can be set."""

    home: Path | None = Field(
        default=None, description="a folder as the benchmark `querying` makes it; else a small one"
    )
    clients: int = Field(default=8, ge=1, description="that search all the time")
    seconds: float = Field(default=60, gt=0, description="for which they do")
    crowd: int = Field(default=200, ge=2, description="clients that are too many")
    crowd_seconds: float = Field(default=30, gt=0, description="for which they search")
    frames: int = Field(default=24, ge=1, description="asked for, each in 16 ways")
    previews: int = Field(default=40, ge=1, description="cut, of each size")
    film: float = Field(default=60, gt=4, description="seconds of the episode in 1080p")
    seed: int = Field(default=0, ge=0, description="of what is asked for")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
    if options.home is None:
        room.log("drawing and indexing a library")
        home, videos = index_sample(room.scratch / "sample")
    else:
        home, videos = options.home / "home", options.home / "videos"
    snapshot = Snapshot(Home(home).snapshots / str(read_latest_id(Home(home).snapshots)))
    room.log("taking screenshots")
    asked = write_queries(videos, room.make_folder("screenshots"), options.frames, options.seed)
    files = [file for _, _, file in asked]
    room.log("making an episode in 1080p")
    episode = snapshot.episodes[0]
    large = room.make_folder("videos")
    write_1080p_film(videos / episode.path, large / episode.path, options.film)
    with start_app(home, large) as server:
        run_in_fresh_process(
            run_clients, server.url, files, [ClientGroup(2, 5)], 1
        )  # it has been running for a while
        room.log(f"{options.clients} clients")
        few = measure_load(
            server, files, [ClientGroup(options.clients, options.seconds)], options.seed
        )
        room.log(f"{options.crowd} clients")
        half, seconds = options.crowd // 2, options.crowd_seconds
        crowds = [
            ClientGroup(half, seconds),
            ClientGroup(options.crowd - half, seconds, _ADDRESSES),
        ]
        many = measure_load(server, files, crowds, options.seed)
        room.log("previews")
        tokens = PreviewLinkSigner(load_or_create_secret(home.resolve() / "app" / "secret"))
        rng = np.random.default_rng()  # those of an earlier run are in the cache
        starts = rng.uniform(0, options.film - _SCENE - 0.5, (2, options.previews))
        small, wide = (
            [time_preview(server, tokens, episode.content, float(at), size) for at in starts[row]]
            for row, size in enumerate(("m", "l"))
        )
        measured = LoadReport(
            gallery=snapshot.manifest.vector_count,
            startup_seconds=server.startup_seconds,
            regular=few,
            crowd=many,
            narrow_previews=small,
            wide_previews=wide,
            private_bytes=read_or_zero(lambda: server.private_bytes),
            mapped_bytes=read_or_zero(lambda: server.mapped_bytes),
            is_responding=is_responding(server),
        )
    return Report(
        "load",
        extract_description(__doc__),
        build_figures(measured, options),
        {"few": few.to_rows(), "crowd": many.to_rows()},
    )


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What came of it all.

    Attributes:
        gallery: frames that are searched.
        startup_seconds: seconds from the start to the first answer.
        regular: of the clients that are as many as the server is made for.
        crowd: of those that are too many.
        narrow_previews: milliseconds of each preview at 320 pixels; infinite where there was none.
        wide_previews: likewise, 640 pixels wide.
        private_bytes: bytes of its own memory, at the end.
        mapped_bytes: bytes of files that it has mapped and are in memory, at the end.
        is_responding: whether it does, at the end.
    """

    gallery: int
    startup_seconds: float
    regular: LoadRun
    crowd: LoadRun
    narrow_previews: Sequence[float]
    wide_previews: Sequence[float]
    private_bytes: float
    mapped_bytes: float
    is_responding: bool


def build_figures(measured: LoadReport, options: Options) -> list[Figure]:
    """Return the figures, with what is promised of them."""
    small, wide = measured.narrow_previews, measured.wide_previews
    return [
        Figure("gallery", measured.gallery, "frames"),
        Figure("start to the first answer", measured.startup_seconds, "s", target=_START),
        *_few(measured.regular, options),
        *_many(measured.crowd, options),
        Figure("preview, 320 pixels: 95 %", percentile_95(small), "ms", _span(small), _PREVIEW),
        Figure("preview, 640 pixels: 95 %", percentile_95(wide), "ms", _span(wide)),
        Figure("memory afterwards", measured.private_bytes / 1e6, "MB"),
        Figure("mapped files in memory afterwards", measured.mapped_bytes / 1e6, "MB"),
        Figure("answers afterwards", int(measured.is_responding), "", target=Target("=", 1)),
    ]


def _few(few: LoadRun, options: Options) -> list[Figure]:
    accepted, number = few.accepted_milliseconds, options.clients
    return [
        Figure(f"{number} clients: searches a second", len(accepted) / few.seconds, "",
               target=_RATE),
        Figure(f"{number} clients: median", float(np.median(accepted or [np.inf])), "ms",
               _span(accepted)),
        Figure(f"{number} clients: 95 %", percentile_95(accepted), "ms", target=_SLOW),
        Figure(f"{number} clients: refused", len(few.responses) - len(accepted), "", target=_NONE),
        Figure("processor of a search", few.cpu_seconds / max(1, len(accepted)), "s"),
        Figure(f"{number} clients: memory at its peak", few.peak_bytes / 1e6, "MB", target=_MEMORY),
    ]  # fmt: skip


def _many(many: LoadRun, options: Options) -> list[Figure]:
    accepted, number = many.accepted_milliseconds, options.crowd
    return [
        Figure(f"{number} clients: searches a second", len(accepted) / many.seconds),
        Figure(f"{number} clients: 95 % of the accepted",
               percentile_95(accepted), "ms", _span(accepted),
               _CROWDED),
        Figure(f"{number} clients: asked to retry",
               sum(answer.status in REFUSAL_CODES for answer in many.responses)),
        Figure(f"{number} clients: neither answered nor asked to retry",
               many.broken_count, "", target=_NONE),
        Figure(f"{number} clients: memory at its peak",
               many.peak_bytes / 1e6, "MB", target=_MEMORY),
    ]  # fmt: skip


def time_preview(
    server: AppProcess, tokens: PreviewLinkSigner, content: int, at: float, size: str
) -> float:
    """Return the milliseconds that a preview took which nobody has asked for before.

    Infinitely many when there is none.
    """
    token = tokens.sign(FrameRef(content, 0, at, at + _SCENE / 2, at + _SCENE))
    began = perf_counter()
    try:
        httpx.get(f"{server.url}/video/{token}?size={size}&mute", timeout=60).raise_for_status()
    except httpx.HTTPError:
        return inf
    return 1000 * (perf_counter() - began)


def _span(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if values else None
