"""Chapters: the parts of an episode as whoever made the file named them, openings among them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from whenanime_pipeline.core.media.video import Video

ThemeKind = Literal["opening", "ending"]

_MAX_CHAPTERS = 200
"""Chapters of a file; more are no chapters of an episode."""
_MAX_TITLE_LENGTH = 200
"""Characters of a title: a file may say anything."""
# The words by which Jellyfin's intro-skipper knows them ("Opening End" is where one is over), and
# what Chinese and Japanese releases write, where words have no gaps.
_THEME_TITLE = re.compile(
    r"(?P<opening>\b(?:op|opening|intro|introduction)(?![^\W\d_])|オープニング|片[头頭]|主[题題]曲)"
    r"|(?P<ending>\b(?:ed|ending|outro|credits?)(?![^\W\d_])|エンディング|片尾)",
    re.IGNORECASE,
)
_THEME_END = re.compile(r"\bend\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a video.

    Attributes:
        start: seconds from the file's start.
        end: seconds, after `start`.
        title: as the file has it; may be empty.
    """

    start: float
    end: float
    title: str

    @property
    def theme_kind(self) -> ThemeKind | None:
        """Whether its title says that it is an opening or an ending; the first word decides."""
        named = _THEME_TITLE.search(self.title)
        if named is None or _THEME_END.search(self.title):
            return None
        return "opening" if named["opening"] else "ending"


def read_chapters(video: Video) -> tuple[Chapter, ...]:
    """Return a video's chapters in order of time, without those that last no time."""
    end = video.declared_end
    last = float("inf") if end is None else float(end)
    found = (
        _parse_chapter(video, told, last) for told in video.container.chapters()[:_MAX_CHAPTERS]
    )
    return tuple(sorted(filter(None, found), key=lambda one: (one.start, one.end)))


def parse_chapters(stored: Sequence[Mapping[str, Any]]) -> tuple[Chapter, ...]:
    """Return chapters that were stored as plain values.

    Raises:
        TypeError: they are something else.
    """
    return tuple(Chapter(**one) for one in stored)


def _parse_chapter(video: Video, entry: Mapping[str, Any], last: float) -> Chapter | None:
    unit = entry["time_base"] or Fraction(1, 1000)
    start, end = (
        video.to_seconds(entry[side] * unit / video.time_base) for side in ("start", "end")
    )
    start, end = max(0.0, start), min(end, last)
    title = str(entry["metadata"].get("title", ""))[:_MAX_TITLE_LENGTH]
    return Chapter(start, end, title) if start < end else None
