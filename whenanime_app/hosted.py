"""The app in a folder that `whenanime export` wrote, on a host that tells its settings by names."""

import os
from collections.abc import Mapping
from pathlib import Path

import typer

from whenanime_app.settings import (
    DEFAULT_PORT,
    AppSettings,
    AppSettingsError,
    load_settings,
    read_integer,
)

_ALL_INTERFACES = "0.0.0.0"  # noqa: S104  (a container is reached from outside or not at all)
# Hosts show the page in a frame of their own.
_FRAMING_SITES = "https://huggingface.co https://modelscope.cn https://*.modelscope.cn"
_PRIVATE_NETWORKS = (
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 ::1/128 fc00::/7"
)
_IGNORED_SEED_VARIABLES = ("conf_path", "info_path", "model_path")


def main(folder: Path) -> None:
    """Serve the page over a folder's snapshot until interrupted.

    Args:
        folder: with `home/`.
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
    """Return the settings, and what is to be said of variables that were passed over.

    Args:
        folder: with `home/`.
        environment: see `map_hosted_environment`.

    Raises:
        AppSettingsError: one of them cannot be used.
    """
    told, remarks = map_hosted_environment(folder, environment)
    host = told.get("WHENANIME_HOST", _ALL_INTERFACES)
    port = read_integer(
        told,
        "WHENANIME_PORT",
        DEFAULT_PORT,
        description="port",
        example="7860",
        minimum=1,
        maximum=65_535,
    )
    return load_settings(told, host=host, port=port), remarks


def map_hosted_environment(
    folder: Path, environment: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return our own variables, and what is to be said of those that were passed over.

    Args:
        folder: with `home/`.
        environment: our own variables; `SPACE_HOST`, by which Hugging Face tells the page's
            address; and those of the seed's app, which ours win over.
    """
    own = {name: value for name, value in environment.items() if value.strip()}
    told, remarks = _map_seed_environment(folder, own)
    told = {"WHENANIME_HOME": str(folder / "home"), "WHENANIME_FRAMES": _FRAMING_SITES} | told
    if "SPACE_HOST" in own:
        told["WHENANIME_PUBLIC_URL"] = f"https://{own['SPACE_HOST']}"
        # There the page is reached through the host's own proxies and in no other way.
        told["WHENANIME_TRUSTED_PROXIES"] = _PRIVATE_NETWORKS
    return told | own, remarks


def _map_seed_environment(
    folder: Path, environment: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    told: dict[str, str] = {}
    remarks = []
    root = environment.get("video_path_root", "")
    if root.startswith(("http://", "https://")):
        told["WHENANIME_VIDEO_ROOT"] = root
    elif root:
        told["WHENANIME_VIDEOS"] = str(folder / root)
    if "ef" in environment:
        told["WHENANIME_EF"] = environment["ef"]
    index = environment.get("index_path")
    if index is not None:
        if (folder / index / "snapshots").is_dir():
            told["WHENANIME_HOME"] = str(folder / index)
        else:
            remarks.append("index_path is passed over: it is no folder with snapshots/")
    remarks += [
        f"{name} is passed over: the snapshot holds what it names"
        for name in _IGNORED_SEED_VARIABLES
        if name in environment
    ]
    return told, remarks
