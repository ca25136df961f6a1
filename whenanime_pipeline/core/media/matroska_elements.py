"""Reads elements of Matroska's EBML with bounded time and memory; damaged ones end the reading."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_PAYLOAD = 4 << 20
"""Largest element in bytes that is read whole."""
MAX_ELEMENTS = 20_000
"""Most elements read of one parent."""
_MAX_ID_BYTES = 4
_MAX_SIZE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Element:
    """An element within its parent.

    Attributes:
        id: Its id, with the marker bits.
        start: Position of its content.
        size: Length of its content in bytes; None where it is unknown, as in live recordings.
    """

    id: int
    start: int
    size: int | None

    @property
    def end(self) -> int | None:
        """Position after its content; None where it is unknown."""
        return None if self.size is None else self.start + self.size


def read_elements(file: BinaryIO, start: int, end: int | None) -> Iterator[Element]:
    """Yield the elements between two positions of a file, without reading their content.

    Ends before damage, after an element of unknown size, and after `MAX_ELEMENTS`.

    Args:
        file: A seekable file.
        start: Position of the first element.
        end: Position after the last one; None for the end of the file.
    """
    for _ in range(MAX_ELEMENTS):
        if end is not None and start >= end:
            return
        file.seek(start)
        element = _parse_head(file.read(_MAX_ID_BYTES + _MAX_SIZE_BYTES), start)
        if element is None:
            return
        yield element
        if element.end is None:
            return
        start = element.end


def parse_elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield id and content of the elements in bytes; one that is cut short is left out."""
    start = 0
    for _ in range(MAX_ELEMENTS):
        element = _parse_head(data[start : start + _MAX_ID_BYTES + _MAX_SIZE_BYTES], start)
        if element is None or element.end is None or element.end > len(data):
            return
        yield element.id, data[element.start : element.end]
        start = element.end


def read_payload(file: BinaryIO, element: Element) -> bytes | None:
    """Return the content of an element; None where it is too large, unknown or cut short."""
    if element.size is None or element.size > MAX_PAYLOAD:
        return None
    file.seek(element.start)
    data = file.read(element.size)
    return data if len(data) == element.size else None


def parse_number(data: bytes) -> int:
    """Return an unsigned number of at most eight bytes."""
    return int.from_bytes(data[:8], "big")


def parse_text(data: bytes) -> str:
    """Return a text, without what follows its end."""
    return data.split(b"\0", 1)[0].decode("utf-8", "replace")


def _parse_head(data: bytes, position: int) -> Element | None:
    """Return the element whose id and size stand at the beginning of `data`; None for others."""
    id_length = _variable_length(data[:1])
    if id_length is None or id_length > _MAX_ID_BYTES:
        return None
    size_length = _variable_length(data[id_length : id_length + 1])
    head = id_length + (size_length or 0)
    if size_length is None or len(data) < head:
        return None
    bits = 7 * size_length
    size = int.from_bytes(data[id_length:head], "big") & ((1 << bits) - 1)
    unknown = size == (1 << bits) - 1
    number = int.from_bytes(data[:id_length], "big")
    return Element(number, position + head, None if unknown else size)


def _variable_length(first: bytes) -> int | None:
    """Return the length of a number that begins with a byte, by its leading zeros."""
    if not first or not first[0]:
        return None
    return 9 - first[0].bit_length()
