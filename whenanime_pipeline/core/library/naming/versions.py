"""Describes which version of an episode a file is, by its path."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_VERSION = re.compile(r"(?<=\d)v(\d)\b|(?<![a-z\d])v(\d)(?![a-z\d])", re.IGNORECASE)
_TAGS = re.compile(r"\[[^\]]*\]|【[^】]*】")
_QUALITY = (
    r"(?:\d{3,4}[pi]|[48]k|uhd|fhd|hd|sd|bd(?:rip)?|blu-?ray|web(?:-?dl|rip)?|dvd(?:rip)?|hdtv|remux"
    r"|x26[45]|h\.?26[45]|hevc|avc|av1|10-?bit|8-?bit|aac|flac|ac3|opus)"
)
_QUALITY_WORD = re.compile(rf"(?<![^\W_]){_QUALITY}(?![^\W_])", re.IGNORECASE)
_QUALITY_FOLDER = re.compile(rf"(?:{_QUALITY}|[\s._()\[\]-])+", re.IGNORECASE)
_SEASON_FOLDER = re.compile(r"(?:season|staffel|saison)[\s._-]*\d+|s\d+", re.IGNORECASE)
_COPY_FOLDERS = frozenset({"plex versions", "optimized for tv", "optimized for mobile"})


@dataclass(frozen=True, slots=True)
class VersionMark:
    """What tells versions of one episode apart.

    Attributes:
        core: Path without tags, version marks and folders of quality or versions; equal for files
            that are versions of one episode.
        version: N of `vN`; 1 where there is none.
        is_copy_folder: Whether the file is below a folder that a media server makes copies in.
    """

    core: str
    version: int
    is_copy_folder: bool


def describe_version(path: str) -> VersionMark:
    """Describe which version of an episode a path names.

    Args:
        path: Path relative to the videos folder with `/` between the parts.
    """
    *folders, name = path.split("/")
    stem = PurePosixPath(name).stem
    found = _VERSION.search(stem)
    version = int(found[1] or found[2]) if found else 1
    is_copy = any(folder.casefold() in _COPY_FOLDERS for folder in folders)
    kept = [
        text
        for folder in folders
        if folder.casefold() not in _COPY_FOLDERS
        and not _QUALITY_FOLDER.fullmatch(folder)
        and not _SEASON_FOLDER.fullmatch(folder)
        and (text := _strip_tags(folder))
    ]
    return VersionMark("/".join([*kept, _strip_tags(stem)]), version, is_copy)


def _strip_tags(text: str) -> str:
    plain = _QUALITY_WORD.sub(" ", _VERSION.sub("", _TAGS.sub(" ", text)))
    plain = re.sub(r"\(\W*\)", " ", plain)
    return re.sub(r"[\s._-]+", " ", plain).strip().casefold()
