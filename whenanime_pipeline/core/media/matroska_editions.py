"""Reads Matroska's editions of chapters: their order, and the segments that they link."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from whenanime_pipeline.core.media.matroska_elements import (
    Element,
    parse_elements,
    parse_number,
    parse_text,
    read_elements,
    read_payload,
)

_EBML, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_SEEK_HEAD, _INFO, _CHAPTERS = 0x114D9B74, 0x1549A966, 0x1043A770
_SEEK, _SEEK_ID, _SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_SEGMENT_UID = 0x73A4
_EDITION, _EDITION_DEFAULT, _EDITION_ORDERED = 0x45B9, 0x45DB, 0x45DD
_ATOM, _ATOM_START, _ATOM_END, _ATOM_SEGMENT_UID = 0xB6, 0x91, 0x92, 0x6E67
_DISPLAY, _DISPLAY_TEXT = 0x80, 0x85
_UID_BYTES = 16
_MAX_ATOMS = 1_000
"""Most chapters read of an edition."""
_MAX_TITLE_LENGTH = 200
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class EditionChapter:
    """A chapter as an edition names it.

    Attributes:
        start: Second at which it begins, in the segment that it is of.
        end: Second at which it ends; None where the file names none.
        title: Its title; may be empty.
        segment: Id of the other segment that it is of; empty for the file's own.
    """

    start: float
    end: float | None
    title: str
    segment: bytes = b""


@dataclass(frozen=True, slots=True)
class MatroskaHead:
    """What the head of a file says of its chapters.

    Attributes:
        segment: Id of the file's segment; empty without one.
        is_ordered: Whether the chapters are played one after the other, in their order.
        chapters: Chapters of the default edition, in the file's order.
        editions: Number of editions.
    """

    segment: bytes = b""
    is_ordered: bool = False
    chapters: tuple[EditionChapter, ...] = ()
    editions: int = 0


@dataclass(frozen=True, slots=True)
class _Edition:
    is_default: bool
    is_ordered: bool
    chapters: tuple[EditionChapter, ...]


def read_matroska_head(file: BinaryIO) -> MatroskaHead:
    """Return what a Matroska file says of its chapters; nothing of other and damaged files.

    Reads the elements before the first cluster and the chapters behind the last one, at most.

    Args:
        file: A seekable file.

    Raises:
        OSError: The file cannot be read.
    """
    found = _find_top_elements(file)
    info = _read_optional(file, found.get(_INFO))
    chapters = _read_optional(file, found.get(_CHAPTERS))
    segment = next((value for id_, value in parse_elements(info) if id_ == _SEGMENT_UID), b"")
    editions = [_parse_edition(value) for id_, value in parse_elements(chapters) if id_ == _EDITION]
    editions = [edition for edition in editions if edition.chapters]
    if not editions:
        return MatroskaHead(segment[:_UID_BYTES])
    chosen = next((edition for edition in editions if edition.is_default), editions[0])
    return MatroskaHead(
        segment[:_UID_BYTES], chosen.is_ordered, chosen.chapters, editions=len(editions)
    )


def _find_top_elements(file: BinaryIO) -> dict[int, Element]:
    """Return the elements for information and chapters, by id."""
    first = next(read_elements(file, 0, None), None)
    if first is None or first.id != _EBML or first.end is None:
        return {}
    segment = next(read_elements(file, first.end, None), None)
    if segment is None or segment.id != _SEGMENT:
        return {}
    found: dict[int, Element] = {}
    for element in read_elements(file, segment.start, segment.end):
        if element.id == _CLUSTER:
            break
        found.setdefault(element.id, element)
    for id_, position in _read_seek_head(file, found.get(_SEEK_HEAD)):
        if id_ in (_INFO, _CHAPTERS) and id_ not in found:
            named = next(read_elements(file, segment.start + position, None), None)
            if named is not None and named.id == id_:
                found[id_] = named
    return found


def _read_seek_head(file: BinaryIO, element: Element | None) -> Iterator[tuple[int, int]]:
    """Yield id and position in the segment of the elements that a seek head names."""
    for id_, value in parse_elements(_read_optional(file, element)):
        if id_ == _SEEK:
            fields = dict(parse_elements(value))
            yield (
                parse_number(fields.get(_SEEK_ID, b"")),
                parse_number(fields.get(_SEEK_POSITION, b"")),
            )


def _read_optional(file: BinaryIO, element: Element | None) -> bytes:
    return b"" if element is None else read_payload(file, element) or b""


def _parse_edition(data: bytes) -> _Edition:
    is_default = is_ordered = False
    chapters: list[EditionChapter] = []
    for id_, value in parse_elements(data):
        if id_ == _EDITION_DEFAULT:
            is_default = parse_number(value) > 0
        elif id_ == _EDITION_ORDERED:
            is_ordered = parse_number(value) > 0
        elif id_ == _ATOM and len(chapters) < _MAX_ATOMS:
            chapter = _parse_atom(value)
            if chapter is not None:
                chapters.append(chapter)
    return _Edition(is_default, is_ordered, tuple(chapters))


def _parse_atom(data: bytes) -> EditionChapter | None:
    start: int | None = None
    end: int | None = None
    title: str | None = None
    segment = b""
    for id_, value in parse_elements(data):
        if id_ == _ATOM_START:
            start = parse_number(value)
        elif id_ == _ATOM_END:
            end = parse_number(value)
        elif id_ == _ATOM_SEGMENT_UID:
            segment = value[:_UID_BYTES]
        elif id_ == _DISPLAY and title is None:
            texts = (text for kind, text in parse_elements(value) if kind == _DISPLAY_TEXT)
            title = parse_text(next(texts, b""))[:_MAX_TITLE_LENGTH]
    if start is None:
        return None
    return EditionChapter(
        start / _NANOSECONDS, None if end is None else end / _NANOSECONDS, title or "", segment
    )
