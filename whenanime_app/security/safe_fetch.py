"""Downloads a picture from an untrusted URL without reaching the server's private network."""

import asyncio
import ipaddress
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx

from whenanime_app.search.memory_budget import MemoryBudget
from whenanime_app.settings import Network
from whenanime_pipeline.core.messages import Message, MessageError, MessageTemplate

MAX_PICTURE_BYTES = 25 << 20
"""Bytes of the largest picture."""
FETCH_TIMEOUT = 4.0
"""Seconds for a download: a silent server delays a search no longer than this."""
MAX_REDIRECTS = 5
"""Redirects followed for one URL."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 6052's prefix: the last 32 bits are an IPv4 address, to which a translator would connect.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class FetchMessage(MessageTemplate):
    """Reasons why a picture cannot be fetched, for the client that gave its URL."""

    FETCH_TIMEOUT = "the picture's server took longer than {seconds} s; upload the picture"
    BAD_ANSWER = "the picture's server did not answer properly"
    BAD_REDIRECT = "the URL redirects to something that is no URL"
    TOO_MANY_REDIRECTS = "the URL redirects more than {limit} times"
    HOST_NOT_FOUND = "no server called {host} was found"
    PRIVATE_ADDRESS = "the URL leads to a private address; upload the picture instead"
    ERROR_STATUS = "the picture's server answered {status}"
    LARGE_DOWNLOAD = "the picture is larger than {limit} MiB"
    NOT_A_URL = "this is not a URL"
    NOT_HTTP = "this is not an http or https URL"
    URL_PASSWORD = "a URL with a user name or password is not fetched"  # noqa: S105  (a message)


class FetchError(MessageError):
    """A picture cannot be fetched; the message is for the client that gave its URL.

    Attributes:
        status_code: HTTP status to answer with: the other server's own 4xx, else 400 or 413.
    """

    def __init__(self, message: Message, status_code: int = 400) -> None:
        super().__init__(message)
        self.args = (message, status_code)  # both, so that the error survives pickling
        self.status_code = status_code


def is_public(address: str) -> bool:
    """Return whether an address is on the public internet.

    Private, loopback, link-local, shared, multicast, reserved and unspecified addresses are not.
    If an IPv6 address embeds an IPv4 address, both must be public.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _embedded_ipv4(ip)
        if inner is not None and not is_public(str(inner)):
            return False
        if ip.ipv4_mapped is not None:
            return True
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _embedded_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None)


class Resolver:
    """Resolves names by the system, in its own threads.

    Unanswered names are slow and would occupy the event loop's default threads.
    """

    def __init__(self, threads: int = 4) -> None:
        """Make the pool; threads start when they are needed.

        Args:
            threads: names resolved at once.
        """
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, in the system's order of preference.

        Raises:
            OSError: the host does not exist.
        """
        entries = await asyncio.get_running_loop().run_in_executor(
            self._pool, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        )
        return [str(entry[4][0]) for entry in entries]


class Fetcher:
    """Downloads pictures; checks the address to connect to, again at each redirect."""

    def __init__(
        self,
        allowed_networks: Sequence[Network] = (),
        *,
        resolve: Resolve | None = None,
        max_bytes: int = MAX_PICTURE_BYTES,
        timeout: float = FETCH_TIMEOUT,
        budget: MemoryBudget | None = None,
    ) -> None:
        """Set the limits.

        Args:
            allowed_networks: private networks that may be reached.
            resolve: host and port to addresses; None asks the system.
            max_bytes: bytes of the longest body.
            timeout: seconds for the whole download.
            budget: memory for the bodies of all downloads together; None for no limit.
        """
        self._allowed_networks = tuple(allowed_networks)
        self._resolve = resolve or Resolver()
        self._budget = budget or MemoryBudget(sys.maxsize)
        self._max_bytes = max_bytes
        self._timeout = timeout

    async def fetch(self, url: str) -> bytes:
        """Return the body behind a URL.

        Raises:
            FetchError: the URL is not http(s) or leads to a private address, or the response is
                an error, too large or too slow.
            BusyError: the downloads in progress take too much memory.
        """
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow_redirects(url)
        except TimeoutError as error:
            raise FetchError(FetchMessage.FETCH_TIMEOUT(seconds=f"{self._timeout:g}")) from error
        except httpx.HTTPError as error:
            raise FetchError(FetchMessage.BAD_ANSWER()) from error

    async def _follow_redirects(self, url: str) -> bytes:
        # No proxy from the environment: it would resolve names unchecked. No redirects by the
        # client: each new address is checked here. No compression: a small body stays small.
        async with httpx.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=self._timeout
        ) as client:
            for _ in range(MAX_REDIRECTS + 1):
                target = _parse_url(url)
                request = await self._build_request(client, target)
                response = await client.send(request, stream=True)
                try:
                    if not response.has_redirect_location:
                        return await self._read_body(response)
                    url = str(target.join(response.headers["location"]))
                except httpx.InvalidURL as error:
                    raise FetchError(FetchMessage.BAD_REDIRECT()) from error
                finally:
                    await response.aclose()
        raise FetchError(FetchMessage.TOO_MANY_REDIRECTS(limit=MAX_REDIRECTS))

    async def _build_request(self, client: httpx.AsyncClient, target: httpx.URL) -> httpx.Request:
        """Build a request to the checked address: a name could resolve differently next time."""
        host = target.raw_host.decode("ascii")
        address = await self._resolve_address(host, target.port or _DEFAULT_PORTS[target.scheme])
        return client.build_request(
            "GET",
            target.copy_with(host=address, fragment=None),
            headers={
                "Host": target.netloc.decode("ascii"),
                "User-Agent": "WhenAnime",
                "Accept": "image/*,video/*;q=0.8,*/*;q=0.5",
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": host},
        )

    async def _resolve_address(self, host: str, port: int) -> str:
        try:
            addresses = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise FetchError(FetchMessage.HOST_NOT_FOUND(host=host)) from error
        if not addresses:
            raise FetchError(FetchMessage.HOST_NOT_FOUND(host=host))
        # One private address among several is enough to be suspicious of the name.
        if not all(self._is_allowed_address(address) for address in addresses):
            raise FetchError(FetchMessage.PRIVATE_ADDRESS())
        return addresses[0]

    def _is_allowed_address(self, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return is_public(str(ip)) or any(ip in network for network in self._allowed_networks)

    async def _read_body(self, response: httpx.Response) -> bytes:
        if not response.is_success:
            status = response.status_code if response.is_client_error else 400
            raise FetchError(FetchMessage.ERROR_STATUS(status=response.status_code), status)
        body = bytearray()
        with self._budget.open_reservation() as reservation:
            async for block in response.aiter_raw():
                reservation.grow(len(block))
                body += block
                if len(body) > self._max_bytes:
                    limit = self._max_bytes >> 20
                    raise FetchError(FetchMessage.LARGE_DOWNLOAD(limit=limit), 413)
            return bytes(body)


def _parse_url(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(FetchMessage.NOT_A_URL()) from error
    if target.scheme not in {"http", "https"} or not target.host:
        raise FetchError(FetchMessage.NOT_HTTP())
    if target.userinfo:
        raise FetchError(FetchMessage.URL_PASSWORD())
    return target
