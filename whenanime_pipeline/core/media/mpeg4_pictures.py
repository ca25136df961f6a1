"""Reads the kinds of MPEG-4 pictures in packets, which say how packets and pictures correspond.

AVI and what came of it (Xvid in Matroska, OGM) store the time at which a packet is decoded, not
that at which its picture is shown, and may pack several pictures into one packet.
"""

from collections.abc import Iterable

_START_CODE = b"\0\0\1\xb6"
"""Begins a picture (VOP); the upper two bits of the following byte are its kind."""
_INTRA, _BIDIRECTIONAL = 0, 2
_LONGEST_EMPTY = 20
"""Bytes of a packet that repeats the picture before it; a whole picture has more."""


def list_picture_kinds(data: bytes) -> list[int]:
    """Return the kinds of a packet's pictures: 0 for I, 1 for P, 2 for B, 3 for S."""
    kinds, position = [], data.find(_START_CODE)
    while position >= 0 and position + len(_START_CODE) < len(data):
        kinds.append(data[position + len(_START_CODE)] >> 6)
        position = data.find(_START_CODE, position + len(_START_CODE))
    return kinds


def begins_with_intra(data: bytes) -> bool:
    """Whether decoding can begin at a packet; indexes mark empty ones as key frames, too."""
    return len(data) > _LONGEST_EMPTY and list_picture_kinds(data)[:1] == [_INTRA]


def has_reordered_pictures(packets: Iterable[bytes]) -> bool:
    """Whether some picture is shown before one that is decoded earlier."""
    return any(_BIDIRECTIONAL in list_picture_kinds(data) for data in packets)
