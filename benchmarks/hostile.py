"""What strangers can break who mean harm.

Sends 10,000 requests to a server on the loopback: bombs, broken pictures and polyglots, paths that
would leave a folder, addresses of its own network, what schemathesis makes of its description. The
server notes each file that it opens and each address that it connects to; sockets that nothing may
connect to listen, and a picture may be fetched from one address alone. Compares what came of them
with what shall: an answer within 5 s, no 500, no file outside of its home, no private address.
"""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

import httpx
from pydantic import Field

from benchmarks.support.app_process import HOST, AppProcess, free_port
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.hostile.addresses import TrapSockets, address_requests
from benchmarks.support.hostile.hostile_request import (
    SLOW_SECONDS,
    HostileRequest,
    HostileResponse,
    send,
)
from benchmarks.support.hostile.paths import CANARY, header_requests, page_requests, path_requests
from benchmarks.support.hostile.pictures import (
    bomb_requests,
    broken_picture_requests,
    polyglot_requests,
)
from benchmarks.support.hostile.schema import schema_requests
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.sample_library import index_sample
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_pictures
from whenanime_pipeline.core.media.picture_codec import encode_jpeg

_NONE, _ALL = Target("=", 0), 10_000
_PROGRESS_INTERVAL = 200  # requests between lines of progress
# Shares of the kinds; bombs and polyglots come once each.
_SHARES = {"schema": 0.35, "broken": 0.3, "paths": 0.15, "headers": 0.08, "addresses": 0.07}


class Options(BaseOptions):
    """What can be set."""

    requests: int = Field(default=_ALL, ge=100, description="sent, about")
    seed: int = Field(default=0, ge=0, description="of all that is made up")
    at_once: int = Field(default=4, ge=1, description="requests under way")
    bombs: bool = Field(default=True, description="send bombs, which are slow to make")
    home: Path | None = Field(default=None, description="a home to attack a copy of")
    videos: Path | None = Field(default=None, description="its videos")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
    home, videos = options.home, options.videos
    if home is None or videos is None:
        room.log("drawing and indexing a library")
        home, videos = index_sample(room.scratch / "sample")
    folder = room.make_folder("attacked")
    shutil.copytree(home, folder / "inside" / "home")
    (folder / "inside" / "tmp").mkdir()
    _plant_canaries(folder)
    before = _state(folder)
    picture = encode_jpeg(next(iter(draw_random_pictures(1, (320, 180), seed=1))))
    notes = folder / "notes.json"
    port = free_port()
    arguments = [str(folder / "inside" / "home"), str(videos.resolve()), str(port), str(notes)]
    command = [sys.executable, "-m", "benchmarks.support.hostile.audited_server", *arguments]
    hits: list[HostileResponse] = []
    peak = 0
    # Its temporary files lie beside the home, where nothing else is.
    temporary = str(folder / "inside" / "tmp")
    # Gradio imports matplotlib where it is installed, which writes to the user's own folder.
    environment = {
        "TMPDIR": temporary,
        "MPLCONFIGDIR": temporary,
        "PYTHONPATH": ":".join(_importable()),
    }
    server = AppProcess(command, port=port, environment=environment, folder=folder / "inside")
    with TrapSockets(picture) as traps, server:
        described = httpx.get(f"{server.url}/openapi.json", timeout=30).json()
        shots = _draw_requests(described, traps, options)
        with ThreadPoolExecutor(options.at_once) as pool:
            while batch := list(islice(shots, 4 * options.at_once)):
                hits += pool.map(lambda shot: send(shot, HOST, server.port), batch)
                peak = max(peak, server.private_bytes)
                if len(hits) % _PROGRESS_INTERVAL < len(batch):
                    room.log(f"{len(hits)} sent, {sum(bool(hit.failure) for hit in hits)} failed")
        alive = server.is_alive and httpx.get(f"{server.url}/status", timeout=30).is_success
    touched = [
        *json.loads(notes.read_text(encoding="utf-8")),
        *(f"changed: {path}" for path in _changes(before, _state(folder))),
        *(f"sent: {hit.request.target!r}" for hit in hits if CANARY.encode() in hit.body),
    ]
    return Report("hostile", extract_description(__doc__), _figures(hits, touched, traps, alive, peak), {
        "by kind": _rows(hits),
        "failed": [hit.to_row() for hit in hits if hit.failure],
        "touched": [{"what": what} for what in touched],
        "trapped": [{"what": what} for what in traps.connections],
        "tracebacks": [{"line": line} for line in server.output.splitlines() if "Error" in line][:20],
        "slowest": [
            {"seconds": round(hit.seconds, 2), "kind": hit.request.kind, "name": hit.request.name}
            for hit in sorted(hits, key=lambda hit: -hit.seconds)[:10]
        ],
    })  # fmt: skip


