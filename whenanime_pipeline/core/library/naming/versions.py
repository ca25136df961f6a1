"""Describes by what a file's name may differ from that of another version of the same episode."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.naming.body import build_body
from whenanime_pipeline.core.library.naming.folders import is_transparent_folder, read_season_folder
from whenanime_pipeline.core.library.naming.words import COPY_FOLDERS

_VERSION = re.compile(r"(?:(?<=[\d話话集回화])|(?<!\w))v(\d{1,2})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VersionMark:
    """What distinguishes versions of one episode, and what they have in common.

    Attributes:
        core: Words of folders and name without tags, version marks and folders of season, quality
            or versions; equal for versions of one episode.
        version: The N of `vN`; 1 without it.
        is_copy_folder: Whether the file is in a folder of a media server's further versions.
    """

    core: str
    version: int
    is_copy_folder: bool


def describe_version(path: str) -> VersionMark:
    """Describe the version that a file is.

    Args:
        path: Path relative to the videos folder with `/` between the parts, in any Unicode form.
    """
    *folders, file_name = unicodedata.normalize("NFC", path).split("/")
    stem = PurePosixPath(file_name).stem
    found = [int(match[1]) for match in _VERSION.finditer(stem)]
    own = [
        name
        for name in folders
        if not is_transparent_folder(name) and read_season_folder(name) is None
    ]
    return VersionMark(
        core="/".join([*map(_fold, own), _fold(stem)]),
        version=found[-1] if found else 1,
        is_copy_folder=any(name.strip().casefold() in COPY_FOLDERS for name in folders),
    )


def _fold(name: str) -> str:
    """Return the words of a name outside its tags, separated by spaces."""
    body = build_body(name)
    outside = _VERSION.sub(" ", f"{body.text} {body.label_text or ''}")
    text = unicodedata.normalize("NFKC", outside).casefold()
    return " ".join(word for word in re.split(r"[\W_]+", text) if word)
