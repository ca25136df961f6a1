"""Robustness against hostile clients.

Sends 10,000 requests to a server on the loopback interface: decompression bombs, corrupt pictures,
polyglots, path traversal, addresses of the server's own network (SSRF), and what schemathesis
generates from the OpenAPI description. An audit hook records each file that the server opens and
each address that it connects to; trap sockets listen on addresses that it must not reach, and it
may fetch pictures from one address alone. Compares with what is required: an answer within 5 s, no
500, no access to files outside the home, no connection to a private address.
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
_PROGRESS_INTERVAL = 200
"""Requests between lines of progress."""
_SHARES = {"schema": 0.35, "broken": 0.3, "paths": 0.15, "headers": 0.08, "addresses": 0.07}
"""Shares of the kinds of requests; bombs and polyglots are sent once each."""


class Options(BaseOptions):
    """Options of the benchmark."""

    requests: int = Field(default=_ALL, ge=100, description="approximate number of requests")
    seed: int = Field(default=0, ge=0, description="seed of the generated requests")
    at_once: int = Field(default=4, ge=1, description="concurrent requests")
    bombs: bool = Field(
        default=True, description="whether to send bombs, which are slow to generate"
    )
    home: Path | None = Field(
        default=None, description="home to attack a copy of; default: a drawn one"
    )
    videos: Path | None = Field(default=None, description="videos folder of the home")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
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
    responses: list[HostileResponse] = []
    peak = 0
    # A folder of its own for temporary files, so that they can be separated from others.
    temporary = str(folder / "inside" / "tmp")
    # Gradio imports matplotlib if it is installed, which writes to the user's home folder.
    environment = {
        "TMPDIR": temporary,
        "MPLCONFIGDIR": temporary,
        "PYTHONPATH": ":".join(_importable()),
    }
    server = AppProcess(command, port=port, environment=environment, folder=folder / "inside")
    with TrapSockets(picture) as traps, server:
        described = httpx.get(f"{server.url}/openapi.json", timeout=30).json()
        requests = _draw_requests(described, traps, options)
        with ThreadPoolExecutor(options.at_once) as pool:
            while batch := list(islice(requests, 4 * options.at_once)):
                responses += pool.map(lambda request: send(request, HOST, server.port), batch)
                peak = max(peak, server.private_bytes)
                if len(responses) % _PROGRESS_INTERVAL < len(batch):
                    room.log(
                        f"{len(responses)} sent, "
                        f"{sum(bool(response.failure) for response in responses)} failed"
                    )
        alive = server.is_alive and httpx.get(f"{server.url}/status", timeout=30).is_success
    touched = [
        *json.loads(notes.read_text(encoding="utf-8")),
        *(f"changed: {path}" for path in _changes(before, _state(folder))),
        *(
            f"sent: {response.request.target!r}"
            for response in responses
            if CANARY.encode() in response.body
        ),
    ]
    figures = _figures(responses, touched, traps, alive, peak)
    return Report("hostile", extract_description(__doc__), figures, {
        "by kind": _rows(responses),
        "failed": [response.to_row() for response in responses if response.failure],
        "touched": [{"what": what} for what in touched],
        "trapped": [{"what": what} for what in traps.connections],
        "tracebacks": [{"line": one} for one in server.output.splitlines() if "Error" in one][:20],
        "slowest": [
            {
                "seconds": round(response.seconds, 2),
                "kind": response.request.kind,
                "name": response.request.name,
            }
            for response in sorted(responses, key=lambda response: -response.seconds)[:10]
        ],
    })  # fmt: skip


def _draw_requests(
    described: dict[str, object], traps: TrapSockets, options: Options
) -> Iterator[HostileRequest]:
    """Yield all requests; `described` is the server's OpenAPI description."""
    count = {kind: int(share * options.requests) for kind, share in _SHARES.items()}
    seed = options.seed
    bombs = bomb_requests() if options.bombs else iter(())
    sources = [
        bombs,
        polyglot_requests(),
        schema_requests(described, count["schema"], seed),
        broken_picture_requests(count["broken"], seed),
        path_requests(count["paths"], seed),
        header_requests(count["headers"], seed),
        address_requests(traps, count["addresses"], seed),
    ]
    sent = 0
    for request in chain(*sources):
        sent += 1
        yield request
    yield from page_requests(max(20, options.requests - sent), seed)


def _figures(
    responses: Sequence[HostileResponse],
    touched: Sequence[str],
    traps: TrapSockets,
    alive: bool,
    peak: int,
) -> list[Figure]:
    wrong = [
        response for response in responses if response.status >= 500 and response.status != 503
    ]
    silent = [response for response in responses if response.problem]
    slow = [response for response in responses if response.seconds > SLOW_SECONDS]
    private = [line for line in touched if line.startswith("connected")]
    return [
        Figure("requests", len(responses), ""),
        Figure("responses with a server error (5xx except 503)", len(wrong), "", target=_NONE),
        Figure("requests without a response", len(silent), "", target=_NONE),
        Figure("responses after more than 5 s", len(slow), "", target=_NONE),
        Figure("slowest response", max(response.seconds for response in responses), "s"),
        Figure("accesses to files outside the home", len(touched) - len(private), "", target=_NONE),
        Figure("connections to private addresses", len(private) + len(traps.connections), "",
               target=_NONE),
        Figure("responses with 503 (retry later)",
               sum(response.status == 503 for response in responses), ""),
        Figure("successful searches", sum(_is_search(response) for response in responses), ""),
        Figure("peak private memory", peak / 1e6, "MB"),
        Figure("server responds afterwards (1 = yes)", int(alive), "", target=Target("=", 1)),
    ]  # fmt: skip


def _is_search(response: HostileResponse) -> bool:
    return response.status == 200 and response.request.target.startswith(b"/search")


def _rows(responses: Sequence[HostileResponse]) -> list[dict[str, object]]:
    kinds: dict[str, list[HostileResponse]] = {}
    for response in responses:
        kinds.setdefault(response.request.kind, []).append(response)
    return [
        {
            "kind": kind,
            "requests": len(own),
            "responses": ", ".join(f"{count}× {code}" for code, count in _codes(own)),
            "failed": sum(bool(response.failure) for response in own),
            "slowest, s": round(max(response.seconds for response in own), 2),
        }
        for kind, own in kinds.items()
    ]


def _codes(responses: Sequence[HostileResponse]) -> list[tuple[int, int]]:
    return Counter(response.status for response in responses).most_common(8)


def _plant_canaries(folder: Path) -> None:
    """Put files around the home that no request may read or change."""
    for place in (folder, folder / "inside"):
        (place / "canary.txt").write_text(CANARY, encoding="utf-8")
        (place / "etc").mkdir()
        (place / "etc" / "passwd").write_text(CANARY, encoding="utf-8")


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and modification time of every file outside the home, by path."""
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
