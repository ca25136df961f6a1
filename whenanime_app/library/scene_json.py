"""Builds the response models of search results from scenes; loads neither web nor page."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, cast

from whenanime_app.library.scene_models import (
    Also,
    AniListInfo,
    EpisodeNumber,
    FoundResult,
    Ids,
    LocalAnswer,
    Result,
    Run,
    SceneTheme,
    Title,
)

if TYPE_CHECKING:
    from whenanime_pipeline.core.search.query.scenes import Appearance, Scene
    from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

# A thousandth of a second is finer than any frame; a ten-thousandth of similarity than any rank.
_SECOND_DIGITS = 3
_SIMILARITY_DIGITS = 4
_SHARE_DIGITS = 4


def build_result(
    scene: "Scene", *, image: str = "", video: str = "", anilist_info: bool = False
) -> Result:
    """Build one result.

    Args:
        scene: scene that the engine found.
        image: absolute URL of a still; empty without a server.
        video: absolute URL of a preview; empty without a server or without the video.
        anilist_info: give `anilist` as an object with ids and titles, not as a number.

    A series without a number on AniList has one of our own there.
    """
    episode = scene.episode
    return Result(
        anilist=build_anilist_info(episode) if anilist_info else episode.anilist_or_number,
        filename=filename_of(episode),
        episode=format_number(episode),
        from_=_round_seconds(scene.start),
        at=_round_seconds(scene.at),
        to=_round_seconds(scene.end),
        duration=_round_seconds(episode.duration),
        similarity=round(float(scene.similarity), _SIMILARITY_DIGITS),
        video=video,
        image=image,
        match=scene.match,
        mirrored=scene.mirrored,
        corners=[(_round_share(x), _round_share(y)) for x, y in scene.corners],
        key=episode.key,
        series=episode.series,
        season=episode.season,
        title=episode.title,
        label=format_label(episode),
        also=[_build_also(moment) for moment in scene.also],
    )


def build_detailed_result(
    scene: "Scene", *, image: str = "", video: str = "", theme: SceneTheme | None = None
) -> FoundResult:
    """Build one result with all that is known of it.

    Args:
        scene: scene that the engine found.
        image: absolute URL of a still.
        video: absolute URL of a preview; empty without the video.
        theme: theme in which the scene lies.
    """
    episode = scene.episode
    fields = dict(build_result(scene, image=image, video=video))
    return FoundResult(
        **fields | {"anilist": episode.anilist},
        series_number=episode.series_numbers[0],
        season_name=episode.season_name,
        kind=episode.kind,
        native=episode.native,
        romaji=episode.romaji,
        english=episode.english,
        display=episode.display or episode.series,
        synonyms=list(episode.synonyms),
        genres=list(episode.genres),
        tags=list(episode.tags),
        ids=build_ids(episode),
        times=[
            Run(from_=_round_seconds(start), to=_round_seconds(end)) for start, end in scene.runs
        ],
        rotated=build_rotation(scene),
        theme=theme,
    )


def build_rotation(scene: "Scene") -> Literal[0, 90, 180, 270]:
    """Build the degrees by which the query is turned clockwise."""
    return cast(Literal[0, 90, 180, 270], scene.rotated)


def has_match(scenes: Iterable["Scene"]) -> bool:
    """Return whether any scene is more than similar; else the query is probably out of library."""
    return any(scene.match != "similar" for scene in scenes)


def build_local_answer(scenes: Iterable["Scene"], *, frame_count: int) -> LocalAnswer:
    """Build the answer of a search without a server: no links, no quota.

    Args:
        scenes: scenes, best first.
        frame_count: number of frames in the index.
    """
    return LocalAnswer(frame_count=frame_count, result=[build_result(scene) for scene in scenes])


def build_anilist_info(episode: "EpisodeRecord") -> AniListInfo:
    """Build ids and titles as trace.moe's `anilistInfo` has them; null where the NFO has none.

    Clients print the romaji or the native title, so the title to display stands there where the NFO
    has no other. That title and the library's name of the series are synonyms where no title equals
    them.
    """
    display = episode.display or episode.series
    is_untitled = not (episode.native or episode.romaji or episode.english)
    title = Title(
        native=episode.native or display,
        romaji=display if is_untitled else episode.romaji,
        english=episode.english,
    )
    known = (title.native, title.romaji, title.english)
    names = dict.fromkeys([display, episode.series, *episode.synonyms])
    return AniListInfo(
        id=episode.anilist_or_number,
        id_mal=episode.mal,
        title=title,
        synonyms=[name for name in names if name not in known],
        is_adult=False,
    )


def build_ids(episode: "EpisodeRecord") -> Ids:
    """Build the ids of an episode's season or series on other sites."""
    return Ids(
        anilist=episode.anilist,
        mal=episode.mal,
        anidb=episode.anidb,
        tvdb=episode.tvdb,
        tmdb=episode.tmdb,
    )


def filename_of(episode: "EpisodeRecord") -> str:
    """Return the video's file name; clients must not see the folders."""
    return episode.path.rsplit("/", 1)[-1]


def format_number(episode: "EpisodeRecord") -> EpisodeNumber:
    """Return the episode's number, `[first, last]`, its mark ("NCOP"), or None.

    An episode between two others has a fractional number: 12.5.
    """
    mark = episode.mark or ""
    if episode.number is None:
        return mark or None
    if episode.number_end not in (None, episode.number):
        return [episode.number, episode.number_end]
    if re.fullmatch(r"\.[0-9]", mark):
        return float(f"{episode.number}{mark}")
    return episode.number


def format_label(episode: "EpisodeRecord") -> str:
    """Return `S01E02`, `S01E02–E03`, `E02` without a season, `E12.5`, `NCOP`, or nothing."""
    mark = episode.mark or ""
    if episode.number is None:
        return mark
    season = "" if episode.season is None else f"S{episode.season:02d}"
    last = episode.number_end
    until = "" if last in (None, episode.number) else f"–E{last:02d}"
    numbered = f"{season}E{episode.number:02d}{until}"
    return f"{numbered}{mark}" if mark.startswith(".") else f"{numbered} {mark}".rstrip()


def _build_also(moment: "Appearance") -> Also:
    return Also(
        filename=filename_of(moment.episode),
        episode=format_number(moment.episode),
        label=format_label(moment.episode),
        from_=_round_seconds(moment.start),
        to=_round_seconds(moment.end),
    )


def _round_share(value: float) -> float:
    return round(float(value), _SHARE_DIGITS)


def _round_seconds(value: float) -> float:
    return round(float(value), _SECOND_DIGITS)
