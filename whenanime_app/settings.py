"""Defines the app's settings and reads them from environment variables."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from whenanime_app.machine import count_usable_cores

SettingsT = TypeVar("SettingsT", bound="AppSettings")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_HOME = Path(".whenanime")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
_MIN_KEY_LENGTH = 16
LOOPBACK_NETWORKS: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)


class AppSettingsError(ValueError):
    """A setting cannot be used; the message names it and gives an example."""


def _parse_integer(value: object) -> object:
    # int() takes signs, underscores and other scripts' digits, and thousands of digits slowly.
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value.strip()):
        raise ValueError(f"{value.strip()[:20]} is not a whole number")
    return value


def _check_video_root(text: str | None) -> str | None:
    if text is None:
        return None
    text = text.strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    # The message leaves the text out: it may contain a password.
    if not usable or set("?#\\") & set(text):
        raise ValueError("not an http or https address of a folder, without ? and #")
    return text


def _parse_networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().lower() == "none":
        return ()
    return tuple(ipaddress.ip_network(part) for part in value.replace(",", " ").split())


def _parse_sites(value: object) -> object:
    if not isinstance(value, str):
        return value
    sites = tuple(value.replace(",", " ").split())
    for site in sites:  # they become part of a header, so nothing else may
        if not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]+)?", site):
            raise ValueError(f"{site!r} is not a site")
    return sites


def _check_operator_key(text: str | None) -> str | None:
    text = (text or "").strip() or None
    if text is not None and (len(text) < _MIN_KEY_LENGTH or not text.isascii()):
        raise ValueError(f"shorter than {_MIN_KEY_LENGTH} characters, or not ASCII")
    return text


def _strip_slashes(text: str | None) -> str | None:
    return (text or "").rstrip("/") or None


Integer = Annotated[int, BeforeValidator(_parse_integer)]
_Networks = Annotated[tuple[Network, ...], BeforeValidator(_parse_networks)]
_Sites = Annotated[tuple[str, ...], BeforeValidator(_parse_sites)]


def _variable(
    name: str,
    default: object,
    *,
    example: str | None = None,
    ge: int | None = None,
    le: int | None = None,
    repr: bool = True,  # noqa: A002
) -> Any:  # noqa: ANN401  (as pydantic's Field)
    """Return a field that `load_settings` reads from `WHENANIME_<name>`."""
    examples = None if example is None else [example]
    alias = f"WHENANIME_{name}"
    return Field(default, validation_alias=alias, examples=examples, ge=ge, le=le, repr=repr)


class AppSettings(BaseSettings):
    """All settings of the app. The constructor reads no environment; `load_settings` does.

    Attributes:
        home: folder with `snapshots/`; the app stores its key and its cache of previews there.
        videos: folder of the videos, only read; None without one, which leaves stills only.
        video_root: http or https address of a folder with the videos that `videos` lacks; it may
            contain a user name and a password, so it is never shown.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        public_url: URL at which clients reach this server, without a slash at the end; None takes
            it from each request.
        fetch_networks: private networks that `?url=` may reach, such as that of a NAS.
        trusted_proxies: networks of proxies whose `X-Forwarded-*` headers are used.
        frame_ancestors: other sites that may show the page in a frame.
        secret: key for signed links; None keeps a random one in a file of the home.
        operator_key: key of the operator, who may change what the page shows; None keeps a random
            one in a file of the home.
        is_exported: whether the home is an exported folder, which takes no changes unless
            `operator_key` is set.
        searches_per_minute: searches of one client; 0 is no limit. Clients on this machine that
            connect without a proxy are never limited.
        requests_per_minute: other requests of one client; 0 is no limit.
        searches_at_once: running searches of one client; 0 is no limit.
        threads: searches and previews that run at once.
        processes: worker processes for searches, each with the index in its memory; None chooses
            by cores, memory and size of the index.
        max_waiting: searches and previews that may wait for a thread; more are refused. Two cores
            do twelve to twenty a second, so the wait is one or two seconds.
        max_preview_cache_bytes: bytes on disk of the cache of previews.
        ef: candidates of a search among the embeddings, more being slower and finding more; None
            for the library's option.
        max_body_bytes: bytes of memory for the bodies of all running requests; likewise for the
            pictures that wait for a search, and for those being downloaded.
    """

    model_config = SettingsConfigDict(case_sensitive=True, frozen=True, populate_by_name=True)

    home: Path = _variable("HOME", DEFAULT_HOME)
    videos: Path | None = _variable("VIDEOS", None)
    video_root: Annotated[str | None, AfterValidator(_check_video_root)] = _variable(
        "VIDEO_ROOT", None, example="an address like https://example.org/videos", repr=False
    )
    host: str = DEFAULT_HOST
    port: Integer = DEFAULT_PORT
    public_url: Annotated[str | None, AfterValidator(_strip_slashes)] = _variable(
        "PUBLIC_URL", None
    )
    fetch_networks: _Networks = _variable(
        "FETCH_NETWORKS", (), example="networks like 192.168.1.0/24"
    )
    trusted_proxies: _Networks = _variable(
        "TRUSTED_PROXIES", LOOPBACK_NETWORKS, example="networks like 192.168.1.0/24, or none"
    )
    frame_ancestors: _Sites = _variable("FRAMES", (), example="sites like https://huggingface.co")
    secret: str | None = _variable("SECRET", None, repr=False)
    operator_key: Annotated[str | None, AfterValidator(_check_operator_key)] = _variable(
        "OPERATOR_KEY", None, example="a random text of 16 characters or more", repr=False
    )
    is_exported: bool = False
    searches_per_minute: Integer = _variable(
        "SEARCHES_PER_MINUTE", 60, example="a number like 60, or 0", ge=0
    )
    requests_per_minute: Integer = _variable(
        "REQUESTS_PER_MINUTE", 1200, example="a number like 1200, or 0", ge=0
    )
    searches_at_once: Integer = _variable(
        "SEARCHES_AT_ONCE", 4, example="a number like 4, or 0", ge=0
    )
    threads: int = 2
    processes: Integer | None = _variable(
        "PROCESSES", 0, example="a number of processes like 3", ge=0, le=64
    )
    max_waiting: int = 24
    max_preview_cache_bytes: int = 512 << 20
    ef: Integer | None = _variable("EF", None, example="a number of candidates like 128", ge=1)
    max_body_bytes: int = 128 << 20

    @property
    def is_behind_proxy(self) -> bool:
        """Whether a public address or trusted proxies are set: then the loopback may be anyone."""
        return self.public_url is not None or "trusted_proxies" in self.model_fields_set

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from arguments only."""
        return (init_settings,)


