"""A snapshot as a library to look through, as JSON: series, episodes, what is on screen when."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from whenanime_app.library.characters import characters_of
from whenanime_app.library.scene_json import filename_of, label_of, number_of
from whenanime_app.library.themes import themes_of
from whenanime_app.links.preview_links import Place
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

KEY_FRAMES = 60
"""Pictures of an episode's timeline: one every 24 seconds of a usual episode."""

Image = Callable[[Place], str]
"""Makes the link of a place's still."""
HasVideo = Callable[[EpisodeRecord], bool]

_SECOND_DIGITS = 3
# Of these shares of an episode's frames one stands for it: neither logo nor credits, and the one
# with most to see on it, which takes most bytes.
_SHARES = (0.3, 0.45, 0.6, 0.75)


def library_json(snapshot: Snapshot | None, image: Image) -> dict[str, Any]:
    """Return the whole library, without its episodes.

    Args:
        snapshot: what is published; None before there is anything.
        image: makes links.
    """
    episodes = [] if snapshot is None else snapshot.episodes
    return {
        "snapshot": snapshot and snapshot.id,
        "model": snapshot and snapshot.manifest.model_id,
        "published": snapshot and snapshot.manifest.created,
        "series": []
        if snapshot is None
        else [_series(snapshot, group, image) for group in _by_series(episodes).values()],
        **_counts(episodes),
    }


def series_json(
    snapshot: Snapshot, name: str, image: Image, has_video: HasVideo
) -> dict[str, Any] | None:
    """Return a series with its episodes and characters; None when there is none of that name."""
    group = _by_series(snapshot.episodes).get(name)
    if group is None:
        return None
    episodes = [_episode(snapshot, episode, image, has_video) for episode in group]
    return _series(snapshot, group, image) | {
        "episodes": episodes,
        "characters": characters_of(group),
    }


def episode_json(
    snapshot: Snapshot, key: str, image: Image, has_video: HasVideo
) -> dict[str, Any] | None:
    """Return an episode with key frames and its themes; None when there is none of that key."""
    episode = episode_of(snapshot, key)
    if episode is None:
        return None
    described = _episode(snapshot, episode, image, has_video)
    return described | {
        "timeline": _timeline(snapshot, episode, image),
        "themes": themes_of(episode),
    }


def episode_of(snapshot: Snapshot, key: str) -> EpisodeRecord | None:
    """Return the episode of a key."""
    return next((episode for episode in snapshot.episodes if episode.key == key), None)


def place_at(snapshot: Snapshot, episode: EpisodeRecord, second: float) -> Place:
    """Return what an episode shows at a second; after its end, the last there is.

    Raises:
        LookupError: nothing is stored of it.
        FramesError: what is stored is damaged.
    """
    timeline = snapshot.timeline(episode.content)
    at = min(second, max(episode.duration, timeline.end))
    shown = timeline.at(at)
    return Place(episode.content, shown.frame, min(shown.start, at), at, max(shown.end, at))


def _by_series(episodes: Sequence[EpisodeRecord]) -> dict[str, list[EpisodeRecord]]:
    """Group episodes, series by name and each in the order it is watched."""
    groups: dict[str, list[EpisodeRecord]] = {}
    for episode in sorted(episodes, key=_order):
        groups.setdefault(episode.series, []).append(episode)
    return groups


def _order(episode: EpisodeRecord) -> tuple[Any, ...]:
    season, number = episode.season, episode.number
    return (
        episode.series.casefold(),
        episode.series,
        (season is None, season or 0),
        (number is None, number or 0),
        episode.mark or "",
        episode.path,
    )


def _series(snapshot: Snapshot, group: Sequence[EpisodeRecord], image: Image) -> dict[str, Any]:
    first = group[0]

    def known(name: str) -> Any:  # noqa: ANN401  (a number or a text)
        return next((value for e in group if (value := getattr(e, name)) is not None), None)

    return {
        "name": first.series,
        "anilist": known("anilist"),
        "title": {name: known(name) for name in ("native", "romaji", "english")},
        "seasons": _seasons(group),
        **_counts(group),
        "image": _portrait(snapshot, first, image),
    }


def _seasons(group: Sequence[EpisodeRecord]) -> list[dict[str, Any]]:
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


def _counts(group: Sequence[EpisodeRecord]) -> dict[str, Any]:
    # Two episodes may be one file under two names, whose frames are there once.
    frames = {episode.content: episode.frames for episode in group}
    return {
        "episodes": len(group),
        "frames": sum(frames.values()),
        "seconds": round(sum(episode.duration for episode in group), 1),
    }


def _episode(
    snapshot: Snapshot, episode: EpisodeRecord, image: Image, has_video: HasVideo
) -> dict[str, Any]:
    return {
        "key": episode.key,
        "series": episode.series,
        "label": label_of(episode),
        "season": episode.season,
        "number": number_of(episode),
        "title": episode.title,
        "filename": filename_of(episode),
        "duration": round(episode.duration, _SECOND_DIGITS),
        "frames": episode.frames,
        "image": _portrait(snapshot, episode, image),
        "has_video": has_video(episode),
    }


def _portrait(snapshot: Snapshot, episode: EpisodeRecord, image: Image) -> str:
    """Return the link of a picture that stands for an episode; empty when it has none to show."""
    content = episode.content
    try:
        frames = {int(share * episode.frames) for share in _SHARES} if episode.frames else set()
        sizes = {frame: len(snapshot.picture(content, frame)) for frame in sorted(frames)}
        if not sizes:
            return ""
        frame = max(sizes, key=lambda one: sizes[one])
        start, end = snapshot.runs(content, frame)[0]
    except (LookupError, SearchError):
        return ""
    return image(Place(content, frame, start, start, end))


def _timeline(snapshot: Snapshot, episode: EpisodeRecord, image: Image) -> list[dict[str, Any]]:
    try:
        timeline = snapshot.timeline(episode.content)
    except (LookupError, SearchError):
        return []
    shown: list[Place] = []
    length = episode.duration or timeline.end
    # The middles of equal parts: a still shot that fills several of them is told of once.
    for second in (np.arange(KEY_FRAMES) + 0.5) * length / KEY_FRAMES:
        frame, start, end = timeline.at(float(second))
        if not shown or shown[-1].frame != frame:
            at = min(max(float(second), start), end)
            shown.append(Place(episode.content, frame, start, at, end))
    return [
        {"at": round(place.at, _SECOND_DIGITS), "frame": place.frame, "image": image(place)}
        for place in shown
    ]
