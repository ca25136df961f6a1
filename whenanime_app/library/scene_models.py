"""Response models of a search: scenes in trace.moe's shape, and the fields added to it.

The API, the page and `whenanime search --json` build these, and `/openapi.json` describes them.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

EpisodeNumber = int | float | str | list[int] | None
SeriesNumber = Annotated[
    int,
    Field(
        ge=10**9,
        lt=2**31,
        description="this server's own number of the series; `anilistID=` and `/anilist` take it",
    ),
]


class StrictModel(BaseModel):
    """Part of an answer: exactly these fields, with exactly these types.

    Fields whose JSON names are no Python names are built by their Python names.
    """

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class Title(StrictModel):
    """Titles of a series; null where its NFO has none."""

    native: str | None
    romaji: str | None
    english: str | None


class Ids(StrictModel):
    """Ids of a season, else of its series, on other sites; null where its NFO has none."""

    anilist: int | None
    mal: int | None = Field(description="MyAnimeList")
    anidb: int | None
    tvdb: int | None = Field(description="TheTVDB")
    tmdb: int | None = Field(description="TheMovieDB")


class AniListInfo(StrictModel):
    """A series, when `anilistInfo` asks for it."""

    id: int = Field(description="on AniList, else a number of this server's own, from 10⁹ on")
    id_mal: int | None = Field(validation_alias="idMal", serialization_alias="idMal")
    title: Title
    synonyms: list[str]
    is_adult: bool = Field(validation_alias="isAdult", serialization_alias="isAdult")


class Also(StrictModel):
    """Another moment that shows the same."""

    filename: str
    episode: EpisodeNumber
    label: str
    from_: float = Field(validation_alias="from", serialization_alias="from", description="seconds")
    to: float = Field(description="seconds")


class Result(StrictModel):
    """A scene."""

    anilist: int | AniListInfo = Field(
        description="the series' id on AniList, else a number of this server's own, from 10⁹ on"
    )
    filename: str
    episode: EpisodeNumber = Field(
        description='number, [first, last], a mark such as "NCOP", or null'
    )
    from_: float = Field(
        validation_alias="from",
        serialization_alias="from",
        description="seconds where the scene begins",
    )
    at: float = Field(description="seconds of the best hit")
    to: float = Field(description="seconds where the scene ends")
    duration: float = Field(description="seconds of the file")
    similarity: float = Field(ge=0, le=1)
    video: str = Field(description="a short clip; empty when the video is not on this server")
    image: str = Field(description="a still")
    match: Literal["certain", "likely", "similar"]
    mirrored: bool
    corners: list[tuple[float, float]] = Field(
        description="positions of the picture's corners on the frame, from the upper left on, as "
        "shares of its width and height; of a mirrored picture, those of its mirror image"
    )
    key: str
    series: str
    season: int | None
    title: str | None
    label: str = Field(description="such as S01E02")
    also: list[Also]


class LocalAnswer(StrictModel):
    """Scenes, best first, found without a server: no links, no quota."""

    frame_count: int = Field(validation_alias="frameCount", serialization_alias="frameCount")
    error: str = ""
    result: list[Result]


class SearchAnswer(StrictModel):
    """Scenes, best first."""

    frame_count: int = Field(
        validation_alias="frameCount",
        serialization_alias="frameCount",
        description="frames that were searched",
    )
    error: str
    quota: int
    quota_used: int = Field(validation_alias="quotaUsed", serialization_alias="quotaUsed")
    result: list[Result] = Field(max_length=10)


class Run(StrictModel):
    """A stretch of time."""

    from_: float = Field(
        validation_alias="from", serialization_alias="from", ge=0, description="seconds"
    )
    to: float = Field(ge=0, description="seconds")


class SceneTheme(StrictModel):
    """The opening, ending or other theme in which a scene lies."""

    type: Literal["opening", "ending", "recap", "preview", "eyecatch", "sponsor", "repeated"]
    confidence: Literal["certain", "likely", "possible"]
    template: str | None = Field(description="id of what the season repeats")
    in_episodes: int | None = Field(description="episodes that show it; null without a template")
    of_episodes: int = Field(description="episodes of the season")


class FoundResult(Result):
    """A scene, with all that is known of it."""

    anilist: int | None = Field(description="id on AniList")  # type: ignore[assignment]
    series_number: SeriesNumber = Field(
        validation_alias="seriesNumber", serialization_alias="seriesNumber"
    )
    season_name: str | None = Field(validation_alias="seasonName", serialization_alias="seasonName")
    kind: str = Field(description="episode, special or film")
    native: str | None
    romaji: str | None
    english: str | None
    display: str = Field(description="title of the series to display")
    synonyms: list[str] = Field(description="other titles of the series")
    genres: list[str]
    tags: list[str]
    ids: Ids
    times: list[Run] = Field(
        description="every time the same picture is on screen, in this scene and elsewhere in the "
        "episode"
    )
    rotated: Literal[0, 90, 180, 270] = Field(
        description="degrees by which the picture is turned clockwise; `corners` are those of the "
        "picture turned upright"
    )
    theme: SceneTheme | None = Field(description="null where the scene is story, as far as known")


class TimingsAnswer(StrictModel):
    """Duration of each step, in milliseconds."""

    waiting: float = Field(description="for a thread")
    decoding: float = Field(description="from the file to a picture")
    searching: float = Field(description="from the picture to the scenes")


class FoundAnswer(SearchAnswer):
    """Scenes, best first, with the duration of each step."""

    result: list[FoundResult] = Field(max_length=50)  # type: ignore[assignment]
    snapshot: str = Field(description="id of the searched snapshot")
    milliseconds: int = Field(description="decoding and searching")
    timings: TimingsAnswer


class NotFound(StrictModel):
    """Why one picture of several was not searched for."""

    error: str = Field(min_length=1)
    filename: str | None = Field(description="as the form names it")