def load_settings(
    environment: Mapping[str, str] = os.environ,
    *,
    home: Path | None = None,
    videos: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> AppSettings:
    """Return the settings: arguments override environment variables, which override defaults.

    Args:
        environment: variables; see the fields of `AppSettings`. Networks and sites are separated
            by commas or spaces; `none` is no network.
        home: home of the library.
        videos: folder of the videos.
        host: address to listen on.
        port: port to listen on.

    Raises:
        AppSettingsError: the videos' folder is missing, or a variable cannot be used.
    """
    given = {"home": home, "videos": videos, "host": host, "port": port}
    return read_settings(AppSettings, environment, given)


def read_settings(
    settings_class: type[SettingsT],
    environment: Mapping[str, str],
    given: Mapping[str, object | None],
) -> SettingsT:
    """Return settings of a class; see `load_settings`.

    Args:
        settings_class: class whose fields name their variables.
        environment: variables; blank ones count as unset.
        given: values by field name that override variables, unless None.

    Raises:
        AppSettingsError: the videos' folder is missing, or a variable cannot be used.
    """
    source = EnvSettingsSource(settings_class)
    source.env_vars = {name: value for name, value in environment.items() if value.strip()}
    # By field name, so that an argument takes the place of its variable.
    variables = {
        name: source.get_field_value(field, name)[0]
        for name, field in settings_class.model_fields.items()
        if field.validation_alias
    }
    values: dict[str, Any] = {"threads": max(2, count_usable_cores()), "processes": None}
    for layer in (variables, given):
        values |= {name: value for name, value in layer.items() if value is not None}
    videos = values.get("videos")
    if videos is not None and not Path(videos).is_dir():
        raise AppSettingsError(f"{videos}: no such folder; give the folder of your videos")
    try:
        return settings_class(**values)
    except ValidationError as error:
        # Without its cause, which contains the values: some are secret.
        raise AppSettingsError(_describe_error(settings_class, error)) from None


def _describe_error(settings_class: type[AppSettings], error: ValidationError) -> str:
    """Name the first variable that cannot be used, the reason and an example."""
    first = error.errors(include_url=False, include_context=False)[0]
    location = str(first["loc"][0])
    fields = settings_class.model_fields
    field = fields.get(location) or next(
        field for field in fields.values() if field.validation_alias == location
    )
    reason = first["msg"].removeprefix("Value error, ")
    if field.repr:  # else the value is secret
        reason = reason.replace("Input", str(first["input"])[:20], 1)
    example = f"; write {field.examples[0]}" if field.examples else ""
    return f"{field.validation_alias or location}: {reason}{example}"
