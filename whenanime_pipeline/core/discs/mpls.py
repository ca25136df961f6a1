"""Reads the playlists of Blu-ray discs and camcorders (`.mpls`, `.mpl`).

The layout is described at https://en.wikibooks.org/wiki/User:Bdinfo/mpls; numbers are big-endian.
"""

import struct
from struct import unpack_from

from whenanime_pipeline.core.discs.titles import DiscError, DiscPiece

CLOCK = 45_000
"""Units of a playlist's times in a second."""
_MAX_ITEMS = 1_000
"""Most items of a playlist; the format allows 999."""
_ITEM_FIELDS = 20
"""Bytes of an item up to its times."""


def parse_playlist(data: bytes) -> tuple[DiscPiece, ...]:
    """Return the items of a playlist in order; of several angles the first.

    Args:
        data: Content of the file.

    Raises:
        DiscError: It is no playlist, or plays a clip whose clock starts again within it.
    """
    if data[:4] != b"MPLS":
        raise DiscError("is no playlist")
    try:
        (start,) = unpack_from(">I", data, 8)
        (count,) = unpack_from(">H", data, start + 6)
        position, pieces = start + 10, []
        for _ in range(min(count, _MAX_ITEMS)):
            (length,) = unpack_from(">H", data, position)
            if length < _ITEM_FIELDS:
                raise DiscError("is damaged")
            pieces.append(_parse_item(data, position + 2))
            position += 2 + length
    except struct.error as error:
        raise DiscError("is damaged") from error
    return tuple(piece for piece in pieces if piece.end > piece.begin)


def _parse_item(data: bytes, position: int) -> DiscPiece:
    name, codec, _flags, sequence, begin, end = unpack_from(">5s4sHBII", data, position)
    if codec != b"M2TS" or not name.isdigit():
        raise DiscError("is damaged")
    if sequence:
        raise DiscError("plays a clip whose clock starts again within it")
    return DiscPiece(name.decode("ascii"), begin, end, (end - begin) / CLOCK)
