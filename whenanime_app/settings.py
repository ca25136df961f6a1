"""What the app is told when it starts: folders, address, limits."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_HOME = Path(".whenanime")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860


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
        secret: key for signed links; None keeps a random one in a file of the home.
        threads: searches and previews that run at once.
        waiting: searches and previews that may wait for a thread; more are told to come back.
        preview_cache_bytes: how much disk the cut previews may take.
        ef: candidates of a search among the embeddings, more being slower and finding more; None
            for as many as the library's options say.
    """

    home: Path = DEFAULT_HOME
    videos: Path | None = None
    video_root: str | None = field(default=None, repr=False)
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    public_url: str | None = None
    fetch_networks: tuple[Network, ...] = ()
    secret: str | None = field(default=None, repr=False)
    threads: int = 2
    waiting: int = 64
    preview_cache_bytes: int = 512 << 20
    ef: int | None = None


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
            `WHENANIME_PUBLIC_URL`, `WHENANIME_SECRET`, `WHENANIME_FETCH_NETWORKS`
            (`192.168.0.0/16,…`) and `WHENANIME_EF` are read.
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
        fetch_networks=_networks(environment.get("WHENANIME_FETCH_NETWORKS", "")),
        secret=environment.get("WHENANIME_SECRET") or None,
        threads=max(2, os.cpu_count() or 2),
        ef=_number(environment.get("WHENANIME_EF", "").strip()),
    )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 9):
        raise AppSettingsError(f"WHENANIME_EF: {text[:20]} is no number of candidates; write 128")
    return int(text)


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


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        raise AppSettingsError(
            f"WHENANIME_FETCH_NETWORKS: {error}; write networks like 192.168.1.0/24"
        ) from error
