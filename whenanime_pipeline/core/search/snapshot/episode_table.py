"""The table of episodes of a snapshot, which answers are described by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whenanime_pipeline.core.library.episode import Character, Episode, EpisodeInfo
from whenanime_pipeline.core.library.identity.series_numbers import (
    SeriesIdentity,
    find_anilist_id,
    list_numbers,
)
from whenanime_pipeline.core.library.nfo.people import merge_characters
from whenanime_pipeline.core.library.nfo.tags import merge_tags
from whenanime_pipeline.core.media.chapters import Chapter, parse_chapters
from whenanime_pipeline.core.search.errors import SnapshotError


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One episode of a snapshot.

    Attributes:
        key: partition key, safe in paths and URLs.
        path: path of the video relative to the videos folder, with `/`.
        fingerprint: fingerprint of the video's bytes.
        sampling_id: id of the sampling of its frames.
        content: ordinal of its content.
        series: name of the series, by folder or file.
        season: number of the season; 0 for specials, None without seasons.
        season_name: name of the season, from an NFO file, else from its folder.
        number: number of the episode in its season.
        number_end: number of the last episode in a file of several.
        title: title of the episode, from its NFO file, else from its name.
        kind: "episode", "special" or "film".
        native, romaji, english: titles of the series, from its NFO.
        anilist: id of the season, else of the series, at AniList, from its NFO, else from its
            folder.
        mal: id of the season, else of the series, at MyAnimeList, from its NFO.
        duration: length in seconds.
        frames: number of distinct frames.
        warnings: problems of the file, a sentence each.
        series_numbers: our own numbers of the series: its own, then those of series that became
            part of it; never empty.
        mark: further mark of episodes with the same number: "OVA", "NCOP", ".5".
        year: year in the name, which distinguishes remakes.
        chapters: chapters of the video, in order of time.
        characters: characters of the series, from its NFO, then those of the episode alone.
        display: title to display, where the series' NFO has another one than `series`.
        synonyms: other titles of the series, from its NFO.
        genres, tags: genres and tags of series, season and episode, as their NFO files spell them.
        anidb, tvdb, tmdb: ids at AniDB, TheTVDB and TheMovieDB, as `mal`.
        aired: date of the episode's first broadcast, `2023-09-29`.
        former_keys: keys that it had before, the oldest first; URLs with them lead here.
        reading: how the video is read, as JSON; None for one whose header tells all.
    """

    key: str
    path: str
    fingerprint: str
    sampling_id: str
    content: int
    series: str
    season: int | None
    season_name: str | None
    number: int | None
    number_end: int | None
    title: str | None
    kind: str
    native: str | None
    romaji: str | None
    english: str | None
    anilist: int | None
    mal: int | None
    duration: float
    frames: int
    warnings: tuple[str, ...]
    series_numbers: tuple[int, ...]
    mark: str | None = None
    year: int | None = None
    chapters: tuple[Chapter, ...] = ()
    characters: tuple[Character, ...] = ()
    display: str | None = None
    synonyms: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    anidb: int | None = None
    tvdb: int | None = None
    tmdb: int | None = None
    aired: str | None = None
    former_keys: tuple[str, ...] = ()
    reading: str | None = None

    @property
    def anilist_or_number(self) -> int:
        """The series' number for clients: AniList's, else our own."""
        return self.series_numbers[0] if self.anilist is None else self.anilist


LATER_COLUMNS = (
    "chapters", "characters", "display", "synonyms", "genres", "tags", "anidb", "tvdb", "tmdb",
    "aired", "former_keys", "reading",
)  # fmt: skip
"""Columns that older tables lack, and that are empty where nothing is known."""
_SHARED_TEXTS = ("synonyms", "genres", "tags")

_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    str | None: pa.string(),
    int | None: pa.int64(),
    tuple[str, ...]: pa.list_(pa.string()),
    tuple[int, ...]: pa.list_(pa.int64()),
    tuple[Chapter, ...]: pa.list_(
        pa.struct({"start": pa.float64(), "end": pa.float64(), "title": pa.string()})
    ),
    tuple[Character, ...]: pa.list_(pa.struct({"name": pa.string(), "voice": pa.string()})),
}
_SCHEMA = pa.schema(
    [pa.field(column.name, _TYPES[column.type]) for column in fields(EpisodeRecord)]  # type: ignore[index]
)


