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

from benchmarks.querying import draw_questions
from benchmarks.support.app_process import AppProcess, served
from benchmarks.support.clock import alone
from benchmarks.support.films_1080p import enlarged
from benchmarks.support.load import REFUSED, Crowd, ask_together
from benchmarks.support.report import Figure, Report, Target, about
from benchmarks.support.room import Options as BaseOptions
from benchmarks.support.room import Room
from benchmarks.support.sample_library import indexed_sample
from benchmarks.support.watched_app import Watched, answers, late, told, watch
from whenanime_app.links.preview_links import Place, Tokens, load_secret
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.manifest import latest_id
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


def measure(room: Room, options: Options) -> Report:
    """Measure it all."""
    if options.home is None:
        room.say("drawing and indexing a library")
        home, videos = indexed_sample(room.scratch / "sample")
    else:
        home, videos = options.home / "home", options.home / "videos"
    snapshot = Snapshot(Home(home).snapshots / str(latest_id(Home(home).snapshots)))
    room.say("taking screenshots")
    asked = draw_questions(videos, room.folder("screenshots"), options.frames, options.seed)
    files = [file for _, _, file in asked]
    room.say("making an episode in 1080p")
    episode = snapshot.episodes[0]
    large = room.folder("videos")
    enlarged(videos / episode.path, large / episode.path, options.film)
    with served(home, large) as server:
        alone(ask_together, server.url, files, [Crowd(2, 5)], 1)  # it has been running for a while
        room.say(f"{options.clients} clients")
        few = watch(server, files, [Crowd(options.clients, options.seconds)], options.seed)
        room.say(f"{options.crowd} clients")
        half, seconds = options.crowd // 2, options.crowd_seconds
        crowds = [Crowd(half, seconds), Crowd(options.crowd - half, seconds, _ADDRESSES)]
        many = watch(server, files, crowds, options.seed)
        room.say("previews")
        tokens = Tokens(load_secret(home.resolve() / "app" / "secret"))
        rng = np.random.default_rng()  # those of an earlier run are in the cache
        starts = rng.uniform(0, options.film - _SCENE - 0.5, (2, options.previews))
        small, wide = (
            [cut(server, tokens, episode.content, float(at), size) for at in starts[row]]
            for row, size in enumerate(("m", "l"))
        )
        measured = Measured(
            gallery=snapshot.manifest.count,
            started=server.started,
            few=few,
            many=many,
            small=small,
            wide=wide,
            own=told(lambda: server.own),
            mapped=told(lambda: server.mapped),
            answers=answers(server),
        )
    return Report(
        "load",
        about(__doc__),
        figures_of(measured, options),
        {"few": few.rows(), "crowd": many.rows()},
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it all.

    Attributes:
        gallery: frames that are searched.
        started: seconds from the start to the first answer.
        few: of the clients that are as many as the server is made for.
        many: of those that are too many.
        small: milliseconds of each preview, 320 pixels wide; infinite where there was none.
        wide: likewise, 640 pixels wide.
        own: bytes of its own memory, at the end.
        mapped: bytes of files that it has mapped and are in memory, at the end.
        answers: whether it does, at the end.
    """

    gallery: int
    started: float
    few: Watched
    many: Watched
    small: Sequence[float]
    wide: Sequence[float]
    own: float
    mapped: float
    answers: bool


def figures_of(measured: Measured, options: Options) -> list[Figure]:
    """Return the figures, with what is promised of them."""
    small, wide = measured.small, measured.wide
    return [
        Figure("gallery", measured.gallery, "frames"),
        Figure("start to the first answer", measured.started, "s", target=_START),
        *_few(measured.few, options),
        *_many(measured.many, options),
        Figure("preview, 320 pixels: 95 %", late(small), "ms", _span(small), _PREVIEW),
        Figure("preview, 640 pixels: 95 %", late(wide), "ms", _span(wide)),
        Figure("memory afterwards", measured.own / 1e6, "MB"),
        Figure("mapped files in memory afterwards", measured.mapped / 1e6, "MB"),
        Figure("answers afterwards", int(measured.answers), "", target=Target("=", 1)),
    ]


def _few(few: Watched, options: Options) -> list[Figure]:
    accepted, number = few.accepted, options.clients
    return [
        Figure(f"{number} clients: searches a second", len(accepted) / few.seconds, "",
               target=_RATE),
        Figure(f"{number} clients: median", float(np.median(accepted or [np.inf])), "ms",
               _span(accepted)),
        Figure(f"{number} clients: 95 %", late(accepted), "ms", target=_SLOW),
        Figure(f"{number} clients: refused", len(few.answers) - len(accepted), "", target=_NONE),
        Figure("processor of a search", few.processor / max(1, len(accepted)), "s"),
        Figure(f"{number} clients: memory at its peak", few.peak / 1e6, "MB", target=_MEMORY),
    ]  # fmt: skip


def _many(many: Watched, options: Options) -> list[Figure]:
    accepted, number = many.accepted, options.crowd
    return [
        Figure(f"{number} clients: searches a second", len(accepted) / many.seconds),
        Figure(f"{number} clients: 95 % of the accepted", late(accepted), "ms", _span(accepted),
               _CROWDED),
        Figure(f"{number} clients: told to come again",
               sum(answer.status in REFUSED for answer in many.answers)),
        Figure(f"{number} clients: neither answered nor told", many.broken, "", target=_NONE),
        Figure(f"{number} clients: memory at its peak", many.peak / 1e6, "MB", target=_MEMORY),
    ]  # fmt: skip


def cut(server: AppProcess, tokens: Tokens, content: int, at: float, size: str) -> float:
    """Return the milliseconds that a preview took which nobody has asked for before.

    Infinitely many when there is none.
    """
    token = tokens.sign(Place(content, 0, at, at + _SCENE / 2, at + _SCENE))
    began = perf_counter()
    try:
        httpx.get(f"{server.url}/video/{token}?size={size}&mute", timeout=60).raise_for_status()
    except httpx.HTTPError:
        return inf
    return 1000 * (perf_counter() - began)


def _span(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if values else None
