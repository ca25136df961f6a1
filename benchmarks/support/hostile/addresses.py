"""URLs that lead a server into its own network (SSRF), and sockets that detect it."""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import quote

import numpy as np

from benchmarks.support.hostile.hostile_request import HostileRequest

ALLOWED_ADDRESS = "127.0.0.2"
"""The only address that the server may fetch from: it stands for the internet."""
TRAP_ADDRESSES = ("127.0.0.1", "127.0.0.3", "::1")
"""Addresses that the server must not connect to."""
SITE = "pictures.test"


_ODD = ("\0", "\r\nX: y", " ", "%00", "\t", "@", "#", "\\", "é", "%2f", "..;/", "[")


class CampaignResolver:
    """A resolver of invented names, all on the loopback interface; no other name is resolved.

    Some names resolve differently the second time (DNS rebinding).
    """

    __test__ = False

    def __init__(self) -> None:
        self._asked: set[str] = set()

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host.

        Raises:
            OSError: it is none of the campaign's, or it is not on this machine.
        """
        await asyncio.sleep(0)
        known = {
            SITE: [ALLOWED_ADDRESS],
            "trap.test": [TRAP_ADDRESSES[0]],
            "trap6.test": [TRAP_ADDRESSES[2]],
            "mixed.test": [ALLOWED_ADDRESS, TRAP_ADDRESSES[0]],
            "mapped.test": ["::ffff:127.0.0.1"],
            "private.test": ["10.0.0.1"],
            "metadata.test": ["169.254.169.254"],
            "shared.test": ["100.64.0.1"],
            "nobody.test": [],
        }
        if host == "rebound.test":
            first = host not in self._asked
            self._asked.add(host)
            return [ALLOWED_ADDRESS if first else TRAP_ADDRESSES[0]]
        if host in known:
            return known[host]
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)  # resolves no names
        addresses = [str(entry[4][0]) for entry in found]
        if any(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses):
            raise OSError(f"{host}: the benchmark stays on this machine")
        return addresses


class TrapSockets:
    """Trap sockets that record connections, and a site that redirects to them.

    Attributes:
        connections: connections to traps, one line each.
        ports: address → port of its trap.
        site_port: port of the site.
    """

    def __init__(self, picture: bytes) -> None:
        self.connections: list[str] = []
        self.ports: dict[str, int] = {}
        self.site_port = 0
        self._picture = picture
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for address in TRAP_ADDRESSES:
            self._trap(address)
        ways = list(_trap_urls(self.ports))
        handler = type("Handler", (_Site,), {"ways": ways, "picture": self._picture})
        server = ThreadingHTTPServer((ALLOWED_ADDRESS, 0), handler)
        server.daemon_threads = True
        self.site_port = server.server_port
        self._serve(server.serve_forever)
        self._open.callback(server.server_close)
        self._open.callback(server.shutdown)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def _trap(self, address: str) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, 0), family=family)
        self.ports[address] = listener.getsockname()[1]

        def watch() -> None:
            while True:
                try:
                    connection, peer = listener.accept()
                except OSError:
                    return
                self.connections.append(f"{peer} connected to {address}")
                connection.close()

        self._serve(watch)
        self._open.callback(listener.close)
        # Closing alone does not wake a thread in accept().
        self._open.callback(listener.shutdown, socket.SHUT_RDWR)

    def _serve(self, work: object) -> None:
        thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
        thread.start()


class _Site(BaseHTTPRequestHandler):
    """Handles `/picture`, redirects to traps at `/N`, and malformed responses."""

    ways: Sequence[str] = ()
    picture = b""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/")
        if path.isdigit() and int(path) < len(self.ways):
            self._answer(302, ("Location", self.ways[int(path)]))
        elif path == "nowhere":
            self._answer(302)
        elif path == "unchanged":
            self._answer(304)
        elif path == "odd":
            self._answer(302, ("Location", "http://\x7f[/%zz"))
        elif path == "teapot":
            self._answer(418)
        elif path == "endless":
            self._endless()
        elif path == "garbage":
            self.wfile.write(b"\0\1\2 this is not HTTP\r\n\r\n" * 100)
        elif path == "silence":
            threading.Event().wait(60)
        elif path == "drops":
            self._drop_by_drop()
        else:
            self._answer(200)
            self.wfile.write(self.picture)

    def _answer(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def _endless(self) -> None:
        self._answer(200)
        try:
            while True:
                self.wfile.write(bytes(1 << 16))
        except OSError:
            return

    def _drop_by_drop(self) -> None:
        """Send one byte per second, to keep a client busy."""
        never = threading.Event()
        try:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(20):
                self.wfile.write(bytes((byte,)))
                never.wait(1)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        """Do not log."""


def address_requests(traps: TrapSockets, count: int, seed: int) -> Iterator[HostileRequest]:
    """Yield searches by URL that lead into traps: directly, by redirect or name, in many spellings.

    Args:
        traps: open traps.
        count: number of requests.
        seed: seed of the order and the spellings.
    """
    rng = np.random.default_rng(seed)
    site = f"http://{SITE}:{traps.site_port}"
    straight = [
        *_trap_urls(traps.ports),
        *(f"{site}/{number}" for number in range(len(list(_trap_urls(traps.ports))))),
        *(f"{site}/{name}" for name in ("nowhere", "unchanged", "odd", "teapot", "endless")),
        *(f"{site}/{name}" for name in ("garbage", "silence", "drops")),
        f"{site}/picture",
        f"http://{ALLOWED_ADDRESS}:{traps.site_port}/picture",
        f"http://rebound.test:{traps.site_port}/0",
        *("http://nobody.test/", "http://private.test/", "http://metadata.test/latest/meta-data"),
        *("http://shared.test/", "http://unknown.test/", "https://trap.test/"),
    ]
    for number in range(count):
        url = straight[number % len(straight)]
        if number >= len(straight):
            url = _respell(url, rng)
        target = b"/search?url=" + quote(url, safe="").encode()
        yield HostileRequest("addresses", url, target, rng.choice([b"GET", b"POST"]))


def _trap_urls(ports: dict[str, int]) -> Iterator[str]:
    """Yield URLs with different spellings of the traps' addresses."""
    four, other, six = (ports[address] for address in TRAP_ADDRESSES)
    for host in (
        *("127.0.0.1", "localhost", "trap.test", "mixed.test", "mapped.test", "127.1", "127.0.1"),
        *("2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1."),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "0", "0.0.0.0"),
        *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "127。0。0。1"),
    ):
        yield f"http://{host}:{four}/secret"
    yield f"http://127.0.0.3:{other}/secret"
    for host in ("[::1]", "[0:0:0:0:0:0:0:1]", "trap6.test", "[::]", "[::1%25lo]"):
        yield f"http://{host}:{six}/secret"
    yield f"http://user:pass@127.0.0.1:{four}/"
    yield f"http://{SITE}@127.0.0.1:{four}/"
    yield f"http://127.0.0.1:{four}#@{SITE}/"
    yield f"http://127.0.0.1:{four}\\@{SITE}/"
    yield f"//127.0.0.1:{four}/"
    for scheme in ("file", "gopher", "ftp", "dict", "jar", "data", "ws", "unix"):
        yield f"{scheme}://127.0.0.1:{four}/etc/passwd"


def _respell(url: str, rng: np.random.Generator) -> str:
    """Return a URL with an odd string inserted."""
    place = int(rng.integers(len(url) + 1))
    return url[:place] + _ODD[int(rng.integers(len(_ODD)))] + url[place:]
