"""Finds how a file is read, without decoding: from its header and, where that may lie, its packets.

A file costs its header; transport and program streams, which have none, are read to their end.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import islice
from os import PathLike
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from whenanime_pipeline.core.discs.disc_folder import find_title
from whenanime_pipeline.core.media.chapters import Chapter, read_chapters
from whenanime_pipeline.core.media.disc_reading import (
    is_program_stream,
    read_clips,
    read_title_sets,
)
from whenanime_pipeline.core.media.file_reading import FileReading, Part
from whenanime_pipeline.core.media.frame_conversion import HD_HEIGHT, HD_WIDTH
from whenanime_pipeline.core.media.matroska_editions import MatroskaHead, read_matroska_head
from whenanime_pipeline.core.media.mpeg4_pictures import has_reordered_pictures
from whenanime_pipeline.core.media.ordered_chapters import (
    list_chapters,
    list_linked_segments,
    order_parts,
)
from whenanime_pipeline.core.media.sequence_headers import SequenceHeaders
from whenanime_pipeline.core.media.stream_choice import choose_moving_stream
from whenanime_pipeline.core.media.stream_clock import continue_clock
from whenanime_pipeline.core.media.tone_mapping import HDR_TRANSFERS
from whenanime_pipeline.core.media.video import OWN_CLOCK, Video

PROBE_VERSION = 2
"""Incremented whenever a file may come out otherwise."""
LinkedFiles = Callable[[set[bytes]], Mapping[bytes, tuple[str, str]]]
"""Returns name and fingerprint of the files next to a video, by the id of their segment."""
_TOLERANCE = Fraction(1, 2)
"""Seconds by which a declared end may differ from the last packet's."""
_SMALLEST_START = Fraction(1, 50)
"""Seconds of a first sample that nobody sees."""
_LONGEST_LEAD = 10
"""Seconds that sound may begin before the first picture."""
_LOOKED_AT = 100
"""Packets at the beginning among which B-pictures are, where a film has them."""
_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED


def probe_reading(path: str | PathLike[str], find_linked: LinkedFiles | None = None) -> FileReading:
    """Return how a file is read.

    Args:
        path: A video.
        find_linked: Finds the files that a Matroska file links; None to leave them out.

    Raises:
        MediaError: Not a video.
    """
    with Video(path, threads=1) as video:
        formats = video.container.format.name.split(",")
        stream = choose_moving_stream(video.container, path)
        chosen = None if stream == video.stream.index else stream
        transfer = HDR_TRANSFERS.get(int(video.stream.codec_context.color_trc or 0), "")
        reading = FileReading(
            stream=chosen, transfer=transfer, is_wide_untagged=_is_wide_untagged(video.stream)
        )
        if video.is_mpeg_stream:
            return _read_mpeg_stream(Path(path), reading)
        if "mov" in formats:
            return _read_movie(video, reading)
        reading = replace(reading, decoding_times=_has_decoding_times(video))
        end = _measure_end(video)
        if "matroska" in formats:
            return _read_matroska(path, video, reading, end, find_linked)
        return replace(reading, end=end)


def _read_movie(video: Video, reading: FileReading) -> FileReading:
    """Return the reading of an MP4, whose clock is the movie's and not that of its first sample."""
    start = Fraction(video.container.start_time or 0, av.time_base)
    if abs(start) <= _SMALLEST_START:
        return reading
    last = _last_end(video)
    end = None if last is None else float(last * video.time_base)
    return replace(reading, from_zero=True, end=end)


def _read_matroska(
    path: str | PathLike[str],
    video: Video,
    reading: FileReading,
    end: float | None,
    find_linked: LinkedFiles | None,
) -> FileReading:
    head = MatroskaHead()
    with suppress(OSError), Path(path).open("rb") as file:
        head = read_matroska_head(file)
    parts: tuple[Part, ...] = ()
    chapters: tuple[Chapter, ...] | None = None
    if head.is_ordered:
        wanted = list_linked_segments(head)
        linked = find_linked(wanted) if find_linked is not None and wanted else {}
        parts, chapters = order_parts(head, linked)
    elif head.chapters:
        last = video.declared_end if end is None else end
        listed = list_chapters(head.chapters, None if last is None else float(last))
        chapters = listed if _differ(listed, read_chapters(video)) else None
    is_plain = len(parts) == 1 and not parts[0].file and parts[0].file_start == 0
    is_whole = is_plain and _covers(parts[0].length, video, end)
    return replace(
        reading,
        parts=() if is_whole else parts,
        end=None if parts and not is_whole else end,
        chapters=chapters,
    )


