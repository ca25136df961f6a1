"""Reads labels of themes to train on, in the format of the seed project and in ours.

The seed's is `{id: {"url", "name", "start": "H:MM:SS", "end": "H:MM:SS"}}`, read as an opening.
Ours adds `"themes": [{"type", "start", "end"}]` with seconds, which count where they are there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from whenanime_pipeline.core.themes.errors import ThemesError
from whenanime_pipeline.core.themes.segments import SegmentType

_CLOCK = re.compile(r"(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)|([0-5]?\d):([0-5]?\d(?:\.\d+)?)")
_KINDS: tuple[str, ...] = get_args(SegmentType)
_SLACK = 1.0
"""Seconds by which a label may end after the episode: clocks without decimals are rounded."""


class LabelsFileError(ThemesError):
    """A labels file cannot be read, or says what cannot be; the message names file and line."""


@dataclass(frozen=True, slots=True)
class LabelledSegment:
    """A labelled part of an episode: its type and its seconds."""

    type: SegmentType
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class LabelledEpisode:
    """An entry of a labels file.

    Attributes:
        id: its key in the file.
        url: where the video comes from, or its path; empty where the entry has none.
        name: of the episode or the video; empty where the entry has none.
        segments: in order of time; none means that the episode has no themes.
        line: of the file at which the entry begins, from 1.
    """

    id: str
    url: str
    name: str
    segments: tuple[LabelledSegment, ...]
    line: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a file an entry is, for messages."""

    path: Path
    entry: str
    line: int

    def error(self, what: str) -> LabelsFileError:
        return LabelsFileError(f"{self.path}:{self.line}: {self.entry!r}: {what}")


def read_labels(path: Path) -> tuple[LabelledEpisode, ...]:
    """Read a labels file.

    Raises:
        LabelsFileError: it is missing, no JSON, or an entry says what cannot be; the message names
            the file, the line and the entry.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text, object_pairs_hook=_refuse_repeats)
    except OSError as error:
        raise LabelsFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise LabelsFileError(f"{path}: not UTF-8: save it as that ({error})") from error
    except json.JSONDecodeError as error:
        raise LabelsFileError(f"{path}:{error.lineno}: not JSON: {error.msg}") from error
    except ValueError as error:
        raise LabelsFileError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise LabelsFileError(f"{path}:1: labels are an object with an entry an episode")
    lines = _find_lines(text, document)
    return tuple(
        _parse_entry(_Place(path, entry, lines[entry]), values)
        for entry, values in document.items()
    )


def check_duration(path: Path, episode: LabelledEpisode, duration: float) -> None:
    """Check that the labels of an episode lie within it.

    Args:
        path: of the labels file.
        episode: one of its entries.
        duration: of the episode's video in seconds.

    Raises:
        LabelsFileError: a label ends after the video.
    """
    for segment in episode.segments:
        if segment.end > duration + _SLACK:
            raise _Place(path, episode.id, episode.line).error(
                f"its {segment.type} ends at {segment.end:g} s, and the video at {duration:.1f} s: "
                "correct the time, or label the video that is there"
            )


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{twice!r} is there twice: keep one of them")
    return found


def _find_lines(text: str, document: dict[str, Any]) -> dict[str, int]:
    """Return the line of each entry: where its key stands, in order of the file."""
    lines, position = {}, 0
    for entry in document:
        spelled = (json.dumps(entry, ensure_ascii=ascii_only) for ascii_only in (False, True))
        places = [text.find(one, position) for one in spelled]
        found = min((place for place in places if place >= 0), default=position)
        lines[entry] = text.count("\n", 0, found) + 1
        position = found
    return lines


def _parse_entry(place: _Place, values: Any) -> LabelledEpisode:  # noqa: ANN401 as JSON has it
    if not isinstance(values, dict):
        raise place.error("an entry is an object with `start` and `end`, or `themes`")
    for name in ("url", "name"):
        if not isinstance(values.get(name, ""), str):
            raise place.error(f"`{name}` is no text")
    segments = sorted(_parse_segments(place, values), key=lambda one: one.start)
    for before, after in pairwise(segments):
        if after.start < before.end:
            raise place.error(
                f"its {before.type} ends at {before.end:g} s, after its {after.type} begins at "
                f"{after.start:g} s: themes do not overlap"
            )
    return LabelledEpisode(
        place.entry, values.get("url", ""), values.get("name", ""), tuple(segments), place.line
    )


def _parse_segments(place: _Place, values: dict[str, Any]) -> Iterator[LabelledSegment]:
    themes = values.get("themes")
    if themes is None:
        if "start" in values or "end" in values:
            yield _parse_segment(place, "opening", values, "")
        return
    if not isinstance(themes, list):
        raise place.error("`themes` is no list")
    for number, theme in enumerate(themes, 1):
        where = f"theme {number}: "
        if not isinstance(theme, dict):
            raise place.error(f"{where}is no object with `type`, `start` and `end`")
        kind = theme.get("type")
        if kind not in _KINDS:
            raise place.error(f"{where}the type {kind!r} is none of {', '.join(_KINDS)}")
        yield _parse_segment(place, kind, theme, where)


def _parse_segment(
    place: _Place, kind: SegmentType, values: dict[str, Any], where: str
) -> LabelledSegment:
    times = []
    for name in ("start", "end"):
        if name not in values:
            raise place.error(f"{where}`{name}` is missing")
        second = _parse_time(values[name])
        if second is None:
            raise place.error(
                f"{where}`{name}` is {values[name]!r}, which is no time: write H:MM:SS or seconds"
            )
        times.append(second)
    start, end = times
    if end <= start:
        raise place.error(f"{where}it ends at {end:g} s, not after its start at {start:g} s")
    return LabelledSegment(kind, start, end)


def _parse_time(value: Any) -> float | None:  # noqa: ANN401 as JSON has it
    """Return seconds of `H:MM:SS`, `M:SS` or a number; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0 <= value < float("inf") else None
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hours, minutes, seconds, short_minutes, short_seconds = match.groups()
    if seconds is None:
        return int(short_minutes) * 60 + float(short_seconds)
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