def _draw_requests(
    described: dict[str, object], traps: TrapSockets, options: Options
) -> Iterator[HostileRequest]:
    count = {kind: int(share * options.requests) for kind, share in _SHARES.items()}
    seed = options.seed
    bombs = bomb_requests() if options.bombs else iter(())
    ways = [
        bombs,
        polyglot_requests(),
        schema_requests(described, count["schema"], seed),
        broken_picture_requests(count["broken"], seed),
        path_requests(count["paths"], seed),
        header_requests(count["headers"], seed),
        address_requests(traps, count["addresses"], seed),
    ]
    sent = 0
    for shot in chain(*ways):
        sent += 1
        yield shot
    yield from page_requests(max(20, options.requests - sent), seed)


def _figures(
    hits: Sequence[HostileResponse],
    touched: Sequence[str],
    traps: TrapSockets,
    alive: bool,
    peak: int,
) -> list[Figure]:
    wrong = [hit for hit in hits if hit.status >= 500 and hit.status != 503]
    silent = [hit for hit in hits if hit.problem]
    slow = [hit for hit in hits if hit.seconds > SLOW_SECONDS]
    private = [line for line in touched if line.startswith("connected")]
    return [
        Figure("requests", len(hits), ""),
        Figure("answers of 500 and the like", len(wrong), "", target=_NONE),
        Figure("requests without an answer", len(silent), "", target=_NONE),
        Figure("answers after more than 5 s", len(slow), "", target=_NONE),
        Figure("the slowest answer", max(hit.seconds for hit in hits), "s"),
        Figure("files outside of the home", len(touched) - len(private), "", target=_NONE),
        Figure("connections to private addresses", len(private) + len(traps.connections), "",
               target=_NONE),
        Figure("told to come again: 503", sum(hit.status == 503 for hit in hits), ""),
        Figure("searches that were answered", sum(_is_search(hit) for hit in hits), ""),
        Figure("memory at its peak", peak / 1e6, "MB"),
        Figure("answers afterwards", int(alive), "", target=Target("=", 1)),
    ]  # fmt: skip


def _is_search(hit: HostileResponse) -> bool:
    return hit.status == 200 and hit.request.target.startswith(b"/search")


def _rows(hits: Sequence[HostileResponse]) -> list[dict[str, object]]:
    kinds: dict[str, list[HostileResponse]] = {}
    for hit in hits:
        kinds.setdefault(hit.request.kind, []).append(hit)
    return [
        {
            "kind": kind,
            "requests": len(own),
            "answers": ", ".join(f"{count}× {code}" for code, count in _codes(own)),
            "failed": sum(bool(hit.failure) for hit in own),
            "slowest, s": round(max(hit.seconds for hit in own), 2),
        }
        for kind, own in kinds.items()
    ]


def _codes(hits: Sequence[HostileResponse]) -> list[tuple[int, int]]:
    return Counter(hit.status for hit in hits).most_common(8)


def _plant_canaries(folder: Path) -> None:
    """Put files around the home that nobody may see or change."""
    for place in (folder, folder / "inside"):
        (place / "canary.txt").write_text(CANARY, encoding="utf-8")
        (place / "etc").mkdir()
        (place / "etc" / "passwd").write_text(CANARY, encoding="utf-8")


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file around the home, which is left out with its notes."""
    inside = folder / "inside"
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
        and path != folder / "notes.json"
        and not path.is_relative_to(inside / "home")
        and not path.is_relative_to(inside / "tmp")
    }


def _changes(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> list[str]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def _importable() -> list[str]:
    return [str(Path(__file__).resolve().parents[1]), *(path for path in sys.path if path)]
