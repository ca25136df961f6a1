"""Names the titles of discs: by the folders above the disc, as its files have only numbers.

Where a season's disc holds several titles, no number says which episodes they are: they keep the
names of their disc and of their file.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from whenanime_pipeline.core.library.episode import EpisodeKind, EpisodeName
from whenanime_pipeline.core.library.naming.folders import (
    FolderNames,
    is_transparent_folder,
    read_folders,
)
from whenanime_pipeline.core.library.naming.merge import choose_folders, read_anilist_folder
from whenanime_pipeline.core.library.naming.stems import Reading

_DISC_TITLE = re.compile(
    r"(?P<folder>|.*/)(?:BDMV/STREAM/(?P<clip>[^/]+)\.m2?ts|VIDEO_TS/(?P<vob>VTS_\d\d_\d)\.VOB)",
    re.IGNORECASE,
)


def find_disc_parent(path: str) -> str | None:
    """Return the folder that holds the disc whose title a video stands for; None for others."""
    match = _DISC_TITLE.fullmatch(path)
    return None if match is None else match["folder"].strip("/")


def name_disc_titles(paths: Sequence[str], root_title: str) -> dict[str, EpisodeName]:
    """Return the names of those videos that stand for the titles of a disc.

    Args:
        paths: Paths of all videos relative to the videos folder.
        root_title: Series where no folder names one.
    """
    found = {path: match for path in paths if (match := _DISC_TITLE.fullmatch(path))}
    counts = Counter(match["folder"] for match in found.values())
    return {
        path: _name_title(
            unicodedata.normalize("NFC", match["folder"].strip("/")),
            (match["clip"] or match["vob"]) if counts[match["folder"]] > 1 else "",
            root_title,
        )
        for path, match in found.items()
    }


def _name_title(folder: str, file: str, root_title: str) -> EpisodeName:
    names = tuple(folder.split("/")) if folder else ()
    folders = choose_folders("", Reading("none"), read_folders(names))
    series = folders.series or root_title
    disc = names[-1] if names and is_transparent_folder(names[-1]) else ""
    return EpisodeName(
        series,
        season=folders.season,
        season_name=folders.season_name,
        title=" ".join(word for word in (disc, file) if word) or None,
        kind=_find_kind(folders, is_single=not (disc or file)),
        mark=folders.label,
        year=folders.year,
        ids=folders.ids or read_anilist_folder(series, is_outermost=folders.is_outermost),
    )


def _find_kind(folders: FolderNames, *, is_single: bool) -> EpisodeKind:
    if folders.is_specials:
        return "special"
    return "film" if is_single and folders.season is None else "episode"
