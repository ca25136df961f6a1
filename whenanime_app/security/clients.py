"""Identifies the client of a request, also behind trusted proxies."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from whenanime_app.settings import Network

_PROXY_HEADERS = (b"x-forwarded-", b"forwarded", b"x-real-ip")
_IPV6_PREFIX_LENGTH = 64
"""Bits of the network that providers assign to one customer, who may use any address in it."""
_IS_LOCAL_KEY = "whenanime.client"


@dataclass(frozen=True, slots=True)
class Client:
    """Client of a request.

    Attributes:
        address: IPv4 address, or /64 network of an IPv6 address; "" where unknown.
        is_local: whether the client is on this machine and connects without a proxy.
    """

    address: str
    is_local: bool


class ClientMiddleware:
    """ASGI middleware that determines the client, which `client_of` then returns.

    Proxy headers are applied when they come from a trusted proxy; else they are removed, so that
    no inner application trusts them.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network]) -> None:
        """Wrap an application.

        Args:
            app: application to wrap.
            trusted: networks of trusted proxies.
        """
        self._trusted = tuple(trusted)
        self._app = app
        hosts = [str(network) for network in self._trusted]
        self._proxied_app = ProxyHeadersMiddleware(app, hosts)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        peer = _parse_client_address(scope)
        if peer is not None:  # an IPv4-mapped IPv6 address becomes IPv4
            scope["client"] = (str(peer), scope["client"][1])
        forwarded = any(name.startswith(_PROXY_HEADERS) for name, _ in scope["headers"])
        is_local = peer is not None and peer.is_loopback and not forwarded
        if forwarded and self._is_trusted(peer):
            _apply_forwarded_host(scope)
            await self._proxied_app(scope, receive, send)  # type: ignore[arg-type]
            return
        if forwarded:
            _strip_proxy_headers(scope)
        scope.setdefault("state", {})[_IS_LOCAL_KEY] = is_local
        await self._app(scope, receive, send)

    def _is_trusted(self, peer: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
        return peer is not None and any(peer in network for network in self._trusted)


def client_of(scope: Scope) -> Client:
    """Return the client that sent a request."""
    is_local = bool(scope.get("state", {}).get(_IS_LOCAL_KEY, False))
    address = _parse_client_address(scope)
    if address is None:
        return Client(str((scope.get("client") or ("",))[0])[:64], is_local)
    if address.version == 6:
        address = ipaddress.ip_network((address, _IPV6_PREFIX_LENGTH), strict=False).network_address
    return Client(str(address), is_local)


def _parse_client_address(scope: Scope) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((scope.get("client") or ("",))[0].partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _strip_proxy_headers(scope: Scope) -> None:
    scope["headers"] = [
        (name, value) for name, value in scope["headers"] if not name.startswith(_PROXY_HEADERS)
    ]


def _apply_forwarded_host(scope: Scope) -> None:
    """Replace the host by the one requested from the proxy, so that links contain it."""
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
    if not forwarded:
        return
    # The proxy appended the last one; those before it came from its client.
    host = forwarded[-1].rpartition(b",")[2].strip()
    others = [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"host", b"x-forwarded-host"}
    ]
    scope["headers"] = [*others, (b"host", host), (b"x-forwarded-host", host)]
