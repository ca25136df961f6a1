"""Options that commands share, and their checks: home, videos folder, ports, packages."""

import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.terminal import print_line
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.library.scan import is_valid_utf8

if TYPE_CHECKING:
    from whenanime_pipeline.core.workspace import Workspace

HomeOption = Annotated[
    Path, typer.Option(envvar="WHENANIME_HOME", help="Where everything computed is kept.")
]
VideosOption = Annotated[
    Path | None,
    typer.Option(
        envvar="WHENANIME_VIDEOS",
        help="The folder of the videos; the one last indexed, else videos/.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DEFAULT_HOME = Path(".whenanime")
DEFAULT_VIDEOS = Path("videos")


def workspace_at(home: Path, videos: Path | None) -> "Workspace":
    """Return the library of the given videos folder, else of the one last indexed, else `videos/`.

    Raises:
        CommandError: the home's path is invalid.
        CatalogueError: the catalogue is damaged.
    """
    # Imports native libraries: `--help` should not wait for them, nor `doctor` fail by them.
    from whenanime_pipeline.core.workspace import Workspace

    place = home_at(home)
    last = load_catalogue(place.catalogue_file).folder if videos is None else None
    return Workspace(place, videos or (Path(last) if last else DEFAULT_VIDEOS))


def home_at(folder: Path) -> Home:
    """Return the home in a folder.

    Raises:
        CommandError: its path is a file or not valid UTF-8.
    """
    if not is_valid_utf8(str(folder.absolute())):
        raise CommandError(f"{folder}: its path is not valid UTF-8; give another home by --home")
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder}: is a file; give a folder by --home")
    return Home(folder)


def check_port(host: str, port: int, option: str) -> None:
    """Check that a port can be listened on, before anything is started.

    Args:
        host: name or address, IPv4 or IPv6.
        port: port to check.
        option: option that sets the port, for the message.

    Raises:
        CommandError: the port is in use, or this machine does not have the address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"{host}:{port}: {reason}; give another by {option}") from error


def require_package(module: str, extra: str) -> None:
    """Exit with installation instructions if a package is missing."""
    if find_spec(module) is None:
        exit_with_error(f"{module} is not installed; pip install 'whenanime[{extra}]'")


def exit_with_error(message: str) -> NoReturn:
    """Exit with a message and status 1."""
    print_line(f"error: {message}", error=True)
    sys.exit(1)