def episode_record(
    episode: Episode,
    *,
    sampling_id: str,
    series_numbers: tuple[int, ...],
    content: int,
    duration: float,
    frames: int,
    warnings: Sequence[str],
    chapters: Sequence[Chapter],
    former_keys: Sequence[str] = (),
    reading: str | None = None,
) -> EpisodeRecord:
    """Make the record of an episode of the catalogue whose frames are stored."""
    name, info = episode.name, episode.info
    described = info.episode or EpisodeInfo()
    return EpisodeRecord(
        key=episode.key,
        path=episode.path,
        fingerprint=episode.fingerprint,
        sampling_id=sampling_id,
        content=content,
        series=name.series,
        season=name.season,
        season_name=info.season_name or name.season_name,
        number=name.number,
        number_end=name.number_end,
        title=described.title or name.title,
        kind=name.kind,
        mark=name.mark,
        year=name.year,
        native=info.native,
        romaji=info.romaji,
        english=info.english,
        anilist=find_anilist_id(name, info),
        mal=info.mal,
        duration=duration,
        frames=frames,
        warnings=tuple(warnings),
        series_numbers=series_numbers,
        chapters=tuple(chapters),
        characters=(
            merge_characters(info.characters, described.characters)
            if described.characters
            else info.characters
        ),
        display=None if info.title == name.series else info.title,
        synonyms=info.synonyms,
        genres=merge_tags(info.genres, described.genres) if described.genres else info.genres,
        tags=merge_tags(info.tags, described.tags) if described.tags else info.tags,
        anidb=info.anidb,
        tvdb=info.tvdb,
        tmdb=info.tmdb,
        aired=described.aired,
        former_keys=tuple(former_keys),
        reading=reading,
    )


def record_fields(record: EpisodeRecord) -> dict[str, Any]:
    """Return a record as plain values; `dataclasses.asdict` takes ten times as long."""
    row = {name: getattr(record, name) for name in _SCHEMA.names}
    for name in ("chapters", "characters"):
        row[name] = tuple(asdict(one) for one in row[name])
    return row


def write_episodes(path: Path, records: Sequence[EpisodeRecord]) -> None:
    """Write the table as Parquet, a row per episode."""
    pq.write_table(pa.Table.from_pylist([record_fields(row) for row in records], _SCHEMA), path)


def read_episodes(path: Path) -> list[EpisodeRecord]:
    """Read the table.

    Raises:
        SnapshotError: the table is missing or damaged.
    """
    try:
        # `read_table` would import pyarrow's datasets and pandas: 35 MB and 0.2 s.
        with pq.ParquetFile(path) as file:
            table = file.read()
        absent = dict.fromkeys(set(_SCHEMA.names) - set(table.column_names))
        known = [name for name in table.column_names if name in _SCHEMA.names]
        rows = _number_rows([absent | row for row in table.select(known).to_pylist()])
        shared: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        return [_record(row, shared) for row in rows]
    except (OSError, pa.ArrowInvalid, TypeError, KeyError) as error:
        raise SnapshotError(f"{path}: not a table of episodes: {error}") from error


def derive_numbers(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, ...]]:
    """Return the `series_numbers` with which a table is read that has none, row by row.

    Args:
        rows: episodes with their `series` and `year`.
    """
    series = [SeriesIdentity(row["series"], row["year"]) for row in rows]
    numbers = list_numbers((), set(series))
    return [numbers[one] for one in series]


def _number_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if all(row["series_numbers"] for row in rows):
        return rows
    derived = derive_numbers(rows)
    return [row | {"series_numbers": of} for row, of in zip(rows, derived, strict=True)]


def _record(
    row: Mapping[str, Any], shared: dict[tuple[Any, ...], tuple[Any, ...]]
) -> EpisodeRecord:
    """Return the record of a row; episodes of a series share their tuples in memory."""

    def share(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return shared.setdefault(values, values)

    nested = {
        "warnings": tuple(row["warnings"]),
        "series_numbers": tuple(row["series_numbers"]),
        "chapters": parse_chapters(row["chapters"] or ()),
        "characters": share(tuple(Character(**one) for one in row["characters"] or ())),
        **{name: share(tuple(row[name] or ())) for name in _SHARED_TEXTS},
        "former_keys": tuple(row["former_keys"] or ()),
    }
    return EpisodeRecord(**{**row, **nested})
