"""What the app is told when it starts: folders, address, limits."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from whenanime_app.machine import usable_cores

Default = TypeVar("Default", int, None)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_HOME = Path(".whenanime")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
LOOPBACK: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)


class AppSettingsError(ValueError):
    """A setting cannot be used; the message names it and says what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """Everything the app is told.

    Attributes:
        home: the folder with `snapshots/`; the app writes its key and its cache of previews there.
        videos: the folder of the videos, only read; None when they are elsewhere, and then there
            are stills but no previews.
        video_root: an http or https address below which the videos are that the folder lacks; it
            may carry a user name and a password, so it is never shown.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        public_url: how others reach this server, without a slash at the end; None takes it from
            each request.
        fetch_networks: private networks that `?url=` may reach all the same, such as one's own NAS.
        trusted_proxies: addresses whose `X-Forwarded-*` headers are believed.
        frames: other sites that may show the page in a frame, such as `https://huggingface.co`.
        secret: key for signed links; None keeps a random one in a file of the home.
        searches_a_minute: of one client; 0 is no limit. Who calls from this machine, not through
            a proxy, is never limited.
        requests_a_minute: of one client, for all that is no search; 0 is no limit.
        searches_at_once: of one client; 0 is no limit.
        threads: searches and previews that run at once.
        processes: that search beside the server's own, each with the index in its memory; None: as
            the cores, the memory and the index let seem best.
        waiting: searches and previews that may wait for a thread; more are told to come back. Two
            cores do twelve to twenty a second, so that who waits does so for one or two seconds.
        preview_cache_bytes: how much disk the cut previews may take.
        ef: candidates of a search among the embeddings, more being slower and finding more; None
            for as many as the library's options say.
        body_bytes: how much memory the bodies of all requests under way may take; likewise the
            pictures that wait to be searched for, and those that are being fetched.
    """

    home: Path = DEFAULT_HOME
    videos: Path | None = None
    video_root: str | None = field(default=None, repr=False)
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    public_url: str | None = None
    fetch_networks: tuple[Network, ...] = ()
    trusted_proxies: tuple[Network, ...] = LOOPBACK
    frames: tuple[str, ...] = ()
    secret: str | None = field(default=None, repr=False)
    searches_a_minute: int = 60
    requests_a_minute: int = 1200
    searches_at_once: int = 4
    threads: int = 2
    processes: int | None = 0
    waiting: int = 24
    preview_cache_bytes: int = 512 << 20
    ef: int | None = None
    body_bytes: int = 128 << 20


def settings_from(
    environment: Mapping[str, str] = os.environ,
    *,
    home: Path | None = None,
    videos: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> AppSettings:
    """Return the settings: what is given, else the environment, else the default.

    Args:
        environment: `WHENANIME_HOME`, `WHENANIME_VIDEOS`, `WHENANIME_VIDEO_ROOT`,
            `WHENANIME_PUBLIC_URL`, `WHENANIME_SECRET`, `WHENANIME_EF`, `WHENANIME_PROCESSES`,
            `WHENANIME_FETCH_NETWORKS` and `WHENANIME_TRUSTED_PROXIES` (`192.168.0.0/16,…` each;
            `none`: nobody), `WHENANIME_FRAMES` (sites, with spaces between),
            `WHENANIME_SEARCHES_PER_MINUTE`, `WHENANIME_REQUESTS_PER_MINUTE` and
            `WHENANIME_SEARCHES_AT_ONCE` are read.
        home: the home; wins over the environment.
        videos: the videos' folder; wins over the environment.
        host: address to listen on.
        port: port to listen on.

    Raises:
        AppSettingsError: the videos' folder is missing, or an address, a network or a number is
            none.
    """
    chosen = videos or _path(environment, "WHENANIME_VIDEOS")
    if chosen is not None and not chosen.is_dir():
        raise AppSettingsError(f"{chosen}: no such folder; give the folder of your videos")
    return AppSettings(
        home=home or _path(environment, "WHENANIME_HOME") or DEFAULT_HOME,
        videos=chosen,
        video_root=_root(environment.get("WHENANIME_VIDEO_ROOT", "").strip()),
        host=host or DEFAULT_HOST,
        port=DEFAULT_PORT if port is None else port,
        public_url=environment.get("WHENANIME_PUBLIC_URL", "").rstrip("/") or None,
        fetch_networks=_networks(environment, "WHENANIME_FETCH_NETWORKS", ()),
        trusted_proxies=_networks(environment, "WHENANIME_TRUSTED_PROXIES", LOOPBACK),
        frames=_sites(environment, "WHENANIME_FRAMES"),
        searches_a_minute=_count(environment, "WHENANIME_SEARCHES_PER_MINUTE", 60),
        requests_a_minute=_count(environment, "WHENANIME_REQUESTS_PER_MINUTE", 1200),
        searches_at_once=_count(environment, "WHENANIME_SEARCHES_AT_ONCE", 4),
        secret=environment.get("WHENANIME_SECRET") or None,
        threads=max(2, usable_cores()),
        processes=number_from(
            environment, "WHENANIME_PROCESSES", None, what="number of processes", like="3", most=64
        ),
        ef=number_from(
            environment, "WHENANIME_EF", None, what="number of candidates", like="128", least=1
        ),
    )


def number_from(
    environment: Mapping[str, str],
    name: str,
    default: Default,
    *,
    what: str,
    like: str,
    least: int = 0,
    most: int = 999_999_999,
) -> int | Default:
    """Return a setting that is a whole number.

    Args:
        environment: where it stands.
        name: of the setting.
        default: when it does not stand there.
        what: it is a number of.
        like: what may be written, for who wrote something else.
        least: the smallest that can be used.
        most: the largest.

    Raises:
        AppSettingsError: it is no such number.
    """
    text = environment.get(name, "").strip()
    if not text:
        return default
    # int() takes signs, underscores and other scripts' digits, and thousands of digits slowly.
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise AppSettingsError(f"{name}: {text[:20]} is no {what}; write {like}")
    return int(text)


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    return number_from(environment, name, default, what="number", like=f"one like {default}, or 0")


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def _root(text: str) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    # The text itself is not told: it may hold a password.
    if not usable or set("?#\\") & set(text):
        raise AppSettingsError(
            "WHENANIME_VIDEO_ROOT: not an http or https address of a folder; write one like "
            "https://example.org/videos, without ? and #"
        )
    return text


def _networks(
    environment: Mapping[str, str], name: str, default: tuple[Network, ...]
) -> tuple[Network, ...]:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if text.lower() == "none":
        return ()
    try:
        return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        raise AppSettingsError(f"{name}: {error}; write networks like 192.168.1.0/24") from error


def _sites(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read sites for a header: nothing else may get into it."""
    sites = tuple(environment.get(name, "").replace(",", " ").split())
    for site in sites:
        if not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]+)?", site):
            raise AppSettingsError(f"{name}: {site!r}; write sites like https://huggingface.co")
    return sites
