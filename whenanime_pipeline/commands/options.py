"""What the commands have in common: where a library is, and what is not installed."""

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
    """Return the library: of the folder given, else of the one last indexed, else `videos/`.

    Raises:
        CommandError: there can be no home at that place.
        CatalogueError: the catalogue there is damaged.
    """
    # Loads all that holds machine code: `--help` need not wait for it, nor `doctor` fail with it.
    from whenanime_pipeline.core.workspace import Workspace

    place = home_at(home)
    last = load_catalogue(place.catalogue_file).folder if videos is None else None
    return Workspace(place, videos or (Path(last) if last else DEFAULT_VIDEOS))


def home_at(folder: Path) -> Home:
    """Return the home at a place.

    Raises:
        CommandError: there can be none.
    """
    if not is_valid_utf8(str(folder.absolute())):
        raise CommandError(f"{folder}: its path is not valid UTF-8; give another home by --home")
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder}: is a file; give a folder by --home")
    return Home(folder)


def require_package(module: str, extra: str) -> None:
    """End with how to install it when a package is not there."""
    if find_spec(module) is None:
        exit_with_error(f"{module} is not installed; pip install 'whenanime[{extra}]'")


def exit_with_error(message: str) -> NoReturn:
    """End with a message and exit status 1."""
    print_line(f"error: {message}", error=True)
    sys.exit(1)
