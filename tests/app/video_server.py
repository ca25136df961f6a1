"""A web server that serves a folder of videos by range requests, like object storage."""

import base64
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

ROOT = "/my%20videos"


@dataclass
class VideoServer:
    """State and behaviour of the server.

    Attributes:
        folder: folder served below `ROOT`.
        address: URL of that root, without user and password.
        login: required user and password; None for none.
        ignores_ranges: whether to send whole files always, as Python's own server does.
        redirects: whether to redirect to a second URL of each file first.
        signature: signature in this second URL, as object storage has one.
        silent: event until which requests get no answer; None to answer at once.
        requests: path and range of each request received.
        sockets: client ports, one per connection.
    """

    folder: Path
    address: str = ""
    login: tuple[str, str] | None = None
    ignores_ranges: bool = False
    redirects: bool = False
    signature: str = ""
    silent: threading.Event | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)
    sockets: set[int] = field(default_factory=set)

    @property
    def host(self) -> str:
        return self.address.partition("://")[2].partition("/")[0]


@contextmanager
def serve_videos(folder: Path, tls: ssl.SSLContext | None = None) -> Iterator[VideoServer]:
    """Serve while the block runs.

    Args:
        folder: folder to serve.
        tls: context with a certificate, for https; None for http.
    """
    state = VideoServer(folder)
    handler = type("Handler", (_Handler,), {"state": state})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        # Not in `accept`: a client that refuses the certificate would block the others.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    scheme = "http" if tls is None else "https"
    state.address = f"{scheme}://127.0.0.1:{server.server_port}{ROOT}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        if state.silent is not None:
            state.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore disconnects."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: VideoServer

    def do_GET(self) -> None:
        state, span = self.state, self.headers.get("range", "")
        state.requests.append((self.path, span))
        state.sockets.add(self.client_address[1])
        if state.silent is not None:
            state.silent.wait(30)
        if state.login is not None and self.headers.get("authorization") != _basic(state.login):
            self._send(401)
            return
        if state.redirects and not self.path.startswith("/storage"):
            self._send(302, {"Location": f"/storage{self.path}?sig={state.signature}"})
            return
        path = self.path.removeprefix("/storage").partition("?")[0]
        file = state.folder / unquote(path.removeprefix(f"{ROOT}/"))
        if not path.startswith(f"{ROOT}/") or not file.is_file():
            self._send(404)
            return
        self._send_file(file.read_bytes(), None if state.ignores_ranges else span)

    def _send_file(self, data: bytes, span: str | None) -> None:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", span or "")
        if match is None:
            self._send(200, body=data)
            return
        first, last = int(match[1]), min(int(match[2]), len(data) - 1)
        if first >= len(data):
            self._send(416, {"Content-Range": f"bytes */{len(data)}"})
            return
        headers = {"Content-Range": f"bytes {first}-{last}/{len(data)}"}
        self._send(206, headers, data[first : last + 1])

    def _send(self, code: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        pass


def _basic(login: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(login).encode()).decode()
