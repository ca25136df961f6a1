"""Merges what a file's stem says with what its folders say into the name of an episode."""

import re
from dataclasses import replace

from whenanime_pipeline.core.library.episode import EpisodeKind, EpisodeName
from whenanime_pipeline.core.library.naming.folders import FolderNames
from whenanime_pipeline.core.library.naming.plain_numbers import is_year_like
from whenanime_pipeline.core.library.naming.stems import Reading
from whenanime_pipeline.core.library.naming.titles import fold_title, is_same_title
from whenanime_pipeline.core.library.naming.words import EXTRA_LABELS


def merge_reading(
    stem: str, reading: Reading, folders: FolderNames, part: str | None, root_title: str
) -> EpisodeName:
    """Return the name that one reading of a stem gives in its folders.

    Args:
        stem: File name without its extension, NFC.
        reading: One reading of the stem.
        folders: What its folders say.
        part: `part2` where the file is a part of a film or episode, else None.
        root_title: Series where neither stem nor folders name one.
    """
    folders = choose_folders(stem, reading, folders)
    is_special = reading.label is not None or folders.is_specials or reading.season == 0
    if reading.number is None and not folders.has_season_folder and not is_special:
        name = _name_film(stem, reading, folders)
    else:
        name = _name_episode(stem, reading, folders, root_title)
    if part:
        name = replace(name, mark="".join(filter(None, [name.mark, part])))
    return name if name.series.strip() else replace(name, series=root_title.strip() or stem)


def choose_folders(stem: str, reading: Reading, folders: FolderNames) -> FolderNames:
    """Return the folders with a numbered one read as season or series, as the file tells.

    `24_决战次时代` above `01-怪石.mp4` is a season; `91 Days` above `91 Days - 03` is the series.
    """
    numbered = folders.numbered
    if numbered is None or folders.as_season is None or _starts_with_series(stem, folders):
        return folders
    if numbered.name is None:
        above = folders.as_season.series or ""
        inside = reading.title is None or is_same_title(reading.title, above)
        return folders.as_season if above and inside else folders
    is_latin = not re.match(r"[\u3040-\u9fff\uac00-\ud7af]", numbered.name) and numbered.gap != "_"
    if reading.rule.startswith("first") or reading.rule == "bare":
        is_season = numbered.gap == "_" or not (reading.rule == "bare" or is_latin)
        return folders.as_season if is_season else folders
    if reading.number is None or reading.season is not None:
        return folders
    if reading.title and (folders.series or "").startswith(reading.title):
        return folders
    return folders.as_season if numbered.gap == "_" else folders


def _starts_with_series(stem: str, folders: FolderNames) -> bool:
    series = folders.series or ""
    if folders.numbered and series.strip(" -_.").isdigit():
        return False  # the rest of `01_第一季` without its season is no name
    return bool(series) and stem.casefold().startswith(series.casefold())


def _name_episode(
    stem: str, reading: Reading, folders: FolderNames, root_title: str
) -> EpisodeName:
    if folders.has_season_folder and folders.series:
        reading = replace(reading, title=_drop_series(reading.title, folders.series))
    series, year, ids, season = _resolve_series(reading, folders, root_title)
    if folders.is_specials and reading.label is None and reading.number is None:
        reading = _read_unknown_label(reading)
    is_named = reading.label is not None
    reading = _make_extra(replace(reading, season=season), folders)
    kind = _find_kind(reading, folders)
    is_special = kind == "special"
    title = reading.episode_title
    if reading.number is None and title is None and not (is_special and is_named):
        own = reading.title or (None if is_named else stem)
        title = own if own and not is_same_title(own, series) else None
    season_name = reading.season_name
    if folders.season_name and reading.season == folders.season:
        season_name = folders.season_name
    return EpisodeName(
        series=series,
        season=None if kind == "film" else reading.season,
        season_name=season_name if reading.season or not is_special else folders.season_name,
        number=reading.number,
        number_end=reading.number_end if reading.number is not None else None,
        title=title,
        kind=kind,
        mark="".join(filter(None, [reading.label, reading.suffix])) or None,
        year=year,
        absolute=reading.absolute,
        ids=ids,
    )


