"""Throughput and latency of a server, under normal load and overload.

Measures a server as `whenanime serve` runs it: 8 clients in a closed loop, each with a random clean
or edited query (15 edits); 200 such clients; uncached previews at random seconds of an episode in
1080p; start-up time and memory. Compares with the targets, and the overload with the normal load.
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
_SCENE = 3.0
"""Length of a preview, in seconds."""


class Options(BaseOptions):
    """Options of the benchmark."""

    home: Path | None = Field(
        default=None, description="folder made by the benchmark `querying`; default: a small one"
    )
    clients: int = Field(default=8, ge=1, description="clients under normal load")
    seconds: float = Field(default=60, gt=0, description="duration of the normal load, in seconds")
    crowd: int = Field(default=200, ge=2, description="clients under overload")
    crowd_seconds: float = Field(
        default=30, gt=0, description="duration of the overload, in seconds"
    )
    frames: int = Field(default=24, ge=1, description="query frames, each clean and with 15 edits")
    previews: int = Field(default=40, ge=1, description="previews of each size")
    film: float = Field(default=60, gt=4, description="length of the episode in 1080p, in seconds")
    seed: int = Field(default=0, ge=0, description="seed of the queries")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    if options.home is None:
        room.log("drawing and indexing a library")
        home, videos = index_sample(room.scratch / "sample")
    else:
        home, videos = options.home / "home", options.home / "videos"
    snapshot = Snapshot(Home(home).snapshots / str(read_latest_id(Home(home).snapshots)))
    room.log("taking screenshots")
    queries = write_queries(videos, room.make_folder("screenshots"), options.frames, options.seed)
    files = [file for _, _, file in queries]
    room.log("making an episode in 1080p")
    episode = snapshot.episodes[0]
    large = room.make_folder("videos")
    write_1080p_film(videos / episode.path, large / episode.path, options.film)
    with start_app(home, large) as server:
        # Warm-up.
        run_in_fresh_process(run_clients, server.url, files, [ClientGroup(2, 5)], 1)
        room.log(f"{options.clients} clients")
        regular = measure_load(
            server, files, [ClientGroup(options.clients, options.seconds)], options.seed
        )
        room.log(f"{options.crowd} clients")
        half, seconds = options.crowd // 2, options.crowd_seconds
        crowds = [
            ClientGroup(half, seconds),
            ClientGroup(options.crowd - half, seconds, _ADDRESSES),
        ]
        crowd = measure_load(server, files, crowds, options.seed)
        room.log("previews")
        tokens = PreviewLinkSigner(load_or_create_secret(home.resolve() / "app" / "secret"))
        rng = np.random.default_rng()  # unseeded, as an earlier run's previews are cached
        starts = rng.uniform(0, options.film - _SCENE - 0.5, (2, options.previews))
        small, wide = (
            [time_preview(server, tokens, episode.content, float(at), size) for at in starts[row]]
            for row, size in enumerate(("m", "l"))
        )
        measured = LoadReport(
            gallery=snapshot.manifest.vector_count,
            startup_seconds=server.startup_seconds,
            regular=regular,
            crowd=crowd,
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
        {"normal load": regular.to_rows(), "overload": crowd.to_rows()},
    )


@dataclass(frozen=True, slots=True)
class LoadReport:
    """All measurements.

    Attributes:
        gallery: number of indexed frames.
        startup_seconds: seconds from the start of the process to the first response.
        regular: run under normal load.
        crowd: run under overload.
        narrow_previews: milliseconds of each preview at 320 pixels; infinite where it failed.
        wide_previews: milliseconds of each preview at 640 pixels.
        private_bytes: private memory at the end.
        mapped_bytes: resident bytes of mapped files at the end.
        is_responding: whether the server responds at the end.
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
    """Return the figures with their targets."""
    small, wide = measured.narrow_previews, measured.wide_previews
    return [
        Figure("gallery", measured.gallery, "frames"),
        Figure("start-up to the first response", measured.startup_seconds, "s", target=_START),
        *_regular_figures(measured.regular, options),
        *_crowd_figures(measured.crowd, options),
        Figure(
            "preview, 320 pixels: 95th percentile",
            percentile_95(small),
            "ms",
            _span(small),
            _PREVIEW,
        ),
        Figure("preview, 640 pixels: 95th percentile", percentile_95(wide), "ms", _span(wide)),
        Figure("private memory afterwards", measured.private_bytes / 1e6, "MB"),
        Figure("resident mapped files afterwards", measured.mapped_bytes / 1e6, "MB"),
        Figure(
            "server responds afterwards (1 = yes)",
            int(measured.is_responding),
            "",
            target=Target("=", 1),
        ),
    ]


def _regular_figures(regular: LoadRun, options: Options) -> list[Figure]:
    accepted, number = regular.accepted_milliseconds, options.clients
    return [
        Figure(f"{number} clients: throughput", len(accepted) / regular.seconds, "searches/s",
               target=_RATE),
        Figure(f"{number} clients: latency, median", float(np.median(accepted or [np.inf])), "ms",
               _span(accepted)),
        Figure(f"{number} clients: latency, 95th percentile", percentile_95(accepted), "ms",
               target=_SLOW),
        Figure(f"{number} clients: refused", len(regular.responses) - len(accepted), "",
               target=_NONE),
        Figure("CPU time per search", regular.cpu_seconds / max(1, len(accepted)), "s"),
        Figure(f"{number} clients: peak private memory", regular.peak_bytes / 1e6, "MB",
               target=_MEMORY),
    ]  # fmt: skip


def _crowd_figures(crowd: LoadRun, options: Options) -> list[Figure]:
    accepted, number = crowd.accepted_milliseconds, options.crowd
    return [
        Figure(f"{number} clients: throughput", len(accepted) / crowd.seconds, "searches/s"),
        Figure(f"{number} clients: latency of the accepted, 95th percentile",
               percentile_95(accepted), "ms", _span(accepted),
               _CROWDED),
        Figure(f"{number} clients: refused with Retry-After",
               sum(answer.status in REFUSAL_CODES for answer in crowd.responses)),
        Figure(f"{number} clients: failed",
               crowd.broken_count, "", target=_NONE),
        Figure(f"{number} clients: peak private memory",
               crowd.peak_bytes / 1e6, "MB", target=_MEMORY),
    ]  # fmt: skip


def time_preview(
    server: AppProcess, tokens: PreviewLinkSigner, content: int, at: float, size: str
) -> float:
    """Request an uncached preview and return its milliseconds; infinite if it fails.

    Args:
        server: server to request it from.
        tokens: signs the link.
        content: ordinal of the content.
        at: start of the preview, in seconds.
        size: size of the preview, `m` (320 pixels) or `l` (640 pixels).
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
