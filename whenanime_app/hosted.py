"""Serves a folder written by `whenanime export` on a host that configures it by variables."""

import os
from collections.abc import Mapping
from pathlib import Path

import typer
from pydantic import Field

from whenanime_app.settings import (
    DEFAULT_PORT,
    AppSettings,
    AppSettingsError,
    Integer,
    read_settings,
)

_ALL_INTERFACES = "0.0.0.0"  # noqa: S104  (a container is reached from outside or not at all)
# Hosts show the page in a frame of their own.
_FRAMING_SITES = "https://huggingface.co https://modelscope.cn https://*.modelscope.cn"
_PRIVATE_NETWORKS = (
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 ::1/128 fc00::/7"
)
_IGNORED_SEED_VARIABLES = ("conf_path", "info_path", "model_path")


class _HostedSettings(AppSettings):
    """The app's settings, with the address to listen on read from variables too."""

    is_exported: bool = True
    host: str = Field(_ALL_INTERFACES, validation_alias="WHENANIME_HOST")
    port: Integer = Field(
        DEFAULT_PORT,
        validation_alias="WHENANIME_PORT",
        examples=["a port like 7860"],
        ge=1,
        le=65_535,
    )


def main(folder: Path) -> None:
    """Serve the page over a folder's snapshot until interrupted.

    Args:
        folder: exported folder, with `home/`.
    """
    try:
        settings, remarks = load_hosted_settings(folder, os.environ)
    except AppSettingsError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from error
    for remark in remarks:
        typer.echo(remark, err=True)
    from whenanime_app.server import run

    typer.echo(f"WhenAnime: port {settings.port}")
    run(settings)


def load_hosted_settings(
    folder: Path, environment: Mapping[str, str]
) -> tuple[AppSettings, list[str]]:
    """Return the settings, and a remark for each variable that is ignored.

    Args:
        folder: exported folder, with `home/`.
        environment: see `map_hosted_environment`.

    Raises:
        AppSettingsError: a variable cannot be used.
    """
    variables, remarks = map_hosted_environment(folder, environment)
    return read_settings(_HostedSettings, variables, {}), remarks


def map_hosted_environment(
    folder: Path, environment: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the `WHENANIME_*` variables, and a remark for each variable that is ignored.

    Args:
        folder: exported folder, with `home/`.
        environment: `WHENANIME_*` variables; `SPACE_HOST`, the page's address on Hugging Face; and
            the variables of older deployments, which `WHENANIME_*` override.
    """
    own = {name: value for name, value in environment.items() if value.strip()}
    mapped, remarks = _map_seed_environment(folder, own)
    mapped = {"WHENANIME_HOME": str(folder / "home"), "WHENANIME_FRAMES": _FRAMING_SITES} | mapped
    if "SPACE_HOST" in own:
        mapped["WHENANIME_PUBLIC_URL"] = f"https://{own['SPACE_HOST']}"
        # There the page can be reached through the host's own proxies only.
        mapped["WHENANIME_TRUSTED_PROXIES"] = _PRIVATE_NETWORKS
    return mapped | own, remarks


def _map_seed_environment(
    folder: Path, environment: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    mapped: dict[str, str] = {}
    remarks = []
    root = environment.get("video_path_root", "")
    if root.startswith(("http://", "https://")):
        mapped["WHENANIME_VIDEO_ROOT"] = root
    elif root:
        mapped["WHENANIME_VIDEOS"] = str(folder / root)
    if "ef" in environment:
        mapped["WHENANIME_EF"] = environment["ef"]
    index = environment.get("index_path")
    if index is not None:
        if (folder / index / "snapshots").is_dir():
            mapped["WHENANIME_HOME"] = str(folder / index)
        else:
            remarks.append("index_path is ignored: it is not a folder with snapshots/")
    remarks += [
        f"{name} is ignored: the snapshot contains what it names"
        for name in _IGNORED_SEED_VARIABLES
        if name in environment
    ]
    return mapped, remarks
