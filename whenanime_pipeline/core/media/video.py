"""Opens video files with FFmpeg and converts between their timestamps and seconds.

All video and sound files are opened here.
"""

import errno
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from os import PathLike
from pathlib import Path, PurePath
from typing import BinaryIO, Self, TypeAlias, cast

import av
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage, SystemMessage
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.joined_files import JoinedFiles
from whenanime_pipeline.core.media.stream_clock import ClockPacket, ClockPosition, restamp
from whenanime_pipeline.core.messages import Message

# Containers that hold pictures themselves. With playlists (HLS, DASH, concat), a text file named
# .mp4 could make FFmpeg open other files or addresses.
_FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,ogg,asf,rm,nut,mxf"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
MPEG_STREAMS = frozenset({"mpegts", "mpeg"})
"""FFmpeg's names of the formats without index or header."""
OWN_CLOCK = {"correct_ts_overflow": "0"}
"""Options that leave the timestamps of MPEG streams as they are in the file."""
_SYSTEM_MESSAGES = {
    errno.ENOENT: SystemMessage.FILE_NOT_FOUND,
    errno.EACCES: SystemMessage.PERMISSION_DENIED,
    errno.EIO: SystemMessage.INPUT_OUTPUT,
}

Source: TypeAlias = str | PathLike[str] | BinaryIO


