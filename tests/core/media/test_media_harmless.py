"""Pictures and videos whose notes and packets cost more than they show."""

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

SOON = 2.0
"""Seconds of processor: each of these took ten and more, or gigabytes."""
NOTES = overlapping_notes(2 << 20)  # read one by one, they are 60 GB


@contextmanager
def soon() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SOON


def saved(kind: str, **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", (48, 32), "teal").save(out, kind, **options)
    return out.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2) + data


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_the_orientation_is_read(order: str, orientation: int) -> None:
    exif = Image.Exif()
    exif.endian = "<" if order == "II" else ">"
    exif[0x010F] = "a camera"
    exif[0x0112] = orientation
    data = exif.tobytes()
    assert order.encode() in data[:8]
    assert read_exif_orientation(data) == read_exif_orientation(data[6:]) == orientation


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", NOTES, b"x" * 100])
def test_what_tells_no_orientation_is_upright(data: bytes) -> None:
    assert read_exif_orientation(data) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_format_is_turned_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_picture(saved(kind, exif=exif.tobytes())).shape == (48, 32, 3)


def test_a_jpeg_loses_its_notes_and_nothing_else() -> None:
    data = saved("JPEG", exif=b"Exif\0\0" + NOTES[:60_000], comment=b"hello", dpi=(72, 72))
    plain, exif = strip_jpeg_metadata(data)
    assert exif == NOTES[:60_000]
    assert len(plain) < 2_000
    assert b"hello" not in plain
    assert np.array_equal(np.asarray(Image.open(BytesIO(plain))), decode_picture(data))
    # Fill bytes and marks without a length may stand between the segments.
    odd = data[:2] + b"\xff\xff" + segment(0xE5, b"note") + b"\xff\x01" + data[2:]
    assert strip_jpeg_metadata(odd)[0] == plain


@pytest.mark.parametrize("end", [2, 3, 4, 10, 100, 600])
def test_a_jpeg_that_is_cut_off_is_damaged(end: int) -> None:
    with pytest.raises(PictureError):
        decode_picture(saved("JPEG")[:end])


def test_notes_that_all_lie_in_one_place_are_not_read() -> None:
    empty = b"II*\0\x08\0\0\0" + bytes(len(NOTES) - 8)
    avif = saved("AVIF", exif=empty).replace(empty, NOTES)
    assert b"Exif" in avif[:1000]
    assert b"Exif" not in strip_avif_exif(avif)[:1000]
    parts = [NOTES[at : at + 60_000] for at in range(0, len(NOTES), 60_000)]
    jpeg = saved("JPEG")
    jpeg = jpeg[:2] + b"".join(segment(0xE1, b"Exif\0\0" + part) for part in parts) + jpeg[2:]
    with soon():
        for data in (avif, jpeg, saved("WEBP", exif=NOTES), saved("PNG", exif=NOTES)):
            assert decode_picture(data).shape == (32, 48, 3)


def test_a_jpeg_may_come_in_scans_but_not_over_and_over() -> None:
    assert decode_picture(jpeg_of_scans(600, 0)).shape == (600, 600, 3)
    with soon(), pytest.raises(PictureError):
        decode_picture(jpeg_of_scans(2_000, 2_000))


@pytest.mark.parametrize(
    "make",
    [
        lambda: gif_of_comments(4 << 20),
        lambda: black_png(8, 8, 2, extra_chunks=(bytes(4) + b"tRNs" + bytes(4)) * 200_000),
        lambda: saved("JPEG")[:2] + segment(0xFE, b"") * 1_000_000 + saved("JPEG")[2:],
    ],
)
def test_notes_by_the_million_are_refused(make: Callable[[], bytes]) -> None:
    data = make()
    with soon(), pytest.raises(PictureError):
        decode_picture(data)


def test_a_reader_is_patient_to_a_point() -> None:
    reader = ReadLimitedBytes(b"abc")
    assert (reader.read(1), reader.read()) == (b"a", b"bc")
    with pytest.raises(DecodingBombError):
        list(iter(partial(reader.read, 1), None))


def test_a_large_picture_is_averaged_down() -> None:
    square = np.zeros((900, 900, 3), np.uint8)
    square[:, ::2] = 200
    out = BytesIO()
    Image.fromarray(square).convert("RGBA").save(out, "PNG")
    small = decode_picture(out.getvalue(), long_side=100)
    assert small.shape == (100, 100, 3)
    assert np.all(np.abs(small.astype(int) - 100) <= 20)
    with pytest.raises(LargePictureError, match="900×900"):
        decode_picture(out.getvalue(), max_pixels=800_000)


def test_packets_that_are_no_pictures_are_soon_given_up() -> None:
    data = video_of_packets("avi", 60_000)
    with soon(), pytest.raises(PictureError, match="no picture could be decoded"):
        decode_first_video_frame(data)


def test_a_large_video_is_refused_before_it_is_decoded() -> None:
    data = encode_gray_video("mp4", "libx264", 640, 360, 3)
    assert decode_first_video_frame(data).shape == (360, 640, 3)
    with soon(), pytest.raises(PictureError, match="640×360"):
        decode_first_video_frame(data, max_pixels=200_000)


def test_a_clip_that_begins_between_key_frames_shows_its_own_first(tmp_path: Path) -> None:
    """As phones cut: the pictures before the cut are in the file, and are not shown."""
    before, cut = 10, BytesIO()
    whole = write_video(tmp_path / "whole.mp4", frames=40, options={"g": "40", "bf": "0"})
    with av.open(whole) as source, av.open(cut, "w", format="mp4") as clip:
        taken = source.streams.video[0]
        stream = clip.add_stream_from_template(taken)
        for packet in source.demux(taken):
            if packet.dts is None or packet.pts is None or not packet.duration:
                continue
            packet.pts -= before * packet.duration
            packet.dts -= before * packet.duration
            packet.stream = stream
            clip.mux(packet)
    assert read_number(decode_first_video_frame(cut.getvalue())) == before
