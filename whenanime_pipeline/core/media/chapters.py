"""Reads the chapters that a video file names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whenanime_pipeline.core.media.video import Video

_MAX_CHAPTERS = 200
"""Maximum number of chapters read from a file."""
_MAX_TITLE_LENGTH = 200
"""Maximum characters of a title, which an untrusted file may fill at will."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a video.

    Attributes:
        start: Seconds from the file's start.
        end: Seconds, after `start`.
        title: Title as stored in the file; may be empty.
    """

    start: float
    end: float
    title: str


def read_chapters(video: "Video") -> tuple[Chapter, ...]:
    """Return a video's chapters in order of time, without empty ones."""
    end = video.declared_end
    last = float("inf") if end is None else float(end)
    chapters = (
        _parse_chapter(video, entry, last) for entry in video.container.chapters()[:_MAX_CHAPTERS]
    )
    return tuple(sorted(filter(None, chapters), key=lambda one: (one.start, one.end)))


def parse_chapters(stored: Sequence[Mapping[str, Any]]) -> tuple[Chapter, ...]:
    """Return chapters from their stored JSON values.

    Raises:
        TypeError: The values are no chapters.
    """
    return tuple(Chapter(**one) for one in stored)


def _parse_chapter(video: "Video", entry: Mapping[str, Any], last: float) -> Chapter | None:
    unit = entry["time_base"] or Fraction(1, 1000)
    start, end = (
        video.to_seconds(entry[side] * unit / video.time_base) for side in ("start", "end")
    )
    start, end = max(0.0, start), min(end, last)
    title = str(entry["metadata"].get("title", ""))[:_MAX_TITLE_LENGTH]
    return Chapter(start, end, title) if start < end else None
