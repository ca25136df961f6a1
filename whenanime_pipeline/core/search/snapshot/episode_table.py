"""The episodes' table of a snapshot: what an answer can say about where a picture comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whenanime_pipeline.core.library.episode import Character, Episode
from whenanime_pipeline.core.media.chapters import Chapter, parse_chapters
from whenanime_pipeline.core.search.errors import SnapshotError


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One episode of a snapshot.

    Attributes:
        key: the partition key, as of `library.keys`.
        path: of the video, relative to the videos folder, with `/`.
        fingerprint: of the video's bytes.
        sampling_id: how its frames were sampled.
        content: the ordinal of its content.
        series: the series as the folder or file names it.
        season: 0 for specials, None where there are no seasons.
        season_name: a name of the season's own.
        number: of the episode in its season.
        number_end: the last one, in a file of several.
        title: of the episode.
        kind: "episode", "special" or "film".
        native, romaji, english: the series' titles from its NFO.
        anilist, mal: the series' numbers there, from its NFO.
        duration: seconds.
        frames: distinct pictures.
        warnings: what was wrong with the file, a sentence each.
        mark: what else tells it from others of its number: "OVA", "NCOP", ".5".
        year: in the name, which tells remakes apart.
        chapters: of the video, in order of time.
        characters: of the series, from its NFO.
        former_keys: keys that it had before, the oldest first; addresses with them lead here.
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
    mark: str | None = None
    year: int | None = None
    chapters: tuple[Chapter, ...] = ()
    characters: tuple[Character, ...] = ()
    former_keys: tuple[str, ...] = ()


_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    str | None: pa.string(),
    int | None: pa.int64(),
    tuple[str, ...]: pa.list_(pa.string()),
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
    content: int,
    duration: float,
    frames: int,
    warnings: Sequence[str],
    chapters: Sequence[Chapter],
    former_keys: Sequence[str] = (),
) -> EpisodeRecord:
    """Return the row of an episode of the catalogue whose frames are known."""
    name, info = episode.name, episode.info
    return EpisodeRecord(
        key=episode.key,
        path=episode.path,
        fingerprint=episode.fingerprint,
        sampling_id=sampling_id,
        content=content,
        series=name.series,
        season=name.season,
        season_name=name.season_name,
        number=name.number,
        number_end=name.number_end,
        title=name.title,
        kind=name.kind,
        mark=name.mark,
        year=name.year,
        native=info.native,
        romaji=info.romaji,
        english=info.english,
        anilist=info.anilist,
        mal=info.mal,
        duration=duration,
        frames=frames,
        warnings=tuple(warnings),
        chapters=tuple(chapters),
        characters=info.characters,
        former_keys=tuple(former_keys),
    )


def record_fields(record: EpisodeRecord) -> dict[str, Any]:
    """Return an episode's row as plain values; `dataclasses.asdict` takes ten times as long."""
    row = {name: getattr(record, name) for name in _SCHEMA.names}
    for name in ("chapters", "characters"):
        row[name] = tuple(asdict(one) for one in row[name])
    return row


def write_episodes(path: Path, records: Sequence[EpisodeRecord]) -> None:
    """Write the table, a row an episode, as Parquet."""
    pq.write_table(pa.Table.from_pylist([record_fields(row) for row in records], _SCHEMA), path)


def read_episodes(path: Path) -> list[EpisodeRecord]:
    """Read the table.

    Raises:
        SnapshotError: it is missing or damaged.
    """
    try:
        # `read_table` would load pyarrow's data sets and pandas: 35 MB and 0.2 s.
        with pq.ParquetFile(path) as file:
            table = file.read()
        absent = dict.fromkeys(set(_SCHEMA.names) - set(table.column_names))
        known = [name for name in table.column_names if name in _SCHEMA.names]
        rows = [absent | row for row in table.select(known).to_pylist()]
        casts: dict[tuple[Character, ...], tuple[Character, ...]] = {}
        return [_record(row, casts) for row in rows]
    except (OSError, pa.ArrowInvalid, TypeError, KeyError) as error:
        raise SnapshotError(f"{path}: not a table of episodes: {error}") from error


def _record(
    row: Mapping[str, Any], casts: dict[tuple[Character, ...], tuple[Character, ...]]
) -> EpisodeRecord:
    """Return an episode as it was stored; the episodes of a series share one cast in memory."""
    cast = tuple(Character(**one) for one in row["characters"] or ())
    nested = {
        "warnings": tuple(row["warnings"]),
        "chapters": parse_chapters(row["chapters"] or ()),
        "characters": casts.setdefault(cast, cast),
        "former_keys": tuple(row["former_keys"] or ()),
    }
    return EpisodeRecord(**{**row, **nested})
