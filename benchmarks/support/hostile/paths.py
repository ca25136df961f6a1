"""Requests with path traversal, false headers, and forms that name files."""

import json
from collections.abc import Iterator

import numpy as np

from benchmarks.support.hostile.hostile_request import HostileRequest

CANARY = "canary-7f3a"
"""Content of the files outside the home, which no response may contain."""

_ROUTES = (
    *(b"/image/", b"/video/", b"/static/", b"/assets/", b"/svelte/", b"/gradio_api/file="),
    *(b"/gradio_api/file/", b"/api/v1/series/", b"/api/v1/episodes/", b"/", b"/file=", b"/docs/"),
    *(b"/gradio_api/custom_component/", b"/gradio_api/stream/", b"/search/", b"/anilist/"),
)
_UP = (
    b"../",
    b"..%2f",
    b"%2e%2e/",
    b"%2e%2e%2f",
    b"..%5c",
    b"..\\",
    b"....//",
    b"..;/",
    b"%252e%252e%252f",
)
_ENDS = (b"etc/passwd", b"canary.txt", b"app/secret", b"snapshots/LATEST", b"proc/self/environ")
_ODD = (
    b"%00",
    b"%ff%fe",
    b"%c0%ae%c0%ae/",
    b"%",
    b"%zz",
    b"&size=l",
    b"&size=x",
    b"?size=9",
    b"~",
    b"//",
)
_METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"BREW")
_HEADERS = (
    (b"Host", b"evil.example"), (b"Host", b"[::1"), (b"Host", b"a b\xff"), (b"Host", b""),
    (b"X-Forwarded-For", b"127.0.0.1"), (b"X-Forwarded-For", b"," * 2000),
    (b"X-Forwarded-Host", b"evil.example/../"), (b"X-Forwarded-Proto", b"javascript"),
    (b"X-Forwarded-For", b"\xff\xfe"), (b"Forwarded", b"for=127.0.0.1"),
    (b"Range", b"bytes=0-1,2-3,4-5"), (b"Range", b"bytes=-99999999999"), (b"Range", b"x=1"),
    (b"If-None-Match", b"*"), (b"If-None-Match", b'W/"' + b"x" * 4000),
    (b"Content-Length", b"-1"), (b"Content-Length", b"99999999999999999999"),
    (b"Content-Length", b"1_0"), (b"Transfer-Encoding", b"chunked"), (b"Expect", b"100-continue"),
    (b"Content-Type", b"multipart/form-data"), (b"Content-Type", b"multipart/form-data; boundary="),
    (b"Content-Type", b"image/" + b"x" * 4000), (b"Accept-Language", b"zh;q=x," * 500),
    (b"Cookie", b"a=" + b"b" * 4000), (b"Origin", b"null"), (b"Upgrade", b"websocket"),
    (b"Accept-Encoding", b"gzip;q=nan"), (b"Authorization", b"Basic !!!"),
    (b"X-Trace-Key", b"\x80"), (b"If-Modified-Since", b"x"),
)  # fmt: skip
_UPLOAD = b"/gradio_api/upload"
_FORM = b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\nx\r\n--b--\r\n'
_JSON = (b"Content-Type", b"application/json")


def path_requests(count: int, seed: int) -> Iterator[HostileRequest]:
    """Yield requests with path traversal.

    Args:
        count: number of requests.
        seed: seed of the paths.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        route = _ROUTES[number % len(_ROUTES)]
        up = _UP[int(rng.integers(len(_UP)))] * int(rng.integers(1, 9))
        path = route + up + _ENDS[int(rng.integers(len(_ENDS)))]
        for _ in range(int(rng.integers(3))):
            place = int(rng.integers(len(route), len(path) + 1))
            path = path[:place] + _ODD[int(rng.integers(len(_ODD)))] + path[place:]
        headers = [_HEADERS[int(rng.integers(len(_HEADERS)))]] if rng.random() < 0.5 else []
        method = _METHODS[int(rng.integers(len(_METHODS)))] if rng.random() < 0.3 else b"GET"
        yield HostileRequest("paths and headers", route.decode(), path, method, headers)


def header_requests(count: int, seed: int) -> Iterator[HostileRequest]:
    """Yield requests for existing resources with malformed or false headers."""
    targets = (
        b"/search",
        b"/status",
        b"/me",
        b"/",
        b"/anilist",
        b"/image/x",
        b"/gradio_api/upload",
    )
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        chosen = rng.choice(len(_HEADERS), int(rng.integers(1, 4)), replace=False)
        method = _METHODS[int(rng.integers(len(_METHODS)))]
        yield HostileRequest(
            "paths and headers", "odd headers", targets[number % len(targets)], method,
            [_HEADERS[one] for one in chosen], rng.bytes(20) if method == b"POST" else b"",
        )  # fmt: skip


def page_requests(count: int, seed: int) -> Iterator[HostileRequest]:
    """Yield requests of a manipulated page: forms and API calls with hostile values."""
    files = ("/etc/passwd", "../canary.txt", "canary.txt", "/proc/self/mem", "\0", "a" * 5000, "")
    names = (b"../../x", b"/etc/x", b"..\\x", b"\0", b"x" * 300, b"con", b"%2e%2e%2fx", b"\xff")
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        path = files[int(rng.integers(len(files)))]
        call = {
            "fn_index": int(rng.integers(-2, 12)),
            "session_hash": "x" * int(rng.integers(40)),
            "trigger_id": 1,
            "event_data": {"path": path, "id": [path], "url": path},
            "data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, path, None][
                : int(rng.integers(4))
            ],
        }
        name = names[int(rng.integers(len(names)))]
        yield (
            HostileRequest("page", "call", b"/gradio_api/queue/join", b"POST", [_JSON],
                 json.dumps(call).encode()),
            HostileRequest("page", "upload", _UPLOAD, b"POST",
                 [(b"Content-Type", b"multipart/form-data; boundary=b")], _FORM % name),
            HostileRequest("page", "no JSON", b"/gradio_api/queue/join", b"POST", [_JSON],
                 bytes(rng.bytes(50))),
            HostileRequest("page", "server", b"/gradio_api/component_server", b"POST", [_JSON],
                 json.dumps(call | {"component_id": 1, "fn_name": "__init__"}).encode()),
        )[number % 4]  # fmt: skip
