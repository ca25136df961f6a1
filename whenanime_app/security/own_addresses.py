"""Checks that a request is addressed to this server, and not sent by another site's page."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from starlette.requests import Request

_SAME_SITE_FETCHES = {"same-origin", "none"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ForeignRequestError(Exception):
    """A request names another host, or comes from another site's page; the message says which."""


def check_addresses(request: Request, public_url: str | None) -> None:
    """Check `Host`, `Origin` and `Sec-Fetch-Site` of a request that changes something.

    A page of another site can make its visitors' browsers send requests, and a name of another site
    can lead to this machine's address; both show in these headers.

    Args:
        request: the request.
        public_url: address at which clients reach this server; None if it is not set.

    Raises:
        ForeignRequestError: the request is not this server's.
    """
    host = _split(f"//{request.headers.get('host', '')}")
    if host is None or not _is_own_host(host, request, public_url):
        raise ForeignRequestError(
            "this server does not know the name in your address; set WHENANIME_PUBLIC_URL to it"
        )
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None and fetched not in _SAME_SITE_FETCHES:
        raise ForeignRequestError("the request comes from the page of another site")
    header = request.headers.get("origin")
    if header is None:
        return
    origin = _split(header)
    if origin is None or not _is_own_origin(origin, host, public_url):
        raise ForeignRequestError("the request comes from the page of another site")


def _is_own_host(host: SplitResult, request: Request, public_url: str | None) -> bool:
    name = (host.hostname or "").lower()
    if public_url is not None and _endpoint(urlsplit(public_url)) == _endpoint(host):
        return True
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    # The address that the client connected to: no name, so that no other site can claim it.
    local = (request.scope.get("server") or ("",))[0]
    return address.is_loopback or str(address) == local


def _is_own_origin(origin: SplitResult, host: SplitResult, public_url: str | None) -> bool:
    if origin.scheme not in _DEFAULT_PORTS:
        return False
    if public_url is not None:
        public = urlsplit(public_url)
        if (origin.scheme, _endpoint(origin)) == (public.scheme, _endpoint(public)):
            return True
    # Of one host, another port is another server. A proxy may speak HTTPS in front of this one.
    return _endpoint(origin) == _endpoint(host, scheme=origin.scheme)


def _endpoint(address: SplitResult, *, scheme: str = "") -> tuple[str, int | None]:
    """Return host and port, without a port where it is the scheme's own."""
    port = address.port
    default = _DEFAULT_PORTS.get(address.scheme or scheme)
    return (address.hostname or "").lower(), None if port == default else port


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError where it is no number
    except ValueError:
        return None
    return parts if parts.hostname else None
