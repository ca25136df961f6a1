"""Pictures and videos whose metadata and packets cost too much to decode."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numbered_video import read_number, write_video
from PIL import Image

from benchmarks.support.hostile.bombs import (
    black_png,
    gif_of_comments,
    jpeg_of_scans,
    overlapping_notes,
)
from benchmarks.support.hostile.video_bombs import encode_gray_video, video_of_packets
from whenanime_pipeline.core.media.errors import LargePictureError, PictureError
from whenanime_pipeline.core.media.picture_codec import decode_first_video_frame, decode_picture
from whenanime_pipeline.core.media.sanitize import (
    DecodingBombError,
    ReadLimitedBytes,
    read_exif_orientation,
    strip_avif_exif,
    strip_jpeg_metadata,
)

TIME_LIMIT = 2.0
"""Seconds of processor time: without bounds each of these takes ten or more, or gigabytes."""
METADATA = overlapping_notes(2 << 20)  # 60 GB when read entry by entry


@contextmanager
def limited_time() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < TIME_LIMIT


def encode(kind: str, **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", (48, 32), "teal").save(out, kind, **options)
    return out.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2) + data


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_exif_orientation_is_read(order: str, orientation: int) -> None:
    exif = Image.Exif()
    exif.endian = "<" if order == "II" else ">"
    exif[0x010F] = "a camera"
    exif[0x0112] = orientation
    data = exif.tobytes()
    assert order.encode() in data[:8]
    assert read_exif_orientation(data) == read_exif_orientation(data[6:]) == orientation


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", METADATA, b"x" * 100])
def test_exif_without_orientation_is_upright(data: bytes) -> None:
    assert read_exif_orientation(data) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_pictures_of_every_format_are_turned_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_picture(encode(kind, exif=exif.tobytes())).shape == (48, 32, 3)


def test_jpeg_metadata_is_stripped_without_changing_pixels() -> None:
    data = encode("JPEG", exif=b"Exif\0\0" + METADATA[:60_000], comment=b"hello", dpi=(72, 72))
    plain, exif = strip_jpeg_metadata(data)
    assert exif == METADATA[:60_000]
    assert len(plain) < 2_000
    assert b"hello" not in plain
    assert np.array_equal(np.asarray(Image.open(BytesIO(plain))), decode_picture(data))
    # Fill bytes and markers without a length may occur between segments.
    odd = data[:2] + b"\xff\xff" + segment(0xE5, b"note") + b"\xff\x01" + data[2:]
    assert strip_jpeg_metadata(odd)[0] == plain


@pytest.mark.parametrize("end", [2, 3, 4, 10, 100, 600])
def test_truncated_jpeg_is_refused(end: int) -> None:
    with pytest.raises(PictureError):
        decode_picture(encode("JPEG")[:end])


def test_overlapping_exif_entries_are_not_read() -> None:
    empty = b"II*\0\x08\0\0\0" + bytes(len(METADATA) - 8)
    avif = encode("AVIF", exif=empty).replace(empty, METADATA)
    assert b"Exif" in avif[:1000]
    assert b"Exif" not in strip_avif_exif(avif)[:1000]
    parts = [METADATA[at : at + 60_000] for at in range(0, len(METADATA), 60_000)]
    jpeg = encode("JPEG")
    jpeg = jpeg[:2] + b"".join(segment(0xE1, b"Exif\0\0" + part) for part in parts) + jpeg[2:]
    with limited_time():
        for data in (avif, jpeg, encode("WEBP", exif=METADATA), encode("PNG", exif=METADATA)):
            assert decode_picture(data).shape == (32, 48, 3)


def test_jpeg_with_too_many_scans_is_refused() -> None:
    assert decode_picture(jpeg_of_scans(600, 0)).shape == (600, 600, 3)
    with limited_time(), pytest.raises(PictureError):
        decode_picture(jpeg_of_scans(2_000, 2_000))


@pytest.mark.parametrize(
    "make",
    [
        lambda: gif_of_comments(4 << 20),
        lambda: black_png(8, 8, 2, extra_chunks=(bytes(4) + b"tRNs" + bytes(4)) * 200_000),
        lambda: encode("JPEG")[:2] + segment(0xFE, b"") * 1_000_000 + encode("JPEG")[2:],
    ],
)
def test_millions_of_metadata_segments_are_refused(make: Callable[[], bytes]) -> None:
    data = make()
    with limited_time(), pytest.raises(PictureError):
        decode_picture(data)


def test_reader_limits_the_number_of_reads() -> None:
    reader = ReadLimitedBytes(b"abc")
    assert (reader.read(1), reader.read()) == (b"a", b"bc")
    with pytest.raises(DecodingBombError):
        list(iter(partial(reader.read, 1), None))


def test_large_picture_is_scaled_down_by_averaging() -> None:
    square = np.zeros((900, 900, 3), np.uint8)
    square[:, ::2] = 200
    out = BytesIO()
    Image.fromarray(square).convert("RGBA").save(out, "PNG")
    small = decode_picture(out.getvalue(), long_side=100)
    assert small.shape == (100, 100, 3)
    assert np.all(np.abs(small.astype(int) - 100) <= 20)
    with pytest.raises(LargePictureError, match="900×900"):
        decode_picture(out.getvalue(), max_pixels=800_000)


def test_packets_without_pictures_are_abandoned_early() -> None:
    data = video_of_packets("avi", 60_000)
    with limited_time(), pytest.raises(PictureError, match="no picture could be decoded"):
        decode_first_video_frame(data)


def test_large_video_is_refused_before_decoding() -> None:
    data = encode_gray_video("mp4", "libx264", 640, 360, 3)
    assert decode_first_video_frame(data).shape == (360, 640, 3)
    with limited_time(), pytest.raises(PictureError, match="640×360"):
        decode_first_video_frame(data, max_pixels=200_000)


def test_clip_cut_between_key_frames_yields_its_first_displayed_frame(tmp_path: Path) -> None:
    """As phones cut: frames before the cut are in the file but not displayed."""
    before, cut = 10, BytesIO()
    whole = write_video(tmp_path / "whole.mp4", frames=40, options={"g": "40", "bf": "0"})
    with av.open(whole) as source, av.open(cut, "w", format="mp4") as clip:
        original = source.streams.video[0]
        stream = clip.add_stream_from_template(original)
        for packet in source.demux(original):
            if packet.dts is None or packet.pts is None or not packet.duration:
                continue
            packet.pts -= before * packet.duration
            packet.dts -= before * packet.duration
            packet.stream = stream
            clip.mux(packet)
    assert read_number(decode_first_video_frame(cut.getvalue())) == before
