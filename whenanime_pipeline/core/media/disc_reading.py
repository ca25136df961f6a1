"""Turns a title of a disc into parts on the player's clock."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from struct import unpack_from

from whenanime_pipeline.core.discs.disc_folder import CataloguedTitle, DiscFile
from whenanime_pipeline.core.discs.ifo import SECTOR
from whenanime_pipeline.core.discs.mpls import CLOCK
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_reading import FileReading, Part
from whenanime_pipeline.core.media.joined_files import JoinedFiles
from whenanime_pipeline.core.media.stream_clock import ClockPosition
from whenanime_pipeline.core.messages import Message

_PROGRAM_CLOCK = 90_000
"""Units of a program stream's times in a second."""
_NAVIGATION_PACKET = 0x26
"""Byte of a group's first sector at which the packet with its times begins."""
_NAVIGATION_CODE = b"\0\0\1\xbf"
_TIMES = 0x39
"""Byte at which the times of the group's first and after its last picture stand."""
_JOINED = 0.5
"""Seconds between the times of two neighbouring cells that run on."""

ProbePackets = Callable[[FileReading], FileReading]
"""Completes a reading by what the packets of the stream tell."""


def is_program_stream(title: CataloguedTitle) -> bool:
    """Whether a title is a DVD's."""
    return bool(title.title.pieces[0].last_unit)


def read_clips(video: Path, title: CataloguedTitle, reading: FileReading) -> FileReading:
    """Return the reading of a Blu-ray disc's title, whose playlist has the times of its clips.

    Args:
        video: File that stands for the title.
        title: The title.
        reading: What the file's header tells.
    """
    parts: list[Part] = []
    now, last_end = 0.0, None
    for piece in title.title.pieces:
        file = title.files[piece.source][0]
        is_own = file.name == video.name
        name, state = ("", "") if is_own else (file.name, file.state)
        if parts and parts[-1].file == name and last_end == piece.begin:
            parts[-1] = replace(parts[-1], length=parts[-1].length + piece.seconds)
        else:
            parts.append(Part(now, piece.seconds, name, piece.begin / CLOCK, state))
        now, last_end = now + piece.seconds, piece.end
    return replace(reading, parts=tuple(parts))


def read_title_sets(
    video: Path, title: CataloguedTitle, reading: FileReading, probe_packets: ProbePackets
) -> FileReading:
    """Return the reading of a DVD's title, whose cells are stretches of one stream.

    The stream is played from its beginning to its end where it has no navigation packets.

    Args:
        video: File that stands for the title.
        title: The title.
        reading: What the file's header tells.
        probe_packets: Continues the clock of the stream.

    Raises:
        MediaError: The stream cannot be opened.
    """
    files = [file for held in title.files.values() for file in held]
    whole = probe_packets(replace(reading, files=tuple(file.name for file in files)))
    try:
        parts = _list_cells(video.parent, title, files, whole)
    except OSError as error:
        raise MediaError(video, Message(error.strerror or str(error))) from error
    is_whole = _plays_all(title, files) and len(parts) == 1
    return whole if is_whole or not parts else replace(whole, parts=tuple(parts), end=None)


def _plays_all(title: CataloguedTitle, files: Sequence[DiscFile]) -> bool:
    pieces = title.title.pieces
    has_one = len(title.files) == 1 and pieces[0].begin == 0
    return has_one and pieces[-1].end == files[-1].end


def _list_cells(
    folder: Path, title: CataloguedTitle, files: Sequence[DiscFile], reading: FileReading
) -> list[Part]:
    """Return the parts of a title's cells, those that run on as one; none without times."""
    first_sectors = _find_first_sectors(title)
    clock = ClockPosition(reading.marks) if reading.marks else None
    parts: list[Part] = []
    now, last = 0.0, None
    with JoinedFiles([folder / file.name for file in files]) as stream:
        for piece in title.title.pieces:
            base = first_sectors[piece.source]
            begins = _read_times(stream, base + piece.begin)
            ends = _read_times(stream, base + piece.last_unit)
            if begins is None or ends is None:
                return []
            # A cell has one clock, which its first sector, without pictures, does not have yet.
            shift = clock.shift_at((base + piece.end) * SECTOR - 1) if clock else 0
            start = (begins[0] + shift) / _PROGRAM_CLOCK
            length = (ends[1] + shift) / _PROGRAM_CLOCK - start
            runs_on = last == base + piece.begin and parts and length > 0
            if runs_on and abs(parts[-1].file_start + parts[-1].length - start) < _JOINED:
                length = start + length - parts[-1].file_start
                parts[-1] = replace(parts[-1], length=length)
            elif length > 0:
                parts.append(Part(now, length, "", start))
            now = parts[-1].start + parts[-1].length if parts else 0.0
            last = base + piece.end
    return parts


def _find_first_sectors(title: CataloguedTitle) -> dict[str, int]:
    """Return the sector of the joined stream at which each title set begins."""
    found, sectors = {}, 0
    for source, held in title.files.items():
        found[source] = sectors
        sectors += held[-1].end
    return found


def _read_times(stream: JoinedFiles, sector: int) -> tuple[int, int] | None:
    """Return the times at which a group of pictures begins and ends; None without any."""
    stream.seek(sector * SECTOR)
    data = b""
    while len(data) < SECTOR and (more := stream.read(SECTOR - len(data))):
        data += more
    here = data[_NAVIGATION_PACKET : _NAVIGATION_PACKET + len(_NAVIGATION_CODE)]
    if len(data) < SECTOR or here != _NAVIGATION_CODE:
        return None
    begin, end = unpack_from(">II", data, _TIMES)
    return (begin, end) if begin < end else None
