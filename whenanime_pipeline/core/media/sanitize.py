"""Files of strangers made harmless before a library reads them: their notes cost time and memory.

A picture's own size is checked by whoever decodes it. What is checked here is all the rest that a
format has room for: notes by the million, EXIF whose entries all name the same megabytes, a picture
that is painted over thousands of times.
"""

import struct
from io import BytesIO

_MAX_READS = 100_000
"""Calls of `read` for one file: a 25 MiB PNG of small chunks takes ten thousand."""
_MAX_SEGMENTS = 4_000  # of a JPEG before its pixels; 25 MiB of EXIF are four hundred
_MAX_SCAN_PIXELS = 1_000_000_000  # pixels of all scans of a JPEG together: two to four seconds
_MAX_EXIF_ENTRIES = 1_000
_ORIENTATION_TAG = 0x0112
# Markers of a JPEG: those without a length, those that are kept, and some by name.
_LENGTHLESS_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _APP0, _APP1, _APP14 = 0xDA, 0xE0, 0xE1, 0xEE
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # they say how large it is
_KEPT_MARKERS = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD, _APP0, _APP14})


class DecodingBombError(ValueError):
    """A file asks for more work than its picture is worth."""


class ReadLimitedBytes(BytesIO):
    """Bytes that may be read from only so often: parsers in Python go through notes one by one."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        Raises:
            HarmfulError: it has been asked too often.
        """
        self._left -= 1
        if self._left < 0:
            raise DecodingBombError("the file has too many parts")
        return super().read(size)


def strip_jpeg_metadata(data: bytes) -> tuple[bytes, bytes]:
    """Return a JPEG without its notes, and the first part of its EXIF, which may be empty.

    Kept is what tells how to decode it, and the notes of JFIF and Adobe on its colours.

    Args:
        data: a file that begins like a JPEG.

    Raises:
        HarmfulError: it has thousands of notes, or paints its picture over and over.
    """
    kept, exif, place = [data[:2]], b"", 2
    for _ in range(_MAX_SEGMENTS):
        place = data.find(b"\xff", place)
        if place < 0 or place + 4 > len(data):
            return b"".join(kept), exif
        marker = data[place + 1]
        if marker in {0xFF, 0x00} or marker in _LENGTHLESS_MARKERS:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == _SCAN:
            _check_scans(data, place, kept)
            return b"".join((*kept, data[place:])), exif
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        if marker in _KEPT_MARKERS:
            kept.append(data[place:end])
        elif marker == _APP1 and not exif and data.startswith(b"Exif\0\0", place + 4):
            exif = data[place + 10 : end]
        place = max(end, place + 2)
    raise DecodingBombError("the picture has too many notes")


def strip_avif_exif(data: bytes) -> bytes:
    """Return an AVIF whose EXIF is not found any more; how it is turned, it says elsewhere.

    Args:
        data: a file that begins like an AVIF.
    """
    place = 0
    for _ in range(_MAX_EXIF_ENTRIES):
        size, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        if kind == b"meta":
            end = place + size if size > 1 else len(data)
            return data[:place] + data[place:end].replace(b"Exif", b"none") + data[end:]
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16])
        if size < 8:
            break
        place += size
    return data


def read_exif_orientation(exif: bytes) -> int:
    """Return the orientation that EXIF tells, 1 to 8; 1 when it tells none.

    Args:
        exif: TIFF's structure, with or without "Exif" before it.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (place,) = struct.unpack_from(f"{order}L", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, place)
        for number in range(min(count, _MAX_EXIF_ENTRIES)):
            tag, kind, _, value, _ = struct.unpack_from(
                f"{order}HHLHH", exif, place + 2 + 12 * number
            )
            if tag == _ORIENTATION_TAG:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _check_scans(data: bytes, place: int, kept: list[bytes]) -> None:
    """Refuse a picture that is painted over more often than any encoder does."""
    sizes = [
        part[5:9] for part in kept if part[1:2] and part[1] in _FRAME_MARKERS and len(part) >= 9
    ]
    height, width = struct.unpack(">HH", sizes[0]) if sizes else (0, 0)
    # Within pixels, 0xFF is always followed by 0x00: this counts scans and nothing else.
    if data.count(b"\xff\xda", place) * width * height > _MAX_SCAN_PIXELS:
        raise DecodingBombError("the picture is painted over too often")
