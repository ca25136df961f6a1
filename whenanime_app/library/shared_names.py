"""Lists the files that share an episode name, and counts those that are left out, for the page."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ValidationError

from whenanime_pipeline.core.home import Home

MAX_SHOWN_FILES = 50
"""The page shows no more than these; `whenanime index` lists all."""

SharedNameKind = Literal["version", "namesake"]


@dataclass(frozen=True, slots=True)
class SharedName:
    """A file that has the episode name of an indexed file.

    Attributes:
        filename: Without its folders.
        kind: "version" for another version of that file, which is not indexed; "namesake" for
            another video, which is indexed too.
        says: Name of the episode.
        other: Name of the indexed file, without its folders.
    """

    filename: str
    kind: SharedNameKind
    says: str
    other: str


@dataclass(frozen=True, slots=True)
class SharedNames:
    """Files of the catalogue that an operator may want to look at.

    Attributes:
        files: Sorted by name.
        left_out: Number of videos that are left out.
    """

    files: tuple[SharedName, ...] = ()
    left_out: int = 0


class _Claim(BaseModel):
    path: str
    holder: str
    says: str = ""


class _Namesake(BaseModel):
    path: str
    other: str
    says: str


class _Catalogue(BaseModel):
    claims: list[_Claim] = []
    namesakes: list[_Namesake] = []
    left_out: int = 0


class _Document(BaseModel):
    """The part of the catalogue file that is needed here."""

    catalogue: _Catalogue


def read_shared_names(home: Path) -> SharedNames:
    """Read the files that share an episode name.

    Args:
        home: Folder of the library; without a readable catalogue there are none.
    """
    try:
        stored = _Document.model_validate_json(Home(home).catalogue_file.read_bytes()).catalogue
    except (OSError, ValidationError):
        return SharedNames()
    versions = [_describe(one.path, "version", one.says, one.holder) for one in stored.claims]
    namesakes = [_describe(one.path, "namesake", one.says, one.other) for one in stored.namesakes]
    files = sorted([*versions, *namesakes], key=lambda one: (one.says, one.filename))
    return SharedNames(tuple(files), stored.left_out)


def _describe(path: str, kind: SharedNameKind, says: str, other: str) -> SharedName:
    return SharedName(PurePosixPath(path).name, kind, says, PurePosixPath(other).name)
