"""A snapshot as a library to look through, as JSON: series, episodes, what is on screen when."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from whenanime_app.library.characters import list_characters
from whenanime_app.library.scene_json import filename_of, format_label, format_number
from whenanime_app.library.themes import list_themes
from whenanime_app.links.preview_links import FrameRef
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

MAX_TIMELINE_FRAMES = 60
"""Pictures of an episode's timeline: one every 24 seconds of a usual episode."""

MakeStillLink = Callable[[FrameRef], str]
"""Makes the link of a place's still."""
HasVideo = Callable[[EpisodeRecord], bool]

_SECOND_DIGITS = 3
# Of these shares of an episode's frames one stands for it: neither logo nor credits, and the one
# with most to see on it, which takes most bytes.
_COVER_POSITIONS = (0.3, 0.45, 0.6, 0.75)


def library_json(snapshot: Snapshot | None, make_still_link: MakeStillLink) -> dict[str, Any]:
    """Return the whole library, without its episodes.

    Args:
        snapshot: what is published; None before there is anything.
        make_still_link: makes links.
    """
    episodes = [] if snapshot is None else snapshot.episodes
    return {
        "snapshot": snapshot and snapshot.id,
        "model": snapshot and snapshot.manifest.model_id,
        "published": snapshot and snapshot.manifest.created,
        "series": []
        if snapshot is None
        else [
            _series_fields(snapshot, group, make_still_link)
            for group in _group_by_series(episodes).values()
        ],
        **_count_fields(episodes),
    }


def series_json(
    snapshot: Snapshot, name: str, make_still_link: MakeStillLink, has_video: HasVideo
) -> dict[str, Any] | None:
    """Return a series with its episodes and characters; None when there is none of that name."""
    group = _group_by_series(snapshot.episodes).get(name)
    if group is None:
        return None
    episodes = [_episode_fields(snapshot, episode, make_still_link, has_video) for episode in group]
    return _series_fields(snapshot, group, make_still_link) | {
        "episodes": episodes,
        "characters": list_characters(group),
    }


def episode_json(
    snapshot: Snapshot, key: str, make_still_link: MakeStillLink, has_video: HasVideo
) -> dict[str, Any] | None:
    """Return an episode with key frames and its themes; None when there is none of that key."""
    episode = find_episode(snapshot, key)
    if episode is None:
        return None
    described = _episode_fields(snapshot, episode, make_still_link, has_video)
    return described | {
        "timeline": _timeline_json(snapshot, episode, make_still_link),
        "themes": list_themes(episode),
    }


def find_episode(snapshot: Snapshot, key: str) -> EpisodeRecord | None:
    """Return the episode of a key."""
    return next((episode for episode in snapshot.episodes if episode.key == key), None)


def locate_frame(snapshot: Snapshot, episode: EpisodeRecord, second: float) -> FrameRef:
    """Return what an episode shows at a second; after its end, the last there is.

    Raises:
        LookupError: nothing is stored of it.
        FramesError: what is stored is damaged.
    """
    timeline = snapshot.timeline(episode.content)
    at = min(second, max(episode.duration, timeline.end))
    shown = timeline.at(at)
    return FrameRef(episode.content, shown.frame, min(shown.start, at), at, max(shown.end, at))


def _group_by_series(episodes: Sequence[EpisodeRecord]) -> dict[str, list[EpisodeRecord]]:
    """Group episodes, series by name and each in the order it is watched."""
    groups: dict[str, list[EpisodeRecord]] = {}
    for episode in sorted(episodes, key=_sort_key):
        groups.setdefault(episode.series, []).append(episode)
    return groups


def _sort_key(episode: EpisodeRecord) -> tuple[Any, ...]:
    season, number = episode.season, episode.number
    return (
        episode.series.casefold(),
        episode.series,
        (season is None, season or 0),
        (number is None, number or 0),
        episode.mark or "",
        episode.path,
    )


def _series_fields(
    snapshot: Snapshot, group: Sequence[EpisodeRecord], make_still_link: MakeStillLink
) -> dict[str, Any]:
    first = group[0]

    def known(name: str) -> Any:  # noqa: ANN401  (a number or a text)
        return next((value for e in group if (value := getattr(e, name)) is not None), None)

    return {
        "name": first.series,
        "anilist": known("anilist"),
        "title": {name: known(name) for name in ("native", "romaji", "english")},
        "seasons": _seasons_json(group),
        **_count_fields(group),
        "image": _make_cover_link(snapshot, first, make_still_link),
    }


def _seasons_json(group: Sequence[EpisodeRecord]) -> list[dict[str, Any]]:
    seasons: dict[int | None, list[EpisodeRecord]] = {}
    for episode in group:
        seasons.setdefault(episode.season, []).append(episode)
    return [
        {
            "season": season,
            "name": next((e.season_name for e in episodes if e.season_name), None),
            "episodes": len(episodes),
        }
        for season, episodes in seasons.items()
    ]


def _count_fields(group: Sequence[EpisodeRecord]) -> dict[str, Any]:
    # Two episodes may be one file under two names, whose frames are there once.
    frames = {episode.content: episode.frames for episode in group}
    return {
        "episodes": len(group),
        "frames": sum(frames.values()),
        "seconds": round(sum(episode.duration for episode in group), 1),
    }


def _episode_fields(
    snapshot: Snapshot, episode: EpisodeRecord, make_still_link: MakeStillLink, has_video: HasVideo
) -> dict[str, Any]:
    return {
        "key": episode.key,
        "series": episode.series,
        "label": format_label(episode),
        "season": episode.season,
        "number": format_number(episode),
        "title": episode.title,
        "filename": filename_of(episode),
        "duration": round(episode.duration, _SECOND_DIGITS),
        "frames": episode.frames,
        "image": _make_cover_link(snapshot, episode, make_still_link),
        "has_video": has_video(episode),
    }


def _make_cover_link(
    snapshot: Snapshot, episode: EpisodeRecord, make_still_link: MakeStillLink
) -> str:
    """Return the link of a picture that stands for an episode; empty when it has none to show."""
    content = episode.content
    try:
        frames = (
            {int(share * episode.frames) for share in _COVER_POSITIONS} if episode.frames else set()
        )
        sizes = {frame: len(snapshot.picture(content, frame)) for frame in sorted(frames)}
        if not sizes:
            return ""
        frame = max(sizes, key=lambda one: sizes[one])
        start, end = snapshot.runs(content, frame)[0]
    except (LookupError, SearchError):
        return ""
    return make_still_link(FrameRef(content, frame, start, start, end))


def _timeline_json(
    snapshot: Snapshot, episode: EpisodeRecord, make_still_link: MakeStillLink
) -> list[dict[str, Any]]:
    try:
        timeline = snapshot.timeline(episode.content)
    except (LookupError, SearchError):
        return []
    shown: list[FrameRef] = []
    length = episode.duration or timeline.end
    # The middles of equal parts: a still shot that fills several of them is told of once.
    for second in (np.arange(MAX_TIMELINE_FRAMES) + 0.5) * length / MAX_TIMELINE_FRAMES:
        frame, start, end = timeline.at(float(second))
        if not shown or shown[-1].frame != frame:
            at = min(max(float(second), start), end)
            shown.append(FrameRef(episode.content, frame, start, at, end))
    return [
        {
            "at": round(place.at, _SECOND_DIGITS),
            "frame": place.frame,
            "image": make_still_link(place),
        }
        for place in shown
    ]
