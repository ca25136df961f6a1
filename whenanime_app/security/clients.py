"""Who is asking: the address that calls, or the one that a trusted proxy calls for."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from whenanime_app.settings import Network

_PROXY_HEADERS = (b"x-forwarded-", b"forwarded", b"x-real-ip")
# What one customer of a provider is given; within it they choose their addresses as they like.
_IPV6_PREFIX_LENGTH = 64
_IS_LOCAL_KEY = "whenanime.client"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks.

    Attributes:
        address: the address; of IPv6 its network of 64 bits; "" where there is none.
        is_local: on this very machine, and not through a proxy.
    """

    address: str
    is_local: bool


class ClientMiddleware:
    """ASGI middleware that tells all others who asks, by `client_of`.

    Headers of proxies are believed from trusted ones only; from others they are taken away, so
    that nothing behind this believes them either.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network]) -> None:
        """Stand before `app`.

        Args:
            app: what answers.
            trusted: addresses of proxies.
        """
        self._trusted = tuple(trusted)
        self._app = app
        hosts = [str(network) for network in self._trusted]
        self._proxied_app = ProxyHeadersMiddleware(app, hosts)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        peer = _parse_client_address(scope)
        if peer is not None:  # as IPv4 where an IPv6 socket took the call
            scope["client"] = (str(peer), scope["client"][1])
        told = any(name.startswith(_PROXY_HEADERS) for name, _ in scope["headers"])
        near = peer is not None and peer.is_loopback and not told
        if told and self._is_trusted(peer):
            _apply_forwarded_host(scope)
            await self._proxied_app(scope, receive, send)  # type: ignore[arg-type]
            return
        if told:
            _strip_proxy_headers(scope)
        scope.setdefault("state", {})[_IS_LOCAL_KEY] = near
        await self._app(scope, receive, send)

    def _is_trusted(self, peer: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
        return peer is not None and any(peer in network for network in self._trusted)


def client_of(scope: Scope) -> Client:
    """Return who sent a request."""
    near = bool(scope.get("state", {}).get(_IS_LOCAL_KEY, False))
    address = _parse_client_address(scope)
    if address is None:
        return Client(str((scope.get("client") or ("",))[0])[:64], near)
    if address.version == 6:
        address = ipaddress.ip_network((address, _IPV6_PREFIX_LENGTH), strict=False).network_address
    return Client(str(address), near)


def _parse_client_address(scope: Scope) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((scope.get("client") or ("",))[0].partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _strip_proxy_headers(scope: Scope) -> None:
    kept = [
        (name, value) for name, value in scope["headers"] if not name.startswith(_PROXY_HEADERS)
    ]
    scope["headers"] = kept


def _apply_forwarded_host(scope: Scope) -> None:
    """Have the host that the proxy was asked for be the host of the links that are made."""
    named = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
    if not named:
        return
    # The last one: those before it came from whoever called the proxy.
    host = named[-1].rpartition(b",")[2].strip()
    others = [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"host", b"x-forwarded-host"}
    ]
    scope["headers"] = [*others, (b"host", host), (b"x-forwarded-host", host)]
