"""Segments that a file's own chapters name: a witness with a name, and not the truth."""

from collections.abc import Iterable, Sequence

from whenanime_pipeline.core.media.chapter_themes import find_theme_kinds
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.themes.labels.theme_labels import is_mostly
from whenanime_pipeline.core.themes.segments import Evidence, Segment

_ERROR = 1.0
"""Seconds by which chapters are taken to be off: releases put them at the next key frame."""


def list_chapter_themes(chapters: Sequence[Chapter]) -> list[tuple[Chapter, Segment]]:
    """Return the chapters that name an opening or an ending, with a likely segment of each."""
    kinds = find_theme_kinds([chapter.title for chapter in chapters])
    return [
        (
            chapter,
            Segment(
                type=kind,
                start=chapter.start,
                end=chapter.end,
                start_error=_ERROR,
                end_error=_ERROR,
                confidence="likely",
                evidence=Evidence(("chapter",)),
            ),
        )
        for chapter, kind in zip(chapters, kinds, strict=True)
        if kind is not None
    ]


def add_chapters(found: Iterable[Segment], chapters: Sequence[Chapter]) -> tuple[Segment, ...]:
    """Return found segments, and those of chapters that overlap none of them, in order of time."""
    segments = list(found)
    for _, named in list_chapter_themes(chapters):
        own = named.start, named.end
        if not any(min(one.end, own[1]) > max(one.start, own[0]) for one in segments):
            segments.append(named)
    return tuple(sorted(segments, key=lambda one: one.start))


def find_named_by(segment: Segment, chapters: Sequence[tuple[Chapter, Segment]]) -> Chapter | None:
    """Return the chapter that names a segment; None when none does."""
    own = segment.start, segment.end
    return next((one for one, named in chapters if is_mostly((named.start, named.end), own)), None)
