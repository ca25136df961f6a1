"""Builds the response models of a snapshot's series and episodes, and finds their frames."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from whenanime_app.library.characters import list_characters
from whenanime_app.library.library_models import (
    Episode,
    EpisodeTimeline,
    EpisodeVersion,
    KeyFrame,
    Library,
    Season,
    Series,
    SeriesEpisodes,
)
from whenanime_app.library.scene_json import build_ids, filename_of, format_label, format_number
from whenanime_app.library.scene_models import Title
from whenanime_app.library.series_groups import (
    find_shared_names,
    group_by_series,
    select_series,
)
from whenanime_app.library.series_titles import build_series_title
from whenanime_app.library.themes import list_themes
from whenanime_app.links.preview_links import FrameRef
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.query.filters import merge_tags, select_tagged
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.themes.lookup import ThemesView

MAX_TIMELINE_FRAMES = 60
"""Frames of an episode's timeline: one every 24 seconds of a usual episode."""

MakeStillLink = Callable[[FrameRef], str]
"""Makes the link of a frame's still."""
HasVideo = Callable[[EpisodeRecord], bool]
"""Returns whether an episode has moving previews."""

_SECOND_DIGITS = 3
# Candidates for an episode's cover, as shares of its frames: neither logo nor credits. The one of
# most bytes is taken, which shows most.
_COVER_POSITIONS = (0.3, 0.45, 0.6, 0.75)


def build_library(
    snapshot: Snapshot | None, make_still_link: MakeStillLink, tags: Collection[str] | None = None
) -> Library:
    """Build the whole library, without its episodes.

    Args:
        snapshot: published snapshot; None before the first.
        make_still_link: makes the links of covers.
        tags: list only episodes that have all of these genres or tags, by `normalize_tag`.
    """
    if snapshot is None:
        return Library(
            snapshot=None, model=None, published=None, series=[], episodes=0, frames=0, seconds=0
        )
    episodes = select_tagged(snapshot.episodes, tags)
    shared = find_shared_names(snapshot.episodes)
    return Library(
        snapshot=snapshot.id,
        model=snapshot.manifest.model_id,
        published=snapshot.manifest.created,
        series=[
            _build_series(snapshot, group, make_still_link, is_shared=group[0].series in shared)
            for group in group_by_series(episodes)
        ],
        episodes=len(episodes),
        frames=_count_frames(episodes),
        seconds=_sum_seconds(episodes),
    )


def build_series(
    snapshot: Snapshot,
    name: str,
    make_still_link: MakeStillLink,
    has_video: HasVideo,
    number: int | None = None,
) -> SeriesEpisodes | None:
    """Build a series with its episodes and characters; None when there is no such series.

    Args:
        snapshot: published snapshot.
        name: name of the series.
        make_still_link: makes the links of covers.
        has_video: returns whether an episode has moving previews.
        number: our own number of the series; None for all series of that name as one.
    """
    group = select_series(snapshot.episodes, name, number)
    if not group:
        return None
    is_shared = name in find_shared_names(snapshot.episodes)
    fields = dict(_build_series(snapshot, group, make_still_link, is_shared=is_shared))
    fields["episodes"] = [
        _build_episode(snapshot, episode, make_still_link, has_video, is_shared=is_shared)
        for episode in group
    ]
    return SeriesEpisodes(**fields, characters=list_characters(group))


def build_episode(
    view: ThemesView,
    key: str,
    make_still_link: MakeStillLink,
    has_video: HasVideo,
    versions: Mapping[str, Sequence[str]],
) -> EpisodeTimeline | None:
    """Build an episode with its timeline and themes; None when no episode has that key.

    Args:
        view: published snapshot with its themes.
        key: key of the episode.
        make_still_link: makes the links of stills.
        has_video: returns whether an episode has moving previews.
        versions: key of an episode to the names of its other versions.
    """
    snapshot = view.snapshot
    episode = find_episode(snapshot, key)
    if episode is None:
        return None
    is_shared = episode.series in find_shared_names(snapshot.episodes)
    fields = _build_episode(snapshot, episode, make_still_link, has_video, is_shared=is_shared)
    return EpisodeTimeline(
        **dict(fields),
        timeline=_build_timeline(snapshot, episode, make_still_link),
        themes=list_themes(episode, view),
        versions=[EpisodeVersion(filename=name) for name in versions.get(key, ())],
    )


def find_episode(snapshot: Snapshot, key: str) -> EpisodeRecord | None:
    """Return the episode of a key; None when there is none."""
    return next((episode for episode in snapshot.episodes if episode.key == key), None)


