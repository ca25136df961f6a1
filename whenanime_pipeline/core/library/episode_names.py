"""Parses a video's relative path into series, season and episode, or film.

One library may mix three naming schemes, and each file is parsed on its own: the numbered scheme
(`24_决战次时代/01-怪石现世.mp4`), media servers (`Show/Season 01/Show - S01E02 - Title.mkv`) and
fan releases (`[Group] Show - 02 [1080p].mkv`). A path that fits none is named by its stem.
"""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.folder_names import FolderNames, parse_folder_names
from whenanime_pipeline.core.library.numbered_names import NumberedName, parse_numbered_name
from whenanime_pipeline.core.library.release_names import ReleaseName, parse_release_name

NAMES_VERSION = 1
"""Version of the rules; incremented when a path may get another name, to discard stored ones."""


@lru_cache(maxsize=32768)  # a watched folder is scanned again and again
def parse_episode_name(path: str, root_title: str) -> EpisodeName:
    """Parse the name of an episode or film from a video's path.

    Args:
        path: Path relative to the videos folder with `/` between the parts, in any Unicode form.
        root_title: Series of files whose path names none: the title in the root's `tvshow.nfo`,
            else the configured one, else the root folder's name.

    Returns:
        A name with a non-empty `series`, for every path.
    """
    *folder_names, file_name = unicodedata.normalize("NFC", path).split("/")
    stem = PurePosixPath(file_name).stem.strip() or file_name
    folders, release = _parse_stem(stem, parse_folder_names(tuple(folder_names)))
    name = _merge_readings(stem, folders, release, root_title)
    return name if name.series.strip() else replace(name, series=root_title.strip() or stem)


def _parse_stem(stem: str, folders: FolderNames) -> tuple[FolderNames, ReleaseName]:
    """Parse the stem, and choose the reading of the folders that fits it."""
    if folders.series and not folders.has_season_folder and _is_same_title(folders.series, stem):
        return folders, _make_release(title=folders.series)  # `Mob Psycho 100`, a film
    if numbered := parse_numbered_name(stem):
        folders = _choose_season_reading(folders, stem, numbered)
        if _is_own_number(numbered, folders):
            return folders, _make_release(number=numbered.number, episode_title=numbered.name)
        return folders, parse_release_name(stem)
    release = parse_release_name(stem)
    if folders.as_season and _is_season_folder(folders, stem, release):
        # `24_决战次时代/第01集 怪石现世.mp4`
        return folders.as_season, replace(release, title=None)
    return folders, release


def _make_release(
    *, title: str | None = None, number: int | None = None, episode_title: str | None = None
) -> ReleaseName:
    return ReleaseName(title, None, number, None, episode_title, "episode", None, None)


def _choose_season_reading(folders: FolderNames, stem: str, numbered: NumberedName) -> FolderNames:
    """Read `24_决战次时代` as a season, but not the series `91 Days` above `91 Days - 03`."""
    folder = folders.numbered
    if folder is None or folders.as_season is None or _starts_with_folder_name(folders, stem):
        return folders
    is_season = numbered.name is not None or folder.separator == "_"
    return folders.as_season if is_season else folders


def _is_season_folder(folders: FolderNames, stem: str, release: ReleaseName) -> bool:
    """Whether a numbered folder is a season when its file is not in the numbered scheme."""
    folder = folders.numbered
    if folder is None or _starts_with_folder_name(folders, stem):
        return False
    if release.number is None or release.season is not None:
        return False
    if release.title and (folders.series or "").startswith(release.title):
        return False
    padded_dash = folder.separator == "-" and folder.is_padded and release.title is None
    return folder.separator == "_" or padded_dash


def _starts_with_folder_name(folders: FolderNames, stem: str) -> bool:
    """Whether a stem begins with its folder's name, as `91 Days - 03` does."""
    series = folders.series or "\0"
    if folders.numbered and folders.numbered.name and series.strip(" -_.").isdigit():
        return False  # the rest of `01_第一季` without its season is no name
    return stem.casefold().startswith(series.casefold())


def _is_own_number(numbered: NumberedName, folders: FolderNames) -> bool:
    """Whether a stem's first number is the episode's, and not a title's (`12 Angry Men`)."""
    if numbered.name is None:
        return folders.series is not None or folders.has_season_folder or numbered.number < 1000
    if folders.has_season_folder or numbered.separator in {"-", "_"}:
        return True
    if numbered.number > 999:
        return False
    return (numbered.is_padded and folders.series is not None) or numbered.separator == "."


def _merge_readings(
    stem: str, folders: FolderNames, release: ReleaseName, root_title: str
) -> EpisodeName:
    if release.number is None and not folders.has_season_folder and release.kind != "special":
        return _make_film_name(stem, folders, release)
    series, year, season = _resolve_series(folders, release, root_title)
    kind = release.kind
    mark = release.mark
    if folders.is_specials and release.season in {None, 0}:
        kind, season, mark = "special", 0, mark or folders.mark
    elif kind == "special" and season is None and not (mark or "").startswith("."):
        season = 0
    if kind == "film":
        season = None
    title = release.episode_title
    if release.number is None and (release.title or stem) not in {series, title}:
        title = title or _unnumbered_title(stem, release, mark)
    return EpisodeName(
        series=series,
        season=season,
        season_name=folders.season_name if season == folders.season else None,
        number=release.number,
        number_end=release.number_end,
        title=title,
        kind=kind,
        mark=mark,
        year=year,
    )


def _resolve_series(
    folders: FolderNames, release: ReleaseName, root_title: str
) -> tuple[str, int | None, int | None]:
    """Return series, year and season: those of the file, unless it is in a season folder."""
    if release.title is None or (folders.has_season_folder and folders.series):
        season = release.season if release.season is not None else folders.season
        if folders.series is None:
            return release.title or root_title, release.year, season
        return folders.series, folders.year, season
    if folders.series and _is_same_title(folders.series, release.title):
        season = release.season if release.season is not None else folders.season
        return folders.series, folders.year or release.year, season
    season = release.season
    if season is None and folders.has_season_folder:
        season = folders.season
    return release.title, release.year, season


def _make_film_name(stem: str, folders: FolderNames, release: ReleaseName) -> EpisodeName:
    title = release.title or stem
    if folders.series is None or _is_same_title(folders.series, title):
        series, own_title = folders.series or title, None
        year = release.year or folders.year
    elif release.year is not None or release.kind == "film":
        series, own_title, year = title, None, release.year
    else:
        series, own_title, year = folders.series, title, folders.year
    return EpisodeName(series, title=own_title, kind="film", mark=release.mark, year=year)


def _unnumbered_title(stem: str, release: ReleaseName, mark: str | None) -> str | None:
    """Return the title of an unnumbered file; None for a special whose mark is enough."""
    if mark and release.kind == "special":
        return None
    return release.title or stem


def _is_same_title(one: str, other: str) -> bool:
    """Whether two titles are equal except for case, punctuation and spaces."""
    folded = [
        re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
        for text in (one, other)
    ]
    return folded[0] == folded[1] and bool(folded[0])
