"""Reads the program chains of a DVD's title sets (`VTS_01_0.IFO`).

The layout is described at http://dvd.sourceforge.net/dvdinfo/ifo.html; numbers are big-endian.
"""

import struct
from struct import unpack_from

from whenanime_pipeline.core.discs.titles import DiscError, DiscPiece, DiscTitle

SECTOR = 2048
"""Bytes of a sector."""
_MAX_CHAINS = 1_000
_CHAINS_POINTER = 0xCC
"""Byte at which the sector of the table of program chains stands."""
_CELLS_POINTER = 0xE8
"""Byte of a program chain at which the offset of its cells stands."""
_CELL_BYTES = 24
_TITLE_NUMBER = 0x7F
_ONLY, _FIRST = 0, 1
"""Places in a block of alternatives: in none, and its first one."""
_NTSC = 3
"""Bits of a time that say that its frames are thirtieths."""


def parse_title_set(data: bytes, name: str) -> tuple[DiscTitle, ...]:
    """Return the titles of a title set in order of their numbers.

    Of several angles, and of versions for several ages, the first is taken.

    Args:
        data: Content of the file.
        name: Name of the title set: `VTS_01`.

    Raises:
        DiscError: It describes no title set.
    """
    if data[:12] != b"DVDVIDEO-VTS":
        raise DiscError("is no title set")
    titles: dict[int, tuple[DiscPiece, ...]] = {}
    try:
        (sector,) = unpack_from(">I", data, _CHAINS_POINTER)
        table = sector * SECTOR
        (count,) = unpack_from(">H", data, table)
        for number in range(min(count, _MAX_CHAINS)):
            entry, block, offset = unpack_from(">BBxxI", data, table + 8 + 8 * number)
            if block >> 6 in (_ONLY, _FIRST):
                title = entry & _TITLE_NUMBER
                cells = _parse_cells(data, table + offset, name)
                titles[title] = titles.get(title, ()) + cells
    except struct.error as error:
        raise DiscError("is damaged") from error
    return tuple(
        DiscTitle(f"{name} {number:03d}", cells) for number, cells in sorted(titles.items())
    )


def _parse_cells(data: bytes, chain: int, source: str) -> tuple[DiscPiece, ...]:
    (count,) = unpack_from(">B", data, chain + 3)
    (offset,) = unpack_from(">H", data, chain + _CELLS_POINTER)
    if not offset:
        return ()  # a chain of commands alone
    cells = []
    for number in range(count):
        place = chain + offset + _CELL_BYTES * number
        category, time, first, last_unit, last = unpack_from(">B3x4sI4xII", data, place)
        if category >> 6 in (_ONLY, _FIRST) and last >= first:
            cells.append(DiscPiece(source, first, last + 1, _read_time(time), last_unit))
    return tuple(cells)


def _read_time(time: bytes) -> float:
    """Return the seconds of hours, minutes, seconds and frames in decimal digits."""
    hours, minutes, seconds, frames = ((byte >> 4) * 10 + (byte & 15) for byte in time)
    frames %= 40  # the upper two bits are the frame rate's
    rate = 30 if time[3] >> 6 == _NTSC else 25
    return hours * 3600 + minutes * 60 + seconds + frames / rate
