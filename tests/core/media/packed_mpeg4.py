"""Writes MPEG-4 with packed B-pictures, as Xvid and DivX made it, into Matroska and OGM."""

from fractions import Fraction
from pathlib import Path
from struct import pack

import av
from matroska_files import element, number
from numbered_video import write_video

RATE = 24
_PICTURE = b"\0\0\1\xb6"
_PACKED = b"\0\0\1\xb2DivX503b1393p"
"""User data by which decoders know that pictures are packed."""
_EMPTY = _PICTURE + b"\x50\x4f"
"""A picture that repeats the one before it, for 24 units a second."""
_SIZE = (160, 96)
_INTRA, _BIDIRECTIONAL = 0, 2


def encode_packets(folder: Path, frames: int, *, packed: bool) -> list[bytes]:
    """Return the packets of a numbered film, one every frame, in the order of decoding.

    With packed pictures a picture and the B-picture shown before it are one packet, and an empty
    picture follows the B-pictures.
    """
    path = write_video(
        folder / "encoded.avi",
        frames=frames,
        rate=Fraction(RATE),
        size=_SIZE,
        codec="mpeg4",
        options={"g": "24", "bf": "2", "b": "2M", "b_strategy": "0"},
        container_format="avi",
    )
    with av.open(path) as container:
        stream = container.streams.video[0]
        header = bytes(stream.codec_context.extradata or b"")
        found = [bytes(one) for one in container.demux(stream) if one.size]
    assert header or found[0].find(_PICTURE) > 0
    if header and found[0].startswith(_PICTURE):
        found[0] = header + found[0]
    return _pack(found) if packed else found


def _pack(pictures: list[bytes]) -> list[bytes]:
    groups: list[list[bytes]] = []
    for data in pictures:
        at = data.index(_PICTURE)
        kind = data[at + 4] >> 6
        if kind == _INTRA:
            groups.append([data[:at] + _PACKED + data[at:]])
        elif kind == _BIDIRECTIONAL:
            groups[-1].append(data)
        else:
            groups.append([data])
    packets = []
    for reference, *between in groups:
        packets += [reference + between[0], *between[1:], _EMPTY] if between else [reference]
    return packets


def write_matroska(path: Path, packets: list[bytes]) -> Path:
    """Write packets with the times of an AVI, as mkvmerge takes them over from one."""
    width, height = _SIZE
    about = pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"XVID", 0, 0, 0, 0, 0)
    shape = element("E0", number("B0", width) + number("BA", height))
    track = (
        number("D7", 1)
        + number("73C5", 1)
        + number("83", 1)
        + element("86", b"V_MS/VFW/FOURCC")
        + number("23E383", round(1e9 / RATE))
        + element("63A2", about)
        + shape
    )
    blocks = b""
    for place, data in enumerate(packets):
        flags = b"\x80" if _is_intra(data) else b"\0"
        time = pack(">h", round(place * 1000 / RATE))
        blocks += element("A3", b"\x81" + time + flags + data)
    header = element("4282", b"matroska") + number("4287", 2) + number("4285", 2)
    info = number("2AD7B1", 1_000_000)
    segment = element("1549A966", info) + element("1654AE6B", element("AE", track))
    segment += element("1F43B675", number("E7", 0) + blocks)
    path.write_bytes(element("1A45DFA3", header) + element("18538067", segment))
    return path


def write_ogm(path: Path, packets: list[bytes]) -> Path:
    """Write packets as OGM: a header of its own, and flags before each packet."""
    width, height = _SIZE
    times = (56, 10_000_000 // RATE, 1, 1, 0, 24, 0)
    about = b"\1video\0\0\0XVID" + pack("<IQQIIHHIII", *times, width, height, 0)
    comment = b"\3vorbis" + pack("<II", 0, 0) + b"\1"
    pages = [_page(about, 0, 0, 2), _page(comment, 0, 1, 0)]
    for place, data in enumerate(packets):
        flags = bytes([8 * _is_intra(data)])
        is_last = place == len(packets) - 1
        pages.append(_page(flags + data, place, len(pages), 4 * is_last))
    path.write_bytes(b"".join(pages))
    return path


def _is_intra(data: bytes) -> bool:
    return data[data.index(_PICTURE) + 4] >> 6 == _INTRA


def _page(packet: bytes, time: int, place: int, flags: int) -> bytes:
    """Return a page of Ogg with one packet of less than 64 kB."""
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    assert len(lacing) < 256
    head = pack("<4sBBQIIIB", b"OggS", 0, flags, time, 7, place, 0, len(lacing)) + lacing
    checksum = 0
    for byte in head + packet:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum & 0x80000000 else 0)
    return head[:22] + pack("<I", checksum & 0xFFFFFFFF) + head[26:] + packet
