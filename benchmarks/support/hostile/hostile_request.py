"""Sends hostile requests byte by byte over a socket, and reads the responses."""

import http.client
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

SLOW_SECONDS = 5.0
"""Seconds within which a response is due."""
_PATIENCE = 30.0
_READ = 1 << 20
"""Bytes of a response that are read."""
_KEPT = 200
"""Bytes of a request's body that are kept."""
_BUSY = 503
"""The only server error that is no failure."""


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """A request.

    Attributes:
        kind: kind of request, such as "broken pictures".
        name: name within its kind.
        method: HTTP method.
        target: raw path and query, neither quoted nor normalised.
        headers: headers; `Host`, `Content-Length` and `Connection` are added unless given.
        body: body.
    """

    kind: str
    name: str
    target: bytes
    method: bytes = b"GET"
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""

    def to_bytes(self, host: str) -> bytes:
        """Return the raw request."""
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
    """The response to a hostile request.

    Attributes:
        request: the request.
        status: status code; 0 without a response.
        seconds: seconds until the response was complete.
        body: start of the response's body.
        problem: why there was no response.
    """

    request: HostileRequest
    status: int
    seconds: float
    body: bytes = b""
    problem: str = ""

    @property
    def failure(self) -> str:
        """Why the response is a failure; empty if it is none."""
        if self.problem:
            return self.problem
        if self.status >= 500 and self.status != _BUSY:
            return f"answered {self.status}"
        return f"took {self.seconds:.1f} s" if self.seconds > SLOW_SECONDS else ""

    def to_row(self) -> dict[str, object]:
        """Return a row for the report."""
        return {
            "kind": self.request.kind,
            "name": self.request.name,
            "failed": self.failure,
            "request": f"{self.request.method!r} {self.request.target[:120]!r}",
            "answer": self.body[:120].decode("latin-1"),
        }


def send(request: HostileRequest, host: str, port: int) -> HostileResponse:
    """Send a request and read its response."""
    wire, request = request.to_bytes(f"{host}:{port}"), replace(request, body=request.body[:_KEPT])
    began = perf_counter()
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            # The server may respond and close before it has read everything.
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
            request, 0, perf_counter() - began, problem=f"no response in {_PATIENCE:g} s"
        )
    except (OSError, http.client.HTTPException) as error:
        return HostileResponse(
            request, 0, perf_counter() - began, problem=f"no response: {error!r}"
        )
    return HostileResponse(request, answer.status, perf_counter() - began, body)