class Video:
    """A video file opened for reading; a context manager.

    Args:
        source: Path of the video, or a seekable binary stream.
        threads: Decoding threads; 0 for one per core.
        reading: How the file is read where its header tells it wrong; parts are for `playback`.
        options: FFmpeg options of the demuxer and of the decoders that it probes pictures with.
        timeout: Seconds allowed for opening and for each read; None for no limit.

    Attributes:
        name: Name in messages: the path, or "upload" for a stream.
        container: Demuxer of FFmpeg.
        stream: Stream of moving pictures, never cover art.
        time_base: Length of one unit of the stream's timestamps in seconds.

    Raises:
        MediaError: Missing, empty, unreadable, not a video, or without pictures.
    """

    def __init__(
        self,
        source: Source,
        *,
        threads: int = 0,
        reading: FileReading = PLAIN,
        options: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        self.name = source_name(source)
        self._reading = reading
        self._clock = ClockPosition(reading.marks) if reading.marks else None
        if self._clock is not None:
            options = {**(options or {}), **OWN_CLOCK}
        self.container = open_container(
            source, self.name, options=options, timeout=timeout, files=reading.files
        )
        try:
            self.stream = _select_video_stream(self.container, self.name, reading.stream)
        except MediaError:
            self.container.close()
            raise
        self.stream.thread_type = "AUTO"
        self.stream.thread_count = threads
        self.time_base = self.stream.time_base or Fraction(1, 90_000)
        self.has_varying_shape = reading.varying_shape
        self._byte = 0
        self._offset = Fraction(self.container.start_time or 0, av.time_base)
        self._offset = self._find_offset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _find_offset(self) -> Fraction:
        """Return the time of the player's second 0 on the stream's clock, in seconds."""
        if self._reading.from_zero:
            return Fraction(0)
        if self._clock is not None:
            return Fraction(self._reading.offset)
        # The container's own start is rounded to microseconds.
        exact = self.first_timestamp * self.time_base
        return exact if abs(exact - self._offset) <= Fraction(1, av.time_base) else self._offset

    def show_from(self, start: Fraction, file_start: Fraction) -> None:
        """Show the file's own second `file_start` at the player's second `start`."""
        self._offset = file_start - start

    def close(self) -> None:
        """Close the file; frames already decoded stay usable."""
        self.container.close()

    def continue_clock(self, packet: ClockPacket) -> None:
        """Correct a packet's times: where the file's clock starts again, and in OGM.

        FFmpeg takes the times of OGM for those of presentation.
        """
        if self._clock is not None:
            if packet.pos is not None and packet.pos >= 0:
                self._byte = packet.pos
            restamp(packet, self._clock.shift_at(self._byte))
        if self._reading.decoding_times and packet.pts is not None:
            packet.dts = packet.pts if self.container.format.name == "ogg" else packet.dts

    def seek(self, timestamp: int) -> None:
        """Go to a packet from which a time can be decoded, or to a later one.

        Raises:
            FFmpegError: The container cannot seek.
        """
        if self._clock is None:
            self.container.seek(timestamp, stream=self.stream)
        else:
            self._byte = self._clock.byte_before(timestamp)
            self.container.seek(self._byte, unsupported_byte_offset=True)

    def rewind(self) -> None:
        """Go back to the first packet.

        MPEG streams have no index: seeking by time lands after their first key frame.
        """
        self._byte = 0
        if self.is_mpeg_stream:
            self.container.seek(0, unsupported_byte_offset=True)
        else:
            self.container.seek(self.first_timestamp, stream=self.stream)

    @property
    def lacks_presentation_times(self) -> bool:
        """Whether packets carry no reliable presentation times, as in AVI."""
        return self.container.format.name == "avi" or self._reading.decoding_times

    @property
    def has_mpeg4_times(self) -> bool:
        """Whether a picture's time follows from the packet after which the decoder returns it."""
        return self.lacks_presentation_times and self.stream.codec_context.name == "mpeg4"

    @property
    def is_mpeg_stream(self) -> bool:
        """Whether the file is a transport or program stream, without index or header."""
        return self.container.format.name in MPEG_STREAMS

    @property
    def first_timestamp(self) -> int:
        """Timestamp of the first picture."""
        if self._reading.marks:
            return self._reading.marks[0].timestamp
        start = self.stream.start_time
        return self.to_timestamp(0) if start is None else start

    @property
    def frame_duration(self) -> Fraction:
        """Duration of one frame at the average rate, in seconds."""
        rate = self.stream.average_rate or self.stream.guessed_rate
        return 1 / rate if rate else Fraction(1, 24)

    @property
    def declared_end(self) -> Fraction | None:
        """Declared end of the pictures, in seconds from the container's start.

        The duration of the stream takes precedence over that of the container, which longer sound
        may extend. None for a file that declares none (a raw stream, an unfinished recording).
        """
        if self._reading.end is not None:
            return Fraction(self._reading.end)
        if self.stream.duration:
            return (self.first_timestamp + self.stream.duration) * self.time_base - self._offset
        tag = _parse_duration_tag(self.stream.metadata.get("DURATION", ""))
        if tag is not None:
            return tag - self._offset
        whole = self.container.duration
        return Fraction(whole, av.time_base) if whole else None

    @property
    def latest_end(self) -> Fraction | None:
        """The later of the ends that the stream and the container declare."""
        whole = self.container.duration
        ends = [self.declared_end, Fraction(whole, av.time_base) if whole else None]
        return max((end for end in ends if end is not None), default=None)

    def to_timestamp(self, seconds: float | Fraction) -> int:
        """Return the first timestamp at or after a second, counted from the container's start."""
        return ceil((Fraction(seconds) + self._offset) / self.time_base)

    def to_exact_timestamp(self, seconds: Fraction) -> Fraction:
        """Return a second of the player's clock in units of the stream's timestamps."""
        return (seconds + self._offset) / self.time_base

    def to_exact_seconds(self, timestamp: int) -> Fraction:
        """Return a timestamp in seconds of the player's clock."""
        return timestamp * self.time_base - self._offset

    def to_seconds(self, timestamp: int | Fraction) -> float:
        """Return a timestamp in seconds from the container's start, as players show it."""
        return float(timestamp * self.time_base - self._offset)


def source_name(source: Source) -> str | PathLike[str]:
    """Return the name of a file in messages: its path, or "upload" for a stream."""
    return source if isinstance(source, str | PathLike) else "upload"


def open_container(
    source: Source,
    name: str | PathLike[str],
    *,
    options: Mapping[str, str] | None = None,
    timeout: float | None = None,
    files: Sequence[str] = (),
) -> InputContainer:
    """Open a file (or a seekable binary stream) for demuxing.

    Args:
        source: Path of the file, or a stream.
        name: Name in messages.
        options: FFmpeg options of the demuxer.
        timeout: Seconds allowed for opening and for each read; None for no limit.
        files: `FileReading.files`.

    Raises:
        MediaError: It is missing, empty, unreadable or not a video container.
    """
    try:
        if files:
            source = _join_files(source, name, files)
        if isinstance(source, str | PathLike):
            path = Path(source)
            if path.stat().st_size == 0:
                raise MediaError(name, MediaMessage.EMPTY_FILE())
            # FFmpeg reads "a:b.mp4" as a protocol; after its own prefix a path is only a path.
            source = f"file:{path}"
        else:
            source.seek(0)  # the sound may have been read from it before the pictures
        chosen = {**(options or {}), **_OPTIONS}
        return av.open(source, mode="r", options=chosen, metadata_errors="replace", timeout=timeout)
    except FFmpegError as error:
        raise MediaError(name, MediaMessage.NOT_A_VIDEO(why=_describe_error(error))) from error
    except OSError as error:
        raise MediaError(name, _describe_error(error)) from error


def _join_files(source: Source, name: str | PathLike[str], files: Sequence[str]) -> BinaryIO:
    """Open the files of one stream, which lie in the folder of a path."""
    for file in files:
        if not isinstance(source, str | PathLike) or PurePath(file).name != file:
            raise MediaError(name, MediaMessage.LINKED_FILE(file=file))
    folder = Path(str(source)).parent
    return cast(BinaryIO, JoinedFiles([folder / file for file in files]))


def _describe_error(error: FFmpegError | OSError) -> Message:
    """Return the system's or FFmpeg's reason, with a code where it is a frequent one."""
    if isinstance(error, InvalidDataError):
        return SystemMessage.INVALID_DATA()
    if isinstance(error, EOFError):
        return SystemMessage.END_OF_FILE()
    known = _SYSTEM_MESSAGES.get(error.errno or 0)
    return known() if known else Message(error.strerror or str(error))


def list_moving_streams(container: InputContainer) -> list[VideoStream]:
    """Return the streams of pictures that are not marked as cover art."""
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


def _select_video_stream(
    container: InputContainer, name: str | PathLike[str], index: int | None
) -> VideoStream:
    moving = list_moving_streams(container)
    if not moving:
        has_cover = bool(container.streams.video)
        reason = MediaMessage.ONLY_COVER_ART if has_cover else MediaMessage.NO_VIDEO_STREAM
        raise MediaError(name, reason())
    stream = max(
        moving,
        key=lambda s: (s.index == index, bool(s.disposition & Disposition.default), -s.index),
    )
    if stream.codec_context is None:
        raise MediaError(name, MediaMessage.NO_DECODER())
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    return stream


def _parse_duration_tag(text: str) -> Fraction | None:
    """Parse a duration tag of Matroska, such as "00:23:40.085000000"."""
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", text.strip())
    if match is None:
        return None
    return 3600 * int(match[1]) + 60 * int(match[2]) + Fraction(match[3])
