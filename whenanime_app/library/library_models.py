"""Response models of what is indexed: series, episodes, themes, characters."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, WithJsonSchema

from whenanime_app.library.scene_models import (
    EpisodeNumber,
    Ids,
    SeriesNumber,
    StrictModel,
    Title,
)
from whenanime_app.library.theme_models import ThemeConfidence, ThemeEvidence, ThemeSource

Seconds = Annotated[float, Field(ge=0, description="seconds")]
TotalSeconds = Annotated[
    int | float,  # not only float, which would write the 0 of an empty library as 0.0
    Field(ge=0),
    WithJsonSchema({"type": "number", "minimum": 0, "description": "seconds"}),
]
Link = Annotated[
    str,
    Field(
        description="a signed link to a still, relative to the page's address; `?size=s|m|l`, and "
        "with `/video/` for `/image/` the moving preview. Empty where no picture is stored"
    ),
]


class SeriesTitle(Title):
    """Titles of a series, and others that its NFO has."""

    display: str = Field(description="to display: the NFO's title, else the library's name")
    synonyms: list[str]


class Season(StrictModel):
    """A season of a series."""

    season: int | None = Field(description="0 for specials, null without seasons")
    name: str | None = Field(description="a name of the season's own")
    episodes: int
    ids: Ids


class Series(StrictModel):
    """A series of the library."""

    name: str = Field(description="as the library calls it, and as the filter `series` takes it")
    anilist: int | None = Field(description="id on AniList")
    series_number: SeriesNumber = Field(
        validation_alias="seriesNumber", serialization_alias="seriesNumber"
    )
    title: Title
    display: str = Field(description="title to display: the NFO's, else `name`")
    synonyms: list[str] = Field(description="other titles")
    genres: list[str] = Field(description="as the filter `tag` takes them")
    tags: list[str] = Field(description="as the filter `tag` takes them")
    seasons: list[Season]
    episodes: int
    frames: int = Field(description="distinct pictures")
    seconds: Seconds
    image: Link
    year: int | None = Field(description="in the name of the series' files, where they have one")
    shared_name: bool = Field(
        validation_alias="sharedName",
        serialization_alias="sharedName",
        description="whether another series has this name: the year or an id tells them apart",
    )


class Library(StrictModel):
    """All that is indexed; null and empty before anything is."""

    snapshot: str | None
    model: str | None
    published: str | None = Field(description="ISO 8601, UTC")
    series: list[Series]
    episodes: int
    frames: int
    seconds: TotalSeconds


class Episode(StrictModel):
    """An episode."""

    key: str = Field(description="names it in addresses; contains one /")
    series: str
    label: str = Field(description="such as S01E02")
    season: int | None
    number: EpisodeNumber
    title: str | None = Field(description="of its NFO, else of its name")
    series_title: SeriesTitle = Field(
        validation_alias="seriesTitle", serialization_alias="seriesTitle"
    )
    season_name: str | None = Field(validation_alias="seasonName", serialization_alias="seasonName")
    aired: str | None = Field(description="date of first broadcast, 2023-09-29")
    ids: Ids
    filename: str
    duration: Seconds
    frames: int = Field(description="distinct pictures")
    image: Link
    has_video: bool = Field(description="whether there are moving previews")
    series_number: SeriesNumber = Field(
        validation_alias="seriesNumber", serialization_alias="seriesNumber"
    )
    year: int | None = Field(description="in the name of the series' files, where they have one")
    shared_name: bool = Field(
        validation_alias="sharedName",
        serialization_alias="sharedName",
        description="whether another series has this name: the year or an id tells them apart",
    )


class Character(StrictModel):
    """Someone in a series."""

    name: str = Field(min_length=1)
    voice: str | None = Field(description="who speaks or plays them")


class SeriesEpisodes(Series):
    """A series with its episodes, in the order they are watched."""

    characters: list[Character] = Field(description="the most important first")
    episodes: list[Episode]  # type: ignore[assignment]  # a count in the library's list


class KeyFrame(StrictModel):
    """A picture on an episode's timeline."""

    at: Seconds
    frame: int = Field(description="ordinal of the stored frame")
    image: Link


_ADDED = ("source", "confidence", "template", "evidence")


class Theme(StrictModel):
    """An opening or an ending."""

    # The order of earlier descriptions, which is not that of the fields.
    model_config = ConfigDict(
        json_schema_extra={"required": ["from", "to", "kind", "title", *_ADDED]}
    )

    kind: Literal["opening", "ending"]
    from_: Seconds = Field(validation_alias="from", serialization_alias="from")
    to: Seconds
    title: str = Field(
        description="title of the file's chapter that names it; empty where none does"
    )
    source: ThemeSource
    confidence: ThemeConfidence
    template: str | None = Field(description="id of what the season repeats")
    evidence: ThemeEvidence


class EpisodeVersion(StrictModel):
    """Another file of an episode, which is indexed when the one that is indexed now is gone."""

    filename: str


class EpisodeTimeline(Episode):
    """An episode with at most 60 pictures, evenly along it."""

    timeline: list[KeyFrame] = Field(max_length=60)
    themes: list[Theme] = Field(description="in order of time")
    versions: list[EpisodeVersion] = Field(
        description="its other files; none on a server that has a snapshot alone"
    )


class EpisodeThemes(StrictModel):
    """Known openings and endings of one episode."""

    key: str = Field(description="as in `/api/v1/episodes/{key}`")
    series: str
    label: str = Field(description="such as S01E02")
    themes: list[Theme] = Field(min_length=1)


class Themes(StrictModel):
    """The openings and endings that were found, or that files name in their chapters."""

    episodes: list[EpisodeThemes] = Field(description="episodes with a known theme, by key")


class SeriesCharacters(StrictModel):
    """Characters of one series."""

    series: str
    characters: list[Character] = Field(min_length=1)
    year: int | None = Field(description="in the name of the series' files, where they have one")


class Characters(StrictModel):
    """The characters that series' NFO files name."""

    series: list[SeriesCharacters] = Field(description="series with a known character, by name")
