"""Matroska chapters for `mkvmerge --chapters`, named as the skip scripts of players know them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from xml.sax.saxutils import escape

from whenanime_pipeline.core.themes.segments import Segment, SegmentType

NAMES: Mapping[SegmentType, str] = MappingProxyType(
    {
        "opening": "Opening",
        "ending": "Ending",
        "preview": "Preview",
        "recap": "Recap",
        "sponsor": "Sponsor",
    }
)
COLD_OPEN = "Prologue"
"""Story before the opening. Never “Intro”, which players take for the opening, and skip."""
_MIN_SECONDS = 0.05
"""Seconds of story from which a chapter is its own: players skip a theme up to the next chapter."""


def format_chapters(segments: Sequence[Segment], duration: float) -> str:
    """Return a chapters file in which every second of the video is in one chapter.

    Args:
        segments: segments that may be skipped, in order of time; all others are story.
        duration: seconds of the video.
    """
    atoms = "".join(
        _format_atom(start, end, name) for start, end, name in _name_parts(segments, duration)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Chapters>\n  <EditionEntry>\n'
        f"    <EditionFlagDefault>1</EditionFlagDefault>\n{atoms}  </EditionEntry>\n</Chapters>\n"
    )


def _name_parts(segments: Sequence[Segment], duration: float) -> Iterator[tuple[float, float, str]]:
    """Yield start, end and name of each chapter: themes by type, story as parts A, B, C."""
    opening = next((one.start for one in segments if one.type == "opening"), 0.0)
    parts = 0
    for start, end, kind in _fill_gaps(segments, duration):
        if kind is not None:
            yield start, end, NAMES[kind]
        elif end <= opening:
            yield start, end, COLD_OPEN
        else:
            yield start, end, f"Part {_letter(parts)}"
            parts += 1


def _fill_gaps(
    segments: Iterable[Segment], duration: float
) -> Iterator[tuple[float, float, SegmentType | None]]:
    at = 0.0
    for one in segments:
        if one.start - at >= _MIN_SECONDS:
            yield at, one.start, None
        yield one.start, one.end, one.type
        at = one.end
    if duration - at >= _MIN_SECONDS:
        yield at, duration, None


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def _format_atom(start: float, end: float, name: str) -> str:
    return (
        "    <ChapterAtom>\n"
        f"      <ChapterTimeStart>{_format_time(start)}</ChapterTimeStart>\n"
        f"      <ChapterTimeEnd>{_format_time(end)}</ChapterTimeEnd>\n"
        "      <ChapterDisplay>\n"
        f"        <ChapterString>{escape(name)}</ChapterString>\n"
        "        <ChapterLanguage>eng</ChapterLanguage>\n"
        "      </ChapterDisplay>\n"
        "    </ChapterAtom>\n"
    )


def _format_time(seconds: float) -> str:
    """Return `HH:MM:SS.nnnnnnnnn`, to the millisecond."""
    thousandths = round(1000 * seconds)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:03d}000000"