def _make_extra(reading: Reading, folders: FolderNames) -> Reading:
    """Return the reading with label and season of a special or extra, where it is one."""
    if folders.is_extras or reading.label in EXTRA_LABELS:
        if folders.is_extras and reading.rule in {"code", "date"}:
            reading = replace(reading, episode_title=describe_extra(reading), number=None)
        return replace(reading, label=reading.label or folders.label, season=0)
    if reading.label or (folders.is_specials and reading.season in {None, 0}):
        return replace(reading, label=reading.label or folders.label, season=0)
    return reading


def _find_kind(reading: Reading, folders: FolderNames) -> EpisodeKind:
    in_specials = folders.is_specials and reading.season in {None, 0}
    if reading.label or reading.season == 0 or in_specials:
        return "special"
    if reading.is_film and not reading.is_declared:
        return "film"
    return "special" if reading.suffix.startswith(".") else "episode"  # 12.5 is a recap


def _read_unknown_label(reading: Reading) -> Reading:
    """Return a special with what its last brackets say as label: `[Mini Theater 03]`."""
    match = re.fullmatch(r"(?P<label>.*?\D)[\s_-]*(?P<number>\d{1,3})?", reading.bracket_text or "")
    if not match:
        return reading
    number = int(match["number"]) if match["number"] else None
    return replace(reading, label=match["label"].strip(" _-"), number=number)


def _drop_series(title: str | None, series: str) -> str | None:
    """Return the rest of a title in a season folder; None where only the series is left."""
    return None if title is None or is_same_title(title, series) else title


def describe_extra(reading: Reading) -> str | None:
    """Return the title of an extra whose name holds an episode's code."""
    code = "" if reading.season is None else f"S{reading.season:02d}"
    code += "" if reading.number is None else f"E{reading.number:02d}"
    return " ".join(part for part in (code, reading.episode_title) if part) or None


def _resolve_series(
    reading: Reading, folders: FolderNames, root_title: str
) -> tuple[str, int | None, tuple[str, ...], int | None]:
    """Return series, year, ids and season: those of the file, or of its folder."""
    season = reading.season if reading.season is not None else folders.season
    if folders.series is None:
        return reading.title or root_title, reading.year, reading.ids or folders.ids, season
    if reading.is_bracketed and not is_same_title(folders.series, reading.title or ""):
        reading = replace(reading, title=None)  # `[Group] 01` below the series
    if reading.title is None and not folders.has_season_folder and len(folders.series) > 3:
        ids = folders.ids or read_anilist_folder(folders.series, is_outermost=folders.is_outermost)
        return folders.series, folders.year, ids, season
    if reading.title is None or folders.has_season_folder:
        return folders.series, folders.year, folders.ids or reading.ids, season
    described = bool(folders.ids or folders.year)
    if is_same_title(folders.series, reading.title) or (described and reading.number is not None):
        year = folders.year if folders.year is not None else reading.year
        return folders.series, year, folders.ids or reading.ids, season
    ids = reading.ids or read_anilist_folder(folders.series, is_outermost=folders.is_outermost)
    return reading.title, reading.year, ids, reading.season


def _name_film(stem: str, reading: Reading, folders: FolderNames) -> EpisodeName:
    title = reading.title or stem
    if folders.series is None or is_same_title(folders.series, title):
        series, own_title = folders.series or title, None
        year = reading.year if reading.year is not None else folders.year
        ids = reading.ids or folders.ids
    elif reading.year is not None or reading.is_film or reading.ids:
        series, own_title, year, ids = title, None, reading.year, reading.ids
    else:
        series, own_title, year, ids = folders.series, title, folders.year, folders.ids
    return EpisodeName(series, title=own_title, kind="film", year=year, ids=ids)


def read_anilist_folder(name: str, *, is_outermost: bool) -> tuple[str, ...]:
    """Return the id by which trace.moe's layout names a series' folder: `21034/Show - 01.mp4`."""
    is_id = is_outermost and re.fullmatch(r"[1-9]\d{0,6}", name) and not is_year_like(int(name))
    return (f"anilist-{name}",) if is_id else ()


def starts_with_title(title: str | None, series: str | None) -> bool:
    """Whether a title begins with the folder's series: `91 Days 05` below `91 Days`."""
    folded = fold_title(series or "")
    return bool(folded) and fold_title(title or "").startswith(folded)
