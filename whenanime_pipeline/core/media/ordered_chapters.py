"""Turns an edition of chapters into parts and chapters on the player's clock, as mpv does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.media.file_reading import Part
from whenanime_pipeline.core.media.matroska_editions import EditionChapter, MatroskaHead

_MERGED_GAP = 0.1
"""Seconds between chapters that are bridged: many end a frame too early."""


def list_linked_segments(head: MatroskaHead) -> set[bytes]:
    """Return the ids of the other segments that a file plays."""
    if not head.is_ordered:
        return set()
    return {one.segment for one in head.chapters if one.segment not in (b"", head.segment)}


def order_parts(
    head: MatroskaHead, linked: Mapping[bytes, tuple[str, str]]
) -> tuple[tuple[Part, ...], tuple[Chapter, ...]]:
    """Return the parts that an ordered edition plays, and its chapters at the player's seconds.

    A chapter of a segment that is not there is left out.

    Args:
        head: Head of a file whose edition is ordered.
        linked: Name in the folder and fingerprint of the files of other segments, by id.
    """
    parts: list[Part] = []
    chapters: list[Chapter] = []
    last_end, now = 0.0, 0.0
    for chapter in head.chapters:
        is_own = chapter.segment in (b"", head.segment)
        file, fingerprint = ("", "") if is_own else linked.get(chapter.segment, (None, ""))
        if file is None or chapter.end is None or chapter.end <= chapter.start:
            continue
        is_joined = bool(parts) and parts[-1].file == file
        if is_joined and abs(chapter.start - last_end) <= _MERGED_GAP:
            added = max(0.0, chapter.end - last_end)
            parts[-1] = replace(parts[-1], length=parts[-1].length + added)
        else:
            added = chapter.end - chapter.start
            parts.append(Part(now, added, file, chapter.start, fingerprint))
        last_end = chapter.end
        if added > 0:
            chapters.append(Chapter(now, now + added, chapter.title))
        now += added
    return tuple(parts), tuple(chapters)


def list_chapters(listed: Iterable[EditionChapter], end: float | None) -> tuple[Chapter, ...]:
    """Return the chapters of an edition that is not ordered, in order of time.

    Args:
        listed: Chapters in any order.
        end: Second at which the video ends; None where unknown.
    """
    by_start = sorted(listed, key=lambda one: one.start)
    last = float("inf") if end is None else end
    following = [one.start for one in by_start[1:]] + [last]
    chapters = [
        Chapter(one.start, min(after if one.end is None else one.end, last), one.title)
        for one, after in zip(by_start, following, strict=True)
    ]
    return tuple(one for one in chapters if one.start < one.end < float("inf"))
