"""What the app is told when it starts: folders, address, limits."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from whenanime_app.machine import count_usable_cores

Default = TypeVar("Default", int, None)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_HOME = Path(".whenanime")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
LOOPBACK_NETWORKS: tuple[Network, ...] = (
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
        frame_ancestors: other sites that may show the page in a frame, such as `https://huggingface.co`.
        secret: key for signed links; None keeps a random one in a file of the home.
        searches_per_minute: of one client; 0 is no limit. Who calls from this machine, not through
            a proxy, is never limited.
        requests_per_minute: of one client, for all that is no search; 0 is no limit.
        searches_at_once: of one client; 0 is no limit.
        threads: searches and previews that run at once.
        processes: that search beside the server's own, each with the index in its memory; None: as
            the cores, the memory and the index let seem best.
        max_waiting: searches and previews that may wait for a thread; more are told to come back. Two
            cores do twelve to twenty a second, so that who waits does so for one or two seconds.
        max_preview_cache_bytes: how much disk the cut previews may take.
        ef: candidates of a search among the embeddings, more being slower and finding more; None
            for as many as the library's options say.
        max_body_bytes: how much memory the bodies of all requests under way may take; likewise the
            pictures that wait to be searched for, and those that are being fetched.
    """

    home: Path = DEFAULT_HOME
    videos: Path | None = None
    video_root: str | None = field(default=None, repr=False)
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    public_url: str | None = None
    fetch_networks: tuple[Network, ...] = ()
    trusted_proxies: tuple[Network, ...] = LOOPBACK_NETWORKS
    frame_ancestors: tuple[str, ...] = ()
    secret: str | None = field(default=None, repr=False)
    searches_per_minute: int = 60
    requests_per_minute: int = 1200
    searches_at_once: int = 4
    threads: int = 2
    processes: int | None = 0
    max_waiting: int = 24
    max_preview_cache_bytes: int = 512 << 20
    ef: int | None = None
    max_body_bytes: int = 128 << 20


def load_settings(
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
    chosen = videos or _read_path(environment, "WHENANIME_VIDEOS")
    if chosen is not None and not chosen.is_dir():
        raise AppSettingsError(f"{chosen}: no such folder; give the folder of your videos")
    return AppSettings(
        home=home or _read_path(environment, "WHENANIME_HOME") or DEFAULT_HOME,
        videos=chosen,
        video_root=_parse_video_root(environment.get("WHENANIME_VIDEO_ROOT", "").strip()),
        host=host or DEFAULT_HOST,
        port=DEFAULT_PORT if port is None else port,
        public_url=environment.get("WHENANIME_PUBLIC_URL", "").rstrip("/") or None,
        fetch_networks=_read_networks(environment, "WHENANIME_FETCH_NETWORKS", ()),
        trusted_proxies=_read_networks(environment, "WHENANIME_TRUSTED_PROXIES", LOOPBACK_NETWORKS),
        frame_ancestors=_read_sites(environment, "WHENANIME_FRAMES"),
        searches_per_minute=_read_count(environment, "WHENANIME_SEARCHES_PER_MINUTE", 60),
        requests_per_minute=_read_count(environment, "WHENANIME_REQUESTS_PER_MINUTE", 1200),
        searches_at_once=_read_count(environment, "WHENANIME_SEARCHES_AT_ONCE", 4),
        secret=environment.get("WHENANIME_SECRET") or None,
        threads=max(2, count_usable_cores()),
        processes=read_integer(
            environment,
            "WHENANIME_PROCESSES",
            None,
            description="number of processes",
            example="3",
            maximum=64,
        ),
        ef=read_integer(
            environment,
            "WHENANIME_EF",
            None,
            description="number of candidates",
            example="128",
            minimum=1,
        ),
    )


def read_integer(
    environment: Mapping[str, str],
    name: str,
    default: Default,
    *,
    description: str,
    example: str,
    minimum: int = 0,
    maximum: int = 999_999_999,
) -> int | Default:
    """Return a setting that is a whole number.

    Args:
        environment: where it stands.
        name: of the setting.
        default: when it does not stand there.
        description: it is a number of.
        example: what may be written, for who wrote something else.
        minimum: the smallest that can be used.
        maximum: the largest.

    Raises:
        AppSettingsError: it is no such number.
    """
    text = environment.get(name, "").strip()
    if not text:
        return default
    # int() takes signs, underscores and other scripts' digits, and thousands of digits slowly.
    if not re.fullmatch(r"[0-9]{1,9}", text) or not minimum <= int(text) <= maximum:
        raise AppSettingsError(f"{name}: {text[:20]} is no {description}; write {example}")
    return int(text)


def _read_count(environment: Mapping[str, str], name: str, default: int) -> int:
    return read_integer(
        environment, name, default, description="number", example=f"one like {default}, or 0"
    )


def _read_path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def _parse_video_root(text: str) -> str | None:
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


def _read_networks(
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


def _read_sites(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read sites for a header: nothing else may get into it."""
    sites = tuple(environment.get(name, "").replace(",", " ").split())
    for site in sites:
        if not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]+)?", site):
            raise AppSettingsError(f"{name}: {site!r}; write sites like https://huggingface.co")
    return sites
