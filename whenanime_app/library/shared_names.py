"""Lists the files that share an episode name, and counts those that are left out, for the page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ValidationError

from whenanime_pipeline.core.file_cache import FileCache
from whenanime_pipeline.core.home import Home

MAX_SHOWN_FILES = 50
"""The page shows no more than these; `whenanime index` lists all."""

SharedNameKind = Literal["version", "namesake", "gap"]


@dataclass(frozen=True, slots=True)
class SharedName:
    """A file that has the episode name of an indexed file.

    Attributes:
        filename: Without its folders.
        kind: "version" for another version of that file, which is not indexed; "namesake" for
            another video, which is indexed too; "gap" for a part of a film that stands alone,
            because parts before it are not there.
        says: Name of the episode.
        other: Name of the indexed file, without its folders; numbers of the parts for a gap.
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
        versions: Key of an episode to the names of its other versions, without their folders.
    """

    files: tuple[SharedName, ...] = ()
    left_out: int = 0
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Claim(BaseModel):
    path: str
    holder: str
    says: str = ""
    key: str = ""


class _Namesake(BaseModel):
    path: str
    other: str
    says: str


class _Gap(BaseModel):
    path: str
    says: str
    missing: list[int]


class _Catalogue(BaseModel):
    claims: list[_Claim] = []
    namesakes: list[_Namesake] = []
    gaps: list[_Gap] = []
    left_out: int = 0


class _Document(BaseModel):
    """The part of the catalogue file that is needed here."""

    catalogue: _Catalogue


class SharedNamesReader:
    """Reads the files that share an episode name; made to be asked again and again."""

    def __init__(self, home: Home) -> None:
        """Prepare to read; the home need not exist."""
        self._catalogue = home.catalogue_file
        self._held: FileCache[SharedNames] = FileCache()

    def read(self) -> SharedNames:
        """Return what the catalogue says, read again only when it has changed.

        Without a readable catalogue, as with a snapshot alone, there are none.
        """
        return self._held.get([self._catalogue], lambda: _read(self._catalogue))


def _read(path: Path) -> SharedNames:
    try:
        stored = _Document.model_validate_json(path.read_bytes()).catalogue
    except (OSError, ValidationError):
        return SharedNames()
    versions = [_describe(one.path, "version", one.says, one.holder) for one in stored.claims]
    namesakes = [_describe(one.path, "namesake", one.says, one.other) for one in stored.namesakes]
    gaps = [
        SharedName(PurePosixPath(one.path).name, "gap", one.says, ", ".join(map(str, one.missing)))
        for one in stored.gaps
    ]
    files = sorted([*versions, *namesakes, *gaps], key=lambda one: (one.says, one.filename))
    return SharedNames(tuple(files), stored.left_out, _list_versions(stored.claims))


def _list_versions(claims: Sequence[_Claim]) -> Mapping[str, tuple[str, ...]]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        by_key[claim.key].append(PurePosixPath(claim.path).name)
    return {key: tuple(sorted(names)) for key, names in by_key.items()}


def _describe(path: str, kind: SharedNameKind, says: str, other: str) -> SharedName:
    return SharedName(PurePosixPath(path).name, kind, says, PurePosixPath(other).name)