def find_moved_episode(snapshot: Snapshot, key: str) -> EpisodeRecord | None:
    """Return the episode that had a key before; None when none had."""
    return next((episode for episode in snapshot.episodes if key in episode.former_keys), None)


def locate_frame(snapshot: Snapshot, episode: EpisodeRecord, second: float) -> FrameRef:
    """Return the frame that an episode shows at a second; after its end, the last frame.

    Raises:
        LookupError: no frame of the episode is stored.
        FramesError: a stored file is damaged.
    """
    timeline = snapshot.timeline(episode.content)
    at = min(second, max(episode.duration, timeline.end))
    shown = timeline.at(at)
    return FrameRef(episode.content, shown.frame, min(shown.start, at), at, max(shown.end, at))


def _build_series(
    snapshot: Snapshot,
    group: Sequence[EpisodeRecord],
    make_still_link: MakeStillLink,
    *,
    is_shared: bool,
) -> Series:
    first = group[0]

    def known(name: str) -> Any:  # noqa: ANN401  (a number or a text)
        return next((value for e in group if (value := getattr(e, name)) is not None), None)

    title = build_series_title(group)
    return Series(
        name=first.series,
        anilist=known("anilist"),
        series_number=first.series_numbers[0],
        title=Title(native=title.native, romaji=title.romaji, english=title.english),
        display=title.display,
        synonyms=title.synonyms,
        genres=list(merge_tags(*(e.genres for e in group))),
        tags=list(merge_tags(*(e.tags for e in group))),
        seasons=_build_seasons(group),
        episodes=len(group),
        frames=_count_frames(group),
        seconds=_sum_seconds(group),
        image=_make_cover_link(snapshot, first, make_still_link),
        year=first.year if len({one.series_numbers[0] for one in group}) == 1 else None,
        shared_name=is_shared,
    )


def _build_seasons(group: Sequence[EpisodeRecord]) -> list[Season]:
    seasons: dict[int | None, list[EpisodeRecord]] = {}
    for episode in group:
        seasons.setdefault(episode.season, []).append(episode)
    return [
        Season(
            season=season,
            name=next((e.season_name for e in episodes if e.season_name), None),
            episodes=len(episodes),
            ids=build_ids(episodes[0]),
        )
        for season, episodes in seasons.items()
    ]


def _count_frames(group: Sequence[EpisodeRecord]) -> int:
    # Two episodes may be one file under two names, whose frames are stored once.
    return sum({episode.content: episode.frames for episode in group}.values())


def _sum_seconds(group: Sequence[EpisodeRecord]) -> float:
    return round(sum(episode.duration for episode in group), 1)


def _build_episode(
    snapshot: Snapshot,
    episode: EpisodeRecord,
    make_still_link: MakeStillLink,
    has_video: HasVideo,
    *,
    is_shared: bool,
) -> Episode:
    return Episode(
        key=episode.key,
        series=episode.series,
        label=format_label(episode),
        season=episode.season,
        number=format_number(episode),
        title=episode.title,
        series_title=build_series_title([episode]),
        season_name=episode.season_name,
        aired=episode.aired,
        ids=build_ids(episode),
        filename=filename_of(episode),
        duration=round(episode.duration, _SECOND_DIGITS),
        frames=episode.frames,
        image=_make_cover_link(snapshot, episode, make_still_link),
        has_video=has_video(episode),
        series_number=episode.series_numbers[0],
        year=episode.year,
        shared_name=is_shared,
    )


def _make_cover_link(
    snapshot: Snapshot, episode: EpisodeRecord, make_still_link: MakeStillLink
) -> str:
    """Return the link of an episode's cover; empty when no frame of it can be read."""
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


def _build_timeline(
    snapshot: Snapshot, episode: EpisodeRecord, make_still_link: MakeStillLink
) -> list[KeyFrame]:
    try:
        timeline = snapshot.timeline(episode.content)
    except (LookupError, SearchError):
        return []
    shown: list[FrameRef] = []
    length = episode.duration or timeline.end
    # The middles of equal parts: a still shot that fills several of them is listed once.
    for second in (np.arange(MAX_TIMELINE_FRAMES) + 0.5) * length / MAX_TIMELINE_FRAMES:
        frame, start, end = timeline.at(float(second))
        if not shown or shown[-1].frame != frame:
            at = min(max(float(second), start), end)
            shown.append(FrameRef(episode.content, frame, start, at, end))
    return [
        KeyFrame(at=round(ref.at, _SECOND_DIGITS), frame=ref.frame, image=make_still_link(ref))
        for ref in shown
    ]
