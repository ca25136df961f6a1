"""Parses the document of `themes.yaml`; a wrong value is named by its line."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from whenanime_pipeline.core.themes.errors import LabelsError
from whenanime_pipeline.core.themes.labels.theme_labels import (
    EpisodeLabel,
    SegmentLabel,
    Span,
    TemplateLabel,
    ThemeLabels,
)
from whenanime_pipeline.core.themes.segments import SegmentType

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
_TYPES = get_args(SegmentType)
_MAX_SECOND = 1_000_000.0  # longer than any file


def parse_labels(document: CommentedMap, path: Path) -> ThemeLabels:
    """Return what a document says.

    Keys that are not known are ignored: people may write notes, and later builds may know more.

    Args:
        document: the file as it was loaded, which knows its lines.
        path: the file, for messages.

    Raises:
        LabelsError: a value cannot be used; the message has its line.
    """
    reader = _Reader(path)
    templates = {
        reader.text_key(part, key, "the id of a template"): reader.template(value)
        for part, key, value in reader.entries(document, "templates")
    }
    episodes = {
        reader.fingerprint_key(part, key): reader.episode(value)
        for part, key, value in reader.entries(document, "episodes")
    }
    return ThemeLabels(templates, episodes)


def parse_second(stored: object) -> float | None:
    """Return the seconds of a number, or of a text such as `1:05.2`; None for anything else."""
    second = -1.0
    if isinstance(stored, (int, float)) and not isinstance(stored, bool):
        second = float(stored)
    elif isinstance(stored, str) and (clock := _CLOCK.fullmatch(stored)):
        second = 3600 * float(clock[1] or 0) + 60 * float(clock[2]) + float(clock[3])
    return second if 0 <= second <= _MAX_SECOND else None


class _Reader:
    """Reads values of one file, and names their lines in errors."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(
        self, document: CommentedMap, name: str
    ) -> Iterator[tuple[CommentedMap, Any, CommentedMap]]:
        """Yield part, key and value of all entries of a part of the document."""
        part = document.get(name)
        if part is None:
            return
        if not isinstance(part, CommentedMap):
            raise self._error(document, name, f"{name}: not a mapping of names to values")
        for key, value in part.items():
            if not isinstance(value, CommentedMap):
                raise self._error(part, key, f"{key}: not a mapping such as `confirmed: true`")
            yield part, key, value

    def text_key(self, part: CommentedMap, key: object, what: str) -> str:
        if not isinstance(key, str):
            raise self._error(part, key, f'{key}: not {what}; write it as "{key}"')
        return str(key)

    def fingerprint_key(self, part: CommentedMap, key: object) -> str:
        text = self.text_key(part, key, "a fingerprint")
        if not _FINGERPRINT.fullmatch(text):
            raise self._error(part, key, f"{key}: not a fingerprint of 32 digits from 0 to f")
        return text

    def template(self, value: CommentedMap) -> TemplateLabel:
        return TemplateLabel(
            type=self._type(value) if "type" in value else None,
            confirmed=self._flag(value, "confirmed"),
            never_skip=self._flag(value, "never_skip"),
        )

    def episode(self, value: CommentedMap) -> EpisodeLabel:
        segments = self._list(value, "segments", self._segment)
        for (first, _), (second, item) in pairwise(sorted(segments, key=lambda one: one[0].start)):
            if second.start < first.end:
                reason = f"a segment from {second.start:g} s overlaps the one from {first.start:g}"
                raise self._error(item, "start", reason)
        return EpisodeLabel(
            segments=tuple(sorted((one for one, _ in segments), key=lambda one: one.start)),
            removed=tuple(Span(*span) for span, _ in self._list(value, "removed", self._span)),
        )

    def _segment(self, value: CommentedMap) -> SegmentLabel:
        if "type" not in value:
            raise self._error(value, "start", f"a segment has no type: one of {', '.join(_TYPES)}")
        start, end = self._span(value)
        return SegmentLabel(self._type(value), start, end, self._flag(value, "never_skip"))

    def _span(self, value: CommentedMap) -> tuple[float, float]:
        start, end = self._second(value, "start"), self._second(value, "end")
        if end <= start:
            raise self._error(value, "end", f"the end, {end:g} s, is not after {start:g} s")
        return start, end

    def _second(self, value: CommentedMap, name: str) -> float:
        stored = value.get(name)
        second = parse_second(stored)
        if second is None:
            reason = f"{name}: {stored} is not a time; write seconds, or a text such as 1:05.2"
            raise self._error(value, name if name in value else None, reason)
        return second

    def _type(self, value: CommentedMap) -> SegmentType:
        stored = value["type"]
        if stored not in _TYPES:
            raise self._error(value, "type", f"type: {stored} is not one of {', '.join(_TYPES)}")
        kind: SegmentType = _TYPES[_TYPES.index(stored)]  # without quotes of its own
        return kind

    def _flag(self, value: CommentedMap, name: str) -> bool:
        stored = value.get(name, False)
        if not isinstance(stored, bool):
            raise self._error(value, name, f"{name}: {stored} is neither true nor false")
        return stored

    def _list(
        self, value: CommentedMap, name: str, parse: Callable[[CommentedMap], Any]
    ) -> list[tuple[Any, CommentedMap]]:
        stored = value.get(name)
        if stored is None:
            return []
        if not isinstance(stored, CommentedSeq):
            raise self._error(value, name, f"{name}: not a list")
        for index, item in enumerate(stored):
            if not isinstance(item, CommentedMap):
                reason = f"{name}: {item} is not a mapping such as {{start: 65.2, end: 155.2}}"
                raise LabelsError(self._path, stored.lc.data[index][0] + 1, reason)
        return [(parse(item), item) for item in stored]

    def _error(self, part: CommentedMap, key: object, reason: str) -> LabelsError:
        places = part.lc.data or {}
        line = places[key][0] if key in places else part.lc.line
        return LabelsError(self._path, int(line) + 1, reason)
