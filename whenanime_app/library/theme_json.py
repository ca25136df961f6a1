"""Builds the response models of segments, templates and seasons."""

from collections import Counter
from collections.abc import Iterable

from whenanime_app.library.scene_json import format_label
from whenanime_app.library.scene_models import SceneTheme
from whenanime_app.library.theme_models import (
    EpisodeSegments,
    EpisodeSegmentsAnswer,
    SeasonSegments,
    SeriesSegments,
    ThemeEvidence,
    ThemeSegment,
    ThemeSource,
    ThemeTemplate,
)
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.themes.chapter_segments import find_named_by, list_chapter_themes
from whenanime_pipeline.core.themes.labels.theme_labels import TemplateLabel, ThemeLabels
from whenanime_pipeline.core.themes.lookup import SeasonView, ThemesView
from whenanime_pipeline.core.themes.segments import Segment, Template

_SECOND_DIGITS = 3
_SHARE_DIGITS = 4
_NO_WORD = TemplateLabel()


def build_episode_segments(view: ThemesView, episode: EpisodeRecord) -> EpisodeSegmentsAnswer:
    """Build the segments of an episode, and the templates that it shows."""
    season = view.find_season(episode)
    segments = view.list_segments(episode)
    shown = {one.template for one in segments}
    templates = (one for one in season.themes.templates if one.id in shown)
    return EpisodeSegmentsAnswer(
        **dict(_build_episode(season, episode)),
        computed=season.is_computed,
        of_episodes=len(season.episodes),
        templates=_build_templates(season, templates, view.labels),
    )


def build_series_segments(
    view: ThemesView, series: str, number: int | None = None
) -> SeriesSegments | None:
    """Build the themes of a series by season; None when no series has that name and number."""
    seasons = view.list_seasons(series, number)
    if not seasons:
        return None
    return SeriesSegments(
        series=series,
        seasons=[
            SeasonSegments(
                season=season.episodes[0].season,
                computed=season.is_computed,
                templates=_build_templates(season, season.themes.templates, view.labels),
                episodes=[_build_episode(season, episode) for episode in season.episodes],
            )
            for season in seasons
        ],
    )


def build_scene_theme(view: ThemesView, episode: EpisodeRecord, second: float) -> SceneTheme | None:
    """Build the theme in which a second of an episode lies; None where it is story."""
    segment = view.find_segment(episode, second)
    if segment is None:
        return None
    season = view.find_season(episode)
    return SceneTheme(
        type=segment.type,
        confidence=segment.confidence,
        template=segment.template,
        in_episodes=_count_members(season).get(segment.template or ""),
        of_episodes=len(season.episodes),
    )


def build_evidence(segment: Segment) -> ThemeEvidence:
    """Build what a segment rests on."""
    evidence = segment.evidence
    return ThemeEvidence(
        witnesses=list(evidence.witnesses),
        partners=evidence.partners,
        sound=_round_share(evidence.sound),
        pictures=_round_share(evidence.pictures),
    )


def find_source(segment: Segment) -> ThemeSource:
    """Return what a segment is from: the operator's word, a chapter alone, or the detector."""
    if "operator" in segment.evidence.witnesses:
        return "operator"
    return "chapter" if segment.evidence.witnesses == ("chapter",) else "found"


def _build_episode(season: SeasonView, episode: EpisodeRecord) -> EpisodeSegments:
    chapters = list_chapter_themes(episode.chapters)
    counts = _count_members(season)
    segments = []
    for one in season.themes.episodes[episode.fingerprint]:
        chapter = find_named_by(one, chapters)
        title = None if chapter is None else chapter.title
        segments.append(_build_segment(one, title, counts))
    return EpisodeSegments(
        key=episode.key,
        series=episode.series,
        label=format_label(episode),
        title=episode.title,
        duration=round(episode.duration, _SECOND_DIGITS),
        segments=segments,
    )


def _build_segment(segment: Segment, title: str | None, counts: Counter[str]) -> ThemeSegment:
    return ThemeSegment(
        type=segment.type,
        from_=round(segment.start, _SECOND_DIGITS),
        to=round(segment.end, _SECOND_DIGITS),
        from_error=round(segment.start_error, _SECOND_DIGITS),
        to_error=round(segment.end_error, _SECOND_DIGITS),
        confidence=segment.confidence,
        template=segment.template,
        first=segment.is_first,
        skippable=segment.is_skippable,
        never_skip=segment.never_skip,
        in_episodes=counts.get(segment.template or ""),
        source=find_source(segment),
        title=title,
        evidence=build_evidence(segment),
    )


def _build_templates(
    season: SeasonView, templates: Iterable[Template], labels: ThemeLabels
) -> list[ThemeTemplate]:
    counts = _count_members(season)
    return [
        ThemeTemplate(
            id=one.id,
            type=one.type,
            seconds=round(one.seconds, _SECOND_DIGITS),
            in_episodes=counts[one.id],
            confirmed=labels.templates.get(one.id, _NO_WORD).confirmed,
            never_skip=labels.templates.get(one.id, _NO_WORD).never_skip,
        )
        for one in templates
    ]


def _count_members(season: SeasonView) -> Counter[str]:
    """Count the season's episodes that show each template."""
    segments = season.themes.episodes
    return Counter(
        name
        for episode in season.episodes
        for name in {one.template for one in segments[episode.fingerprint]}
        if name is not None
    )


def _round_share(value: float | None) -> float | None:
    return None if value is None else round(float(value), _SHARE_DIGITS)
