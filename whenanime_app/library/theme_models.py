"""Response models of themes: segments of episodes, templates of seasons, and their evidence."""

from typing import Literal

from pydantic import Field

from whenanime_app.library.scene_models import StrictModel

ThemeType = Literal["opening", "ending", "recap", "preview", "eyecatch", "sponsor", "repeated"]
ThemeConfidence = Literal["certain", "likely", "possible"]
ThemeSource = Literal["found", "chapter", "operator"]


class ThemeEvidence(StrictModel):
    """What a segment rests on."""

    witnesses: list[
        Literal["sound", "pictures", "partners", "chapter", "text", "tagger", "operator"]
    ] = Field(description="independent kinds of evidence; `partners` are three episodes or more")
    partners: int = Field(ge=0, description="other episodes that share the segment")
    sound: float | None = Field(description="likeness of the sound to theirs, 0 to 1")
    pictures: float | None = Field(description="likeness of the pictures, likewise")


class ThemeSegment(StrictModel):
    """A part of an episode that is no story of its own, or repeats."""

    type: ThemeType
    from_: float = Field(
        validation_alias="from", serialization_alias="from", ge=0, description="seconds"
    )
    to: float = Field(ge=0, description="seconds")
    from_error: float = Field(ge=0, description="seconds by which `from` may be off")
    to_error: float = Field(ge=0, description="seconds by which `to` may be off")
    confidence: ThemeConfidence = Field(description="players skip only what is certain")
    template: str | None = Field(description="id of what the season repeats, see `templates`")
    first: bool = Field(description="whether the season shows this template first here")
    skippable: bool = Field(description="whether a player may skip it without asking")
    never_skip: bool = Field(description="whether the operator wants it played")
    in_episodes: int | None = Field(description="episodes that show it; null without a template")
    source: ThemeSource = Field(description="`operator` also for what the operator confirmed")
    title: str | None = Field(description="title of the file's chapter that names it")
    evidence: ThemeEvidence


class ThemeTemplate(StrictModel):
    """A theme as a season repeats it."""

    id: str
    type: ThemeType
    seconds: float = Field(ge=0, description="length")
    in_episodes: int = Field(ge=0, description="episodes that show it")
    confirmed: bool = Field(description="whether the operator confirmed it")
    never_skip: bool = Field(description="whether the operator wants it played")


class EpisodeSegments(StrictModel):
    """The segments of one episode."""

    key: str = Field(description="as in `/api/v1/episodes/{key}`")
    series: str
    label: str = Field(description="such as S01E02")
    title: str | None
    duration: float = Field(ge=0, description="seconds")
    segments: list[ThemeSegment] = Field(description="in order of time")


class EpisodeSegmentsAnswer(EpisodeSegments):
    """The segments of one episode, and what its season repeats."""

    computed: bool = Field(
        description="whether themes were looked for; else chapters and the operator speak alone"
    )
    of_episodes: int = Field(ge=1, description="episodes of the season")
    templates: list[ThemeTemplate] = Field(description="those that this episode shows")


class SeasonSegments(StrictModel):
    """The themes of a season."""

    season: int | None = Field(description="0 for specials, null without seasons")
    computed: bool = Field(description="as of an episode")
    templates: list[ThemeTemplate] = Field(description="in order of the first appearance")
    episodes: list[EpisodeSegments] = Field(description="in the order of watching")


class SeriesSegments(StrictModel):
    """The themes of a series, by season."""

    series: str
    seasons: list[SeasonSegments]
