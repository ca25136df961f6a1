"""Writes the folders of discs around streams: playlists, clip information, title sets.

Blu-ray discs are complete enough for libbluray, and so for mpv's `bd://`. The layouts are those at
https://en.wikibooks.org/wiki/User:Bdinfo/mpls and http://dvd.sourceforge.net/dvdinfo/ifo.html.
"""

from collections.abc import Sequence
from pathlib import Path
from struct import pack, pack_into, unpack_from

import av

SECTOR = 2048
_CLOCK = 45_000
_SOURCE_PACKET = 192
_VIDEO_PID, _PMT_PID, _PCR_PID = 0x1011, 0x100, 0x1001
_H264 = 0x1B
_NAVIGATION_PACKET, _TIMES = 0x26, 0x39
_NAVIGATION_CODE = b"\0\0\1\xbf"


def write_playlist(path: Path, items: Sequence[tuple[str, float, float]]) -> Path:
    """Write a Blu-ray disc's playlist.

    Args:
        path: File to write; its folder is made.
        items: Clip, and seconds of its clock from and to which it is played.
    """
    entries = b""
    for clip, begin, end in items:
        times = pack(">II", round(begin * _CLOCK), round(end * _CLOCK))
        fields = clip.encode() + b"M2TS" + pack(">HB", 1, 0) + times + bytes(8 + 1 + 1 + 2)
        streams = pack(">HHBBBBBBB5x", 14, 0, 0, 0, 0, 0, 0, 0, 0)
        item = fields + streams
        entries += pack(">H", len(item)) + item
    content = pack(">HHH", 0, len(items), 0) + entries
    app = pack(">I", 14) + bytes([0, 1]) + bytes(12)
    start = 40 + len(app)
    marks_at = start + 4 + len(content)
    head = b"MPLS0200" + pack(">III", start, marks_at, 0) + bytes(20)
    marks = pack(">IH", 2, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + app + pack(">I", len(content)) + content + marks)
    return path


def write_clip_info(clip: Path) -> Path:
    """Write the clip information of `BDMV/STREAM/NAME.m2ts`, in `BDMV/CLIPINF`.

    Args:
        clip: Clip of one stream of pictures.
    """
    with av.open(clip) as container:
        stream = container.streams.video[0]
        packets = [one for one in container.demux(stream) if one.pts is not None]
        pid = stream.id
    keys = [
        (int(one.pts or 0) // 2, (one.pos or 0) // _SOURCE_PACKET)
        for one in packets
        if one.is_keyframe
    ]
    times = [int(one.pts or 0) // 2 for one in packets]
    count = clip.stat().st_size // _SOURCE_PACKET
    info = pack(">HBBIII", 0, 1, 1, 0, 6_000_000, count) + bytes(128) + pack(">H", 30) + bytes(30)
    sequence = pack(">BBIBBHIII", 0, 1, 0, 1, 0, pid, 0, min(times), max(times) + 2 * _CLOCK // 24)
    attributes = pack(">BBBB", 5, _H264, 0x61, 0x30) + bytes(2)
    program = pack(">BBIHBB", 0, 1, 0, _PMT_PID, 1, 0) + pack(">H", pid) + attributes
    points = _pack_entry_points(pid, keys)
    sections = [pack(">I", len(one)) + one for one in (info, sequence, program, points, bytes(2))]
    starts, position = [], 40
    for section in sections:
        starts.append(position)
        position += len(section)
    head = b"HDMV0200" + pack(">IIIII", *starts[1:], 0) + bytes(12)
    path = clip.parent.parent / "CLIPINF" / f"{clip.stem}.clpi"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"".join(sections))
    return path


def _pack_entry_points(pid: int, keys: Sequence[tuple[int, int]]) -> bytes:
    """Return the map from times to source packets, with a coarse entry for each fine one."""
    coarse, fine = b"", b""
    for number, (time, packet) in enumerate(keys):
        coarse += pack(">II", number << 14 | time >> 18 & 0x3FFF, packet)
        fine += pack(">I", (time >> 8 & 0x7FF) << 17 | packet & 0x1FFFF)
    head_size = 2 + 12
    table = pack(">I", 4 + len(coarse)) + coarse + fine
    kinds = (1 << 34 | len(keys) << 18 | len(keys)).to_bytes(6, "big")
    streams = pack(">BB", 0, 1) + pack(">H", pid) + kinds + pack(">I", head_size)
    return pack(">H", 1) + streams + table


def write_title_set(path: Path, titles: Sequence[Sequence[tuple[int, int, int, float]]]) -> Path:
    """Write a DVD's `VTS_nn_0.IFO`.

    Args:
        path: File to write; its folder is made.
        titles: Cells of each title: first sector, sector of the last group of pictures, last
            sector, seconds.
    """
    head = bytearray(SECTOR)
    head[:12] = b"DVDVIDEO-VTS"
    pack_into(">I", head, 0xCC, 1)
    chains, entries = b"", b""
    for number, cells in enumerate(titles, 1):
        chain = bytearray(0xEC)
        pack_into(">BB", chain, 2, 1, len(cells))
        pack_into(">H", chain, 0xE8, len(chain))
        for first, last_group, last, seconds in cells:
            chain += pack(">B3x4sIIII", 0, _pack_time(seconds), first, 0, last_group, last)
        entries += pack(">BBHI", 0x80 | number, 0, 0, 8 + 8 * len(titles) + len(chains))
        chains += bytes(chain)
    size = 8 + len(entries) + len(chains)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + pack(">HHI", len(titles), 0, size - 1) + entries + chains)
    return path


def fill_navigation(data: bytes) -> tuple[bytes, list[int]]:
    """Write the times of its pictures into the empty navigation packets of a VOB.

    Args:
        data: VOB of sectors, as FFmpeg's format `dvd` writes it.

    Returns:
        The VOB, and the sectors at which its groups of pictures begin.
    """
    filled = bytearray(data)
    starts = [
        sector
        for sector in range(len(data) // SECTOR)
        if data[sector * SECTOR + _NAVIGATION_PACKET :][:4] == _NAVIGATION_CODE
    ]
    for number, sector in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(data) // SECTOR
        times = _read_picture_times(data[sector * SECTOR : end * SECTOR])
        step = 90_000 // 25
        pack_into(">II", filled, sector * SECTOR + _TIMES, min(times), max(times) + step)
    return bytes(filled), starts


def _read_picture_times(data: bytes) -> list[int]:
    """Return the times of the packets of pictures in a stretch of sectors."""
    times = []
    for start in range(0, len(data), SECTOR):
        sector = data[start : start + SECTOR]
        found = sector.find(b"\0\0\1\xe0", 14)
        if found >= 0 and sector[found + 7] & 0x80:
            high, middle, low = unpack_from(">BHH", sector, found + 9)
            times.append((high >> 1 & 7) << 30 | (middle >> 1) << 15 | low >> 1)
    return times


def _pack_time(seconds: float) -> bytes:
    whole = int(seconds)
    digits = (whole // 3600, whole // 60 % 60, whole % 60, round((seconds - whole) * 25))
    coded = bytearray(number // 10 << 4 | number % 10 for number in digits)
    coded[3] |= 0x40
    return bytes(coded)
