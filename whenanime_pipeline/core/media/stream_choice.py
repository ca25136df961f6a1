"""Chooses the stream of pictures that a player shows, among several."""

from contextlib import suppress
from os import PathLike

from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from whenanime_pipeline.core.media.video import MPEG_STREAMS, list_moving_streams, open_container

_STILL_CODECS = frozenset({"png", "bmp", "tiff", "webp", "jpegls", "jpeg2000", "ppm"})
"""Codecs of pictures, whose streams are covers and cards next to a film."""
_LOOKED_AT = 600
"""Packets read to see which streams move."""


def choose_moving_stream(container: InputContainer, path: str | PathLike[str]) -> int | None:
    """Return the index of the stream to show; None where there is none.

    A stream of one picture, as a cover or a card before the film, is left for a moving one; among
    the programs of a transport stream, the one with the largest pictures is shown.

    Args:
        container: Open file.
        path: Its path, to read its first packets where several streams have to be distinguished.
    """
    streams = list_moving_streams(container)
    if len(streams) < 2:
        return streams[0].index if streams else None
    counts = _count_packets(path)
    by_area = container.format.name in MPEG_STREAMS

    def rank(stream: VideoStream) -> tuple[bool, int, bool, int]:
        context = stream.codec_context
        is_still = context is None or context.name in _STILL_CODECS or counts[stream.index] < 2
        area = stream.width * stream.height if by_area else 0
        return not is_still, area, bool(stream.disposition & Disposition.default), -stream.index

    return max(streams, key=rank).index


def _count_packets(path: str | PathLike[str]) -> dict[int, int]:
    """Return how many of the first packets belong to each stream of pictures."""
    with open_container(path, path) as container:
        counts = {stream.index: 0 for stream in container.streams}
        videos = list_moving_streams(container)
        with suppress(FFmpegError, OSError):
            for number, packet in enumerate(container.demux(*videos)):
                counts[packet.stream_index] += packet.size > 0
                if number >= _LOOKED_AT:
                    break
        return counts
