"""Types of the library: names, series metadata, files and catalogue entries of episodes."""

from dataclasses import dataclass
from typing import Literal

EpisodeKind = Literal["episode", "special", "film"]


@dataclass(frozen=True, slots=True)
class EpisodeName:
    """Name of an episode as parsed from its path. Text is NFC and otherwise as written.

    Attributes:
        series: Name of the series or film; never empty.
        season: Season number; 0 for specials, None where unknown (absolute numbering, films).
        season_name: Name of the season itself, as in `24_决战次时代`.
        number: Number of the (first) episode; None for films and other unnumbered files.
        number_end: Last number where a file holds several episodes.
        title: Title of the episode itself.
        kind: Episode, special (season 0, OVA, creditless opening, 12.5, ...) or film.
        mark: Further distinction between files of one number: `OVA`, `NCOP`, `.5`, `part2`.
        year: Year in the name, which distinguishes remakes.
        absolute: Number counted through all seasons, where the name has one next to season and
            number: 13 in `S02E01 - 013`.
        ids: Ids of the series that its folder or file names: `tvdb-405920`, `imdb-tt0112718`;
            sorted. They distinguish series of one name.
    """

    series: str
    season: int | None = None
    season_name: str | None = None
    number: int | None = None
    number_end: int | None = None
    title: str | None = None
    kind: EpisodeKind = "episode"
    mark: str | None = None
    year: int | None = None
    absolute: int | None = None
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the name for people: `Popeye S01E02`, `Sintel (2010)`, `Show S00E01 OVA`."""
        year = f"({self.year})" if self.year else ""
        season = "" if self.season is None else f"S{self.season:02d}"
        number = "" if self.number is None else f"E{self.number:02d}"
        end = "" if self.number_end is None else f"-E{self.number_end:02d}"
        title = self.title if self.number is None else None
        parts = [self.series, year, season + number + end, self.mark, self.season_name, title]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Character:
    """A character in a series or film.

    Attributes:
        name: Name of the character; never empty.
        voice: Voice actor or actor; None where unknown.
    """

    name: str
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class EpisodeInfo:
    """Metadata of an episode from its NFO file. Its numbers are not the episode's: its name's are.

    Attributes:
        title: Title; several joined by ` / ` for a video of several episodes; None where the file
            has none that says more than a number.
        season: Number of the season in the file.
        number: Number of the (first) episode in the file.
        aired: Date of first broadcast, `2023-09-29`.
        characters: Characters in the episode, most important first; those of the series may be
            among them.
        genres, tags: As in `SeriesInfo`, of the episode alone.
    """

    title: str | None = None
    season: int | None = None
    number: int | None = None
    aired: str | None = None
    characters: tuple[Character, ...] = ()
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """Metadata of a video's series or film from NFO files, else only the name from the path.

    Attributes:
        title: Title to display; never empty.
        native: Title in the original script.
        romaji: Original title in Latin letters.
        english: English title, where the NFO marks it as such.
        year: Year of first release.
        anilist: Id on AniList, of the season where the season has one of its own; likewise `mal`,
            `anidb`, `tvdb`, `tmdb`.
        characters: Characters, most important first.
        synonyms: Other titles.
        genres: Genres, as the NFO spells them.
        tags: Tags, as the NFO spells them.
        season_name: Name of the season, which says more than its number.
        episode: Metadata of the episode itself.
    """

    title: str
    native: str | None = None
    romaji: str | None = None
    english: str | None = None
    year: int | None = None
    anilist: int | None = None
    mal: int | None = None
    anidb: int | None = None
    tvdb: int | None = None
    tmdb: int | None = None
    characters: tuple[Character, ...] = ()
    synonyms: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    season_name: str | None = None
    episode: EpisodeInfo | None = None


@dataclass(frozen=True, slots=True, order=True)
class FileState:
    """State of a video file in one scan.

    Attributes:
        path: Path relative to the videos folder with `/` between the parts, exactly as on disk.
        size: Size in bytes.
        mtime_ns: Modification time in nanoseconds since 1970.
    """

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A video file whose content is known.

    Attributes:
        path, size, mtime_ns: As in `FileState`.
        fingerprint: 32 hex digits that depend on the content, see `fingerprint`.
    """

    path: str
    size: int
    mtime_ns: int
    fingerprint: str

    @property
    def state(self) -> FileState:
        """State of the file when its fingerprint was computed."""
        return FileState(self.path, self.size, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class Episode:
    """One entry of the catalogue: a video file that holds an episode (or several, or a film).

    Attributes:
        key: Safe, unique key, see `keys.build_episode_key`.
        path: Path relative to the videos folder with `/` between the parts, exactly as on disk.
        fingerprint: 32 hex digits that depend on the content, see `fingerprint`.
        size: Size in bytes.
        mtime_ns: Modification time in nanoseconds since 1970.
        name: Name parsed from the path.
        info: Metadata from NFO files.
        parts: All files of a film in several, in order; empty for a single file. Path, size and
            time of the entry are those of the first, its fingerprint is that of all.
    """

    key: str
    path: str
    fingerprint: str
    size: int
    mtime_ns: int
    name: EpisodeName
    info: SeriesInfo
    parts: tuple[KnownFile, ...] = ()

    @property
    def state(self) -> FileState:
        """State of the file when its fingerprint was computed."""
        return FileState(self.path, self.size, self.mtime_ns)

    @property
    def files(self) -> "tuple[Episode | KnownFile, ...]":
        """Its files in order, at least one, with their own fingerprints."""
        return self.parts or (self,)

    @property
    def total_size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)
