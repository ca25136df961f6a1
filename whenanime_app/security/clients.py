"""Who is asking: the address that calls, or the one that a trusted proxy calls for."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from whenanime_app.settings import Network

_PROXIED = (b"x-forwarded-", b"forwarded", b"x-real-ip")
# What one customer of a provider is given; within it they choose their addresses as they like.
_OWN_IPV6 = 64
_KEY = "whenanime.client"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks.

    Attributes:
        name: the address; of IPv6 its network of 64 bits; "" where there is none.
        near: on this very machine, and not through a proxy.
    """

    name: str
    near: bool


class Clients:
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
        self._direct = app
        hosts = [str(network) for network in self._trusted]
        self._proxied = ProxyHeadersMiddleware(app, hosts)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._direct(scope, receive, send)
            return
        peer = _address(scope)
        if peer is not None:  # as IPv4 where an IPv6 socket took the call
            scope["client"] = (str(peer), scope["client"][1])
        told = any(name.startswith(_PROXIED) for name, _ in scope["headers"])
        near = peer is not None and peer.is_loopback and not told
        if told and self._trusts(peer):
            _take_host(scope)
            await self._proxied(scope, receive, send)  # type: ignore[arg-type]
            return
        if told:
            _strip(scope)
        scope.setdefault("state", {})[_KEY] = near
        await self._direct(scope, receive, send)

    def _trusts(self, peer: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
        return peer is not None and any(peer in network for network in self._trusted)


def client_of(scope: Scope) -> Client:
    """Return who sent a request."""
    near = bool(scope.get("state", {}).get(_KEY, False))
    address = _address(scope)
    if address is None:
        return Client(str((scope.get("client") or ("",))[0])[:64], near)
    if address.version == 6:
        address = ipaddress.ip_network((address, _OWN_IPV6), strict=False).network_address
    return Client(str(address), near)


def _address(scope: Scope) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((scope.get("client") or ("",))[0].partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _strip(scope: Scope) -> None:
    kept = [(name, value) for name, value in scope["headers"] if not name.startswith(_PROXIED)]
    scope["headers"] = kept


def _take_host(scope: Scope) -> None:
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
