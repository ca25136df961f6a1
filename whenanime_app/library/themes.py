"""Builds the response models of openings and endings: found, or named by the files' chapters."""

from collections.abc import Collection, Iterable

from whenanime_app.library.library_models import EpisodeThemes, Theme, Themes
from whenanime_app.library.scene_json import format_label
from whenanime_app.library.theme_json import build_evidence, find_source
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.search.query.filters import select_tagged
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.themes.chapter_segments import find_named_by, list_chapter_themes
from whenanime_pipeline.core.themes.labels.theme_labels import (
    EpisodeLabel,
    ThemeLabels,
    is_mostly,
)
from whenanime_pipeline.core.themes.lookup import ThemesView
from whenanime_pipeline.core.themes.segments import Segment

_SECOND_DIGITS = 3


def list_themes(episode: EpisodeRecord, view: ThemesView) -> list[Theme]:
    """Return an episode's openings and endings, in order of time.

    One that a chapter names has the chapter's times, unless the operator said something about it.
    """
    chapters = list_chapter_themes(episode.chapters)
    segments = view.list_segments(episode)
    themes = [
        theme
        for segment in segments
        if (theme := _build_theme(segment, find_named_by(segment, chapters))) is not None
    ]
    titles = {(theme.kind, theme.title) for theme in themes}
    for chapter, named in chapters:
        is_listed = (named.type, chapter.title) in titles
        if not is_listed and not _is_overruled(named, segments, view.labels, episode.fingerprint):
            themes.extend(filter(None, [_build_theme(named, chapter)]))
    return sorted(themes, key=lambda theme: theme.from_)


def build_themes(
    view: ThemesView, series: str | None, tags: Collection[str] | None = None
) -> Themes:
    """Build the openings and endings of all episodes with a known theme.

    Args:
        view: themes of the published snapshot.
        series: name of the only series to list; None for all.
        tags: list only episodes that have all of these genres or tags, by `normalize_tag`.
    """
    return Themes(
        episodes=[
            EpisodeThemes(
                key=episode.key,
                series=episode.series,
                label=format_label(episode),
                themes=themes,
            )
            for episode in select_tagged(view.snapshot.episodes, tags)
            if series in (None, episode.series) and (themes := list_themes(episode, view))
        ]
    )


def _is_overruled(
    named: Segment, segments: Iterable[Segment], labels: ThemeLabels, fingerprint: str
) -> bool:
    """Return whether the operator says something else about what a chapter names."""
    own = named.start, named.end
    removed = labels.episodes.get(fingerprint, EpisodeLabel()).removed
    spans = [(one.start, one.end) for one in removed]
    spans += [(one.start, one.end) for one in segments if find_source(one) == "operator"]
    return any(is_mostly(span, own) for span in spans)


def _build_theme(segment: Segment, chapter: Chapter | None) -> Theme | None:
    if segment.type not in ("opening", "ending"):
        return None
    source = find_source(segment)
    timed: Segment | Chapter = segment
    if chapter is not None and source != "operator":
        timed, source = chapter, "chapter"
    return Theme(
        kind="opening" if segment.type == "opening" else "ending",
        from_=round(timed.start, _SECOND_DIGITS),
        to=round(timed.end, _SECOND_DIGITS),
        title="" if chapter is None else chapter.title,
        source=source,
        confidence=segment.confidence,
        template=segment.template,
        evidence=build_evidence(segment),
    )
