"""Finds the colour space that a picture file names, without the file's decoder."""

import struct

from whenanime_pipeline.core.media.colour_spaces import (
    ColourSpace,
    read_icc_profile,
    space_of_code_points,
)

_ICC_MARKER = b"ICC_PROFILE\0"
_MAX_SEGMENTS = 4_000
_MAX_PROFILE = 1 << 20
"""Bytes of the largest profile that is read; those of screens have a few hundred."""
_MAX_CHUNKS = 1_000
_BOX_SEARCH = 1 << 16
"""Bytes at the beginning of an AVIF or HEIC file in which its colour is named."""
_START_OF_SCAN = 0xDA


def find_colour_space(kind: str, data: bytes, profile: object) -> ColourSpace | None:
    """Return the colour space of a picture file; None for sRGB or an unknown one.

    A PNG's code points come before its profile, and an AVIF's after, as in viewers.

    Args:
        kind: Pillow's name of the format.
        data: content of the file, untrusted, with its metadata.
        profile: ICC profile that the decoder found, if it is one.
    """
    if kind == "JPEG":
        profile = _read_jpeg_profile(data)
    points = _find_code_points(kind, data)
    if isinstance(profile, bytes) and profile and not (kind == "PNG" and points):
        return read_icc_profile(profile) if len(profile) <= _MAX_PROFILE else None
    return space_of_code_points(*points) if points else None


def _find_code_points(kind: str, data: bytes) -> tuple[int, int] | None:
    """Return the primaries and the transfer function that a file names by code points."""
    if kind in ("AVIF", "HEIF"):
        place = data.find(b"colrnclx", 0, _BOX_SEARCH)
        if place < 0 or place + 12 > len(data):
            return None
        primaries, transfer = struct.unpack_from(">HH", data, place + 8)
        return primaries, transfer
    if kind == "PNG":
        position = 8
        for _ in range(_MAX_CHUNKS):
            name = data[position + 4 : position + 8]
            if name == b"cICP" and position + 10 <= len(data):
                return data[position + 8], data[position + 9]
            if name in (b"IDAT", b""):
                break
            position += 12 + int.from_bytes(data[position : position + 4])
    return None


def _read_jpeg_profile(data: bytes) -> bytes:
    """Return the ICC profile of a JPEG, which may be spread over segments; empty without one."""
    parts: dict[int, bytes] = {}
    position = 2
    for _ in range(_MAX_SEGMENTS):
        if data[position : position + 1] != b"\xff" or position + 4 > len(data):
            break
        marker = data[position + 1]
        if marker == _START_OF_SCAN:
            break
        if marker == 0xFF:
            position += 1
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == 0xE2 and data.startswith(_ICC_MARKER, position + 4) and position + 18 <= end:
            parts[data[position + 16]] = data[position + 18 : end]
        position = end
    return b"".join(parts[number] for number in sorted(parts))
