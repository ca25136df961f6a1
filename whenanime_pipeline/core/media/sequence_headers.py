"""Sees from packets whether the shape of a stream's pictures changes within the file."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from av.packet import Packet
from av.video.stream import VideoStream

VideoPacket: TypeAlias = "Packet[VideoStream]"
_START_CODE = b"\0\0\1"
_SEQUENCE_HEADER = b"\0\0\1\xb3"
"""Begins the header of MPEG-1 and MPEG-2: 12 bits each of width and height, 4 of the aspect."""
_SEQUENCE_BYTES = 4
_H264_SPS, _HEVC_SPS = 7, 33
_SEARCHED = 4_096
"""Bytes at the beginning of a packet within which its headers stand."""
_LONGEST_SPS = 256


class SequenceHeaders:
    """Collects the different sequence headers of a stream.

    Args:
        codec: FFmpeg's name of the decoder.
    """

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._found: set[bytes] = set()

    @property
    def vary(self) -> bool:
        """Whether headers of different shapes were met."""
        return len(self._found) > 1

    def watch(self, packets: Iterable[VideoPacket]) -> Iterator[VideoPacket]:
        """Yield packets unchanged, having looked at those of key frames."""
        for packet in packets:
            if packet.is_keyframe and packet.size:
                header = self._find_header(bytes(memoryview(packet)[:_SEARCHED]))
                if header is not None:
                    self._found.add(header)
            yield packet

    def _find_header(self, data: bytes) -> bytes | None:
        if self._codec in ("mpeg1video", "mpeg2video"):
            found = data.find(_SEQUENCE_HEADER)
            after = found + len(_SEQUENCE_HEADER)
            return None if found < 0 else data[after : after + _SEQUENCE_BYTES]
        if self._codec not in ("h264", "hevc"):
            return None
        found = data.find(_START_CODE)
        while 0 <= found < len(data) - 4:
            begin = found + len(_START_CODE)
            after = data.find(_START_CODE, begin)
            kind = data[begin] & 0x1F if self._codec == "h264" else data[begin] >> 1 & 0x3F
            if kind == (_H264_SPS if self._codec == "h264" else _HEVC_SPS):
                unit = data[begin : after if after >= 0 else begin + _LONGEST_SPS]
                return unit.rstrip(b"\0")
            found = after
        return None
