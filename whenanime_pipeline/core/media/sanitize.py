"""Strips and bounds the metadata of untrusted pictures, which can cost a decoder time and memory.

The decoder checks a picture's dimensions. This module checks the rest of a file: millions of
metadata segments, EXIF entries that all point to the same megabytes, a JPEG of thousands of scans.
"""

import struct
from io import BytesIO

_MAX_READS = 100_000
"""Maximum calls of `read` per file: a 25 MiB PNG of small chunks takes ten thousand."""
_MAX_SEGMENTS = 4_000  # of a JPEG before its pixels; 25 MiB of EXIF take four hundred
_MAX_SCAN_PIXELS = 1_000_000_000  # of all scans of a JPEG together: two to four seconds
_MAX_EXIF_ENTRIES = 1_000
_ORIENTATION_TAG = 0x0112
# Markers of a JPEG: without a length, by name, with the dimensions, and not stripped.
_LENGTHLESS_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _APP0, _APP1, _APP14 = 0xDA, 0xE0, 0xE1, 0xEE
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # they hold the dimensions
_KEPT_MARKERS = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD, _APP0, _APP14})


class DecodingBombError(ValueError):
    """A file would take far more work to decode than its picture justifies."""


class ReadLimitedBytes(BytesIO):
    """A byte stream with a limited number of reads, against files with millions of parts."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        Raises:
            DecodingBombError: Too many reads.
        """
        self._left -= 1
        if self._left < 0:
            raise DecodingBombError("the file has too many parts")
        return super().read(size)


def strip_jpeg_metadata(data: bytes) -> tuple[bytes, bytes]:
    """Return a JPEG without metadata, and the first part of its EXIF, which may be empty.

    Segments needed for decoding and the colour information of JFIF and Adobe stay.

    Args:
        data: Content of a file that begins like a JPEG.

    Raises:
        DecodingBombError: Thousands of metadata segments, or too many scans.
    """
    parts, exif, position = [data[:2]], b"", 2
    for _ in range(_MAX_SEGMENTS):
        position = data.find(b"\xff", position)
        if position < 0 or position + 4 > len(data):
            return b"".join(parts), exif
        marker = data[position + 1]
        if marker in {0xFF, 0x00} or marker in _LENGTHLESS_MARKERS:
            position += 1 if marker == 0xFF else 2
            continue
        if marker == _SCAN:
            _check_scans(data, position, parts)
            return b"".join((*parts, data[position:])), exif
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker in _KEPT_MARKERS:
            parts.append(data[position:end])
        elif marker == _APP1 and not exif and data.startswith(b"Exif\0\0", position + 4):
            exif = data[position + 10 : end]
        position = max(end, position + 2)
    raise DecodingBombError("the picture has too many metadata segments")


def strip_avif_exif(data: bytes) -> bytes:
    """Return an AVIF with its EXIF hidden from parsers; its orientation is stored elsewhere.

    Args:
        data: Content of a file that begins like an AVIF.
    """
    position = 0
    for _ in range(_MAX_EXIF_ENTRIES):
        size, kind = (
            int.from_bytes(data[position : position + 4]),
            data[position + 4 : position + 8],
        )
        if kind == b"meta":
            end = position + size if size > 1 else len(data)
            return data[:position] + data[position:end].replace(b"Exif", b"none") + data[end:]
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16])
        if size < 8:
            break
        position += size
    return data


def read_exif_orientation(exif: bytes) -> int:
    """Return the orientation in EXIF, 1 to 8; 1 where it holds none.

    Args:
        exif: EXIF data in TIFF structure, with or without "Exif" before it.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (position,) = struct.unpack_from(f"{order}L", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, position)
        for number in range(min(count, _MAX_EXIF_ENTRIES)):
            tag, kind, _, value, _ = struct.unpack_from(
                f"{order}HHLHH", exif, position + 2 + 12 * number
            )
            if tag == _ORIENTATION_TAG:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _check_scans(data: bytes, position: int, segments: list[bytes]) -> None:
    """Refuse a JPEG with more scans than any encoder writes."""
    sizes = [
        segment[5:9]
        for segment in segments
        if segment[1:2] and segment[1] in _FRAME_MARKERS and len(segment) >= 9
    ]
    height, width = struct.unpack(">HH", sizes[0]) if sizes else (0, 0)
    # In entropy-coded data 0xFF is followed by 0x00, so this counts scans only.
    if data.count(b"\xff\xda", position) * width * height > _MAX_SCAN_PIXELS:
        raise DecodingBombError("the picture has too many scans")
