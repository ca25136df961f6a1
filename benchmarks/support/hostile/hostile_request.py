"""One hostile request, sent as it is over a socket of its own, and what came of it."""

import http.client
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

SLOW_SECONDS = 5.0
"""Seconds within which everything is answered."""
_PATIENCE = 30.0
_READ = 1 << 20  # bytes of an answer that are looked at
_KEPT = 200  # bytes of a body that are remembered
_BUSY = 503  # the one code of the server's own that is an answer


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """A request.

    Attributes:
        kind: what it is one of, such as "broken pictures".
        name: which of them.
        method: of HTTP.
        target: path and query as they go over the wire: not quoted, not normalised.
        headers: next to `Host`, `Content-Length` and `Connection`, unless given here.
        body: bytes.
    """

    kind: str
    name: str
    target: bytes
    method: bytes = b"GET"
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""

    def to_bytes(self, host: str) -> bytes:
        """Return it as it is sent."""
        named = {name.lower() for name, _ in self.headers}
        more = [(b"Host", host.encode()), (b"Connection", b"close")]
        if self.body or self.method in {b"POST", b"PUT", b"PATCH"}:
            more.append((b"Content-Length", str(len(self.body)).encode()))
        lines = [
            b"%s %s HTTP/1.1" % (self.method, self.target),
            *(b"%s: %s" % pair for pair in self.headers),
            *(b"%s: %s" % pair for pair in more if pair[0].lower() not in named),
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


@dataclass(frozen=True, slots=True)
class HostileResponse:
    """What came of a shot.

    Attributes:
        request: that was sent.
        status: of the answer; 0 when there was none.
        seconds: until the answer was whole.
        body: its beginning.
        problem: why there was no answer.
    """

    request: HostileRequest
    status: int
    seconds: float
    body: bytes = b""
    problem: str = ""

    @property
    def failure(self) -> str:
        """Why it is not as it shall be; empty when it is."""
        if self.problem:
            return self.problem
        if self.status >= 500 and self.status != _BUSY:
            return f"answered {self.status}"
        return f"took {self.seconds:.1f} s" if self.seconds > SLOW_SECONDS else ""

    def to_row(self) -> dict[str, object]:
        """Return a record of it."""
        return {
            "kind": self.request.kind,
            "name": self.request.name,
            "failed": self.failure,
            "request": f"{self.request.method!r} {self.request.target[:120]!r}",
            "answer": self.body[:120].decode("latin-1"),
        }


def send(request: HostileRequest, host: str, port: int) -> HostileResponse:
    """Send a shot and read its answer; what is kept of its body is the beginning."""
    wire, request = request.to_bytes(f"{host}:{port}"), replace(request, body=request.body[:_KEPT])
    began = perf_counter()
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            # It may answer, and close, before it has read it all.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(wire)
            answer = http.client.HTTPResponse(connection, method=request.method.decode("latin-1"))
            answer.begin()
            endless = "event-stream" in answer.headers.get("content-type", "")
            body = b"" if endless else answer.read(_READ)
            while not endless and answer.read(_READ):
                pass
    except TimeoutError:
        return HostileResponse(
            request, 0, perf_counter() - began, problem=f"no answer in {_PATIENCE:g} s"
        )
    except (OSError, http.client.HTTPException) as error:
        return HostileResponse(request, 0, perf_counter() - began, problem=f"no answer: {error!r}")
    return HostileResponse(request, answer.status, perf_counter() - began, body)