def _has_decoding_times(video: Video) -> bool:
    """Whether it holds reordered MPEG-4 with the times of an AVI, and is none."""
    context, formats = video.stream.codec_context, video.container.format.name.split(",")
    is_of_avi = "ogg" in formats or ("matroska" in formats and context.codec_tag.strip("\0"))
    if context.name != "mpeg4" or not is_of_avi:
        return False
    packets = islice(_demux(video.container, video.stream), _LOOKED_AT)
    found = has_reordered_pictures(bytes(packet) for packet in packets)
    video.rewind()
    return found


def _is_wide_untagged(stream: VideoStream) -> bool:
    """Whether colours are untagged in pictures that are wide as HD and not high."""
    is_untagged = int(stream.codec_context.colorspace) == _UNSPECIFIED
    return is_untagged and stream.width >= HD_WIDTH and stream.height < HD_HEIGHT


def _covers(length: float, video: Video, end: float | None) -> bool:
    """Whether a part that begins with the file ends with it."""
    last = video.declared_end if end is None else end
    return last is not None and length >= float(last) - 0.1


def _differ(one: tuple[Chapter, ...], other: tuple[Chapter, ...]) -> bool:
    return [(round(c.start, 2), c.title) for c in one] != [
        (round(c.start, 2), c.title) for c in other
    ]


def _read_mpeg_stream(path: Path, reading: FileReading) -> FileReading:
    title = find_title(path)
    if title is None:
        return _probe_packets(path, reading)
    if is_program_stream(title):
        return read_title_sets(path, title, reading, partial(_probe_packets, path))
    return read_clips(path, title, reading)


def _probe_packets(path: str | PathLike[str], reading: FileReading) -> FileReading:
    """Return the reading of a stream whose clock and shape its packets alone tell."""
    with Video(path, threads=1, reading=reading, options=OWN_CLOCK) as video:
        headers = SequenceHeaders(video.stream.codec_context.name)
        packets = _demux(video.container, video.stream)
        clock = continue_clock(
            headers.watch(packets),
            time_base=video.time_base,
            frame_duration=video.frame_duration,
        )
        if clock is None:
            return reading
        offset = Fraction(video.container.start_time or 0, av.time_base)
        if clock.marks:
            exact = clock.marks[0].timestamp * video.time_base
            offset = offset if 0 <= exact - offset <= _LONGEST_LEAD else exact
        end = clock.end * video.time_base - offset
        declared = video.declared_end
    lies = bool(clock.marks) or declared is None or abs(end - declared) > _TOLERANCE
    return replace(
        reading,
        marks=clock.marks,
        offset=float(offset) if clock.marks else 0.0,
        end=float(end) if lies else None,
        varying_shape=headers.vary,
    )


def _measure_end(video: Video) -> float | None:
    """Return the end of the last packet where the header tells an earlier one, or two."""
    declared, latest = video.declared_end, video.latest_end
    try:
        if latest is not None:
            video.seek(video.to_timestamp(latest))
        last = _last_end(video)
        if last is None and latest is not None:
            video.rewind()
            last = _last_end(video)
    except (FFmpegError, OSError):
        return None
    if last is None:
        return None
    end = video.to_exact_seconds(last)
    is_truncated = declared is not None and end < declared - _TOLERANCE
    if declared is not None and (abs(end - declared) <= _TOLERANCE or is_truncated):
        return None
    return float(end)


def _last_end(video: Video) -> int | None:
    step = int(video.frame_duration / video.time_base)
    last = None
    for packet in _demux(video.container, video.stream):
        shown = packet.dts if packet.pts is None else packet.pts
        if shown is not None:
            last = max(last or 0, shown + (packet.duration or step))
    return last


def _demux(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream]]":
    """Yield the packets of a stream up to the end or to damage that ends the demuxing."""
    with suppress(FFmpegError, OSError):
        yield from container.demux(stream)
