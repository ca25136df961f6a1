"""The words for what a library holds: an episode's name, its series, its file, its entry."""

from dataclasses import dataclass
from typing import Literal

EpisodeKind = Literal["episode", "special", "film"]


@dataclass(frozen=True, slots=True)
class EpisodeName:
    """What a file's path says about it. Text is NFC and otherwise as written.

    Attributes:
        series: The series' or film's name; never empty.
        season: 0 for specials; None where nothing says (absolute numbering, films).
        season_name: A name of the season's own, as in `24_决战次时代`.
        number: The (first) episode's number; None for films and what is not numbered.
        number_end: The last number, where a file holds several episodes.
        title: The episode's own title.
        kind: Episode, special (season 0, OVA, creditless opening, 12.5, ...) or film.
        mark: What else tells it from others of its number: `OVA`, `NCOP`, `.5`, `part2`.
        year: The year in the name, which tells remakes apart.
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

    def __str__(self) -> str:
        """For people: `Popeye S01E02`, `Sintel (2010)`, `Show S00E01 OVA`."""
        year = f"({self.year})" if self.year else ""
        season = "" if self.season is None else f"S{self.season:02d}"
        number = "" if self.number is None else f"E{self.number:02d}"
        end = "" if self.number_end is None else f"-E{self.number_end:02d}"
        title = self.title if self.number is None else None
        parts = [self.series, year, season + number + end, self.mark, self.season_name, title]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Character:
    """Someone in a series or film.

    Attributes:
        name: Never empty.
        voice: Who speaks or plays them; None where that is not said.
    """

    name: str
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """What the NFO file of a series or film says, else only the name from the path.

    Attributes:
        title: How to show it; never empty.
        native: In the script of its country.
        romaji: Native, in Latin letters.
        english: In English, where the NFO says that it is.
        year: First shown.
        anilist: Id on AniList; likewise `mal`, `anidb`, `tvdb`, `tmdb`.
        characters: The most important first.
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


@dataclass(frozen=True, slots=True, order=True)
class FileState:
    """A video file as one look saw it.

    Attributes:
        path: Relative to the videos folder, `/` between the parts, exactly as the disk has it.
        size: Bytes.
        mtime_ns: Time of last change, nanoseconds since 1970.
    """

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Episode:
    """One entry of the catalogue: a video file that holds an episode (or several, or a film).

    Attributes:
        key: Safe and unique, see `keys.build_episode_key`.
        path: Relative to the videos folder, `/` between the parts, exactly as the disk has it.
        fingerprint: 32 hex digits that follow the content, see `fingerprint`.
        size: Bytes.
        mtime_ns: Time of last change, nanoseconds since 1970.
        name: What the path says.
        info: What the NFO says.
    """

    key: str
    path: str
    fingerprint: str
    size: int
    mtime_ns: int
    name: EpisodeName
    info: SeriesInfo

    @property
    def state(self) -> FileState:
        """The file as it was when its fingerprint was taken."""
        return FileState(self.path, self.size, self.mtime_ns)
