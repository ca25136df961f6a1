"""Downloads from untrusted URLs; real connections go to the loopback only."""

import asyncio
import ipaddress
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from whenanime_app.security.safe_fetch import Fetcher, FetchError, is_public
from whenanime_app.settings import Network

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.1/32"),)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        routes: dict[str, Callable[[], None]] = {
            "/picture": lambda: self._answer(200, b"picture"),
            "/missing": lambda: self._answer(404, b""),
            "/broken": lambda: self._answer(500, b""),
            "/large": lambda: self._answer(200, bytes(4096)),
            "/hop": lambda: self._redirect("/picture"),
            "/round": lambda: self._redirect("/round"),
            "/private": lambda: self._redirect("http://127.0.0.2:1/secret"),
            "/file": lambda: self._redirect("file:///etc/passwd"),
            "/name": lambda: self._answer(200, self.headers["Host"].encode()),
        }
        routes.get(self.path, self._hang)()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.end_headers()

    def _hang(self) -> None:
        stop: threading.Event = self.server.stop  # type: ignore[attr-defined]
        stop.wait(30)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    stop = threading.Event()
    server.stop = stop  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(url: str, allowed: Sequence[Network] = LOOPBACK, **options: object) -> bytes:
    return asyncio.run(Fetcher(allowed, **options).fetch(url))  # type: ignore[arg-type]


def test_picture_is_downloaded(site: str) -> None:
    assert fetch(f"{site}/picture") == b"picture"


def test_redirects_are_followed(site: str) -> None:
    assert fetch(f"{site}/hop") == b"picture"


def test_loopback_is_refused_by_default(site: str) -> None:
    with pytest.raises(FetchError, match="private address"):
        fetch(f"{site}/picture", ())


@pytest.mark.parametrize("path", ["/private", "/file"])
def test_redirect_target_is_checked(site: str, path: str) -> None:
    with pytest.raises(FetchError, match=r"private address|not an http"):
        fetch(f"{site}{path}")


def test_redirect_loop_is_refused(site: str) -> None:
    with pytest.raises(FetchError, match="redirects more than"):
        fetch(f"{site}/round")


@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/broken", 400)])
def test_status_4xx_of_the_other_server_is_passed_on(site: str, path: str, status: int) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(f"{site}{path}")
    assert caught.value.status_code == status


def test_large_body_is_refused(site: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(f"{site}/large", max_bytes=4000)
    assert caught.value.status_code == 413


def test_silent_server_times_out(site: str) -> None:
    started = time.monotonic()
    with pytest.raises(FetchError, match="took longer"):
        fetch(f"{site}/silence", timeout=0.3)
    assert time.monotonic() - started < 3


def test_connection_uses_the_checked_address(site: str) -> None:
    """The name is resolved only once, as it may resolve differently the second time."""
    port = site.rpartition(":")[2]
    resolved: list[str] = []

    async def resolve(host: str, _: int) -> list[str]:
        resolved.append(host)
        return ["127.0.0.1"] if len(resolved) == 1 else ["127.0.0.2"]

    body = fetch(f"http://pictures.invalid:{port}/name", resolve=resolve)
    assert body == f"pictures.invalid:{port}".encode()
    assert resolved == ["pictures.invalid"]


def test_one_private_address_among_several_is_refused() -> None:
    async def resolve(_: str, __: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(FetchError, match="private address"):
        fetch("http://mixed.invalid/", (), resolve=resolve)


def test_unknown_host_is_named() -> None:
    async def resolve(_: str, __: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(FetchError, match="no server called"):
        fetch("http://nowhere.invalid/", resolve=resolve)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "picture.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "http://",
        "http://user:password@127.0.0.1/",
        "http://[::1",
        "http://127.0.0.1:port/",
        "javascript:alert(1)",
        "http://\x00/",
    ],
)
def test_invalid_url_is_refused(url: str) -> None:
    with pytest.raises(FetchError):
        fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
    ],
)
def test_other_spellings_of_the_loopback_are_refused(url: str) -> None:
    with pytest.raises(FetchError):
        fetch(url, ())


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)
