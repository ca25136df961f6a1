"""Uploaded pictures, decoded or refused with a message; and stored frames."""

import struct
import zlib
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbered_video import read_number, write_sound, write_video
from PIL import Image

from whenanime_pipeline.core.media.errors import MediaError, PictureError
from whenanime_pipeline.core.media.picture_codec import (
    decode_first_video_frame,
    decode_picture,
    decode_stored_frame,
    encode_jpeg,
    encode_stored_frame,
)


def scene(width: int = 64, height: int = 36) -> Image.Image:
    """Red at the left, blue at the right, a white corner at the top left."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = (220, 20, 30)
    pixels[:, width // 2 :] = (20, 30, 220)
    pixels[: height // 4, : width // 8] = 255
    return Image.fromarray(pixels)


def encode_image(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_scene(picture: np.ndarray, tolerance: float = 12) -> None:
    expected = np.asarray(scene(picture.shape[1], picture.shape[0])).astype(int)
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - expected).mean() < tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_every_format_is_decoded(kind: str) -> None:
    assert_scene(decode_picture(encode_image(scene(), kind)))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation_is_decoded(kind: str) -> None:
    more = [Image.new("RGB", (64, 36), color) for color in ("green", "yellow")]
    data = encode_image(scene(), kind, save_all=True, append_images=more, duration=100)
    assert_scene(decode_picture(data))


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_jpeg_colour_modes_are_decoded(mode: str) -> None:
    picture = decode_picture(encode_image(scene().convert(mode), "JPEG"))
    assert picture.shape == (36, 64, 3)
    if mode != "L":
        assert_scene(picture, 25)


@pytest.mark.parametrize("mode", ["P", "RGBA", "1", "LA"])
def test_png_colour_modes_are_decoded(mode: str) -> None:
    assert decode_picture(encode_image(scene().convert(mode), "PNG")).shape == (36, 64, 3)


def test_sixteen_bit_gray_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(4, axis=0)
    picture = decode_picture(encode_image(Image.fromarray(ramp), "PNG"))
    assert np.abs(picture[0, :, 0].astype(int) - np.linspace(0, 255, 64)).max() <= 1


def test_transparent_parts_become_black() -> None:
    image = scene().convert("RGBA")
    image.putalpha(Image.fromarray(np.pad(np.full((16, 64), 255, np.uint8), ((10, 10), (0, 0)))))
    picture = decode_picture(encode_image(image, "PNG"))
    assert picture[:10].max() == 0
    assert picture[-10:].max() == 0
    assert picture[18, 5, 0] == 220


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode_image(scene(), "JPEG", exif=exif, quality=95)
    with Image.open(BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))

    np.testing.assert_array_equal(decode_picture(data), expected)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_picture_with_broken_exif_is_decoded() -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    assert_scene(decode_picture(encode_image(scene(), "JPEG", exif=exif)))
    assert_scene(
        decode_picture(encode_image(scene(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))
    )


def test_one_pixel_is_decoded() -> None:
    assert decode_picture(encode_image(Image.new("RGB", (1, 1), "red"), "PNG")).tolist() == [
        [[255, 0, 0]]
    ]


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", 0)
        + b"IDAT"
        + struct.pack(">I", zlib.crc32(b"IDAT"))
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "This picture is empty (0 bytes)."),
        (png_header(20_000, 20_000), "This picture is 20000×20000; at most 64 megapixels are read"),
        (b"hello, I am no picture", "This is not a picture"),
        (b"II*\0" + bytes(100), "This TIFF picture is damaged or takes too much to decode"),
        (encode_image(scene(), "TIFF")[:300], "This TIFF picture is damaged"),
        (encode_image(scene(), "PPM"), "This is not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is not a picture"),
        (encode_image(scene(400, 300), "PNG")[:300], "damaged or cut short"),
        (encode_image(scene(400, 300), "JPEG")[:900], "damaged or cut short"),
        (encode_image(scene(400, 300), "WEBP")[:90], "damaged or cut short"),
        (bytes(26 * 2**20), "This picture has 26.0 MiB; at most 25 MiB are read."),
    ],
)
def test_refusal_explains_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(PictureError) as caught:
        decode_picture(data)
    assert words in str(caught.value)
    assert isinstance(caught.value, MediaError)


@given(st.data())
def test_damaged_picture_raises_picture_error_or_is_decoded(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP"]))
    content = bytearray(encode_image(scene(), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = decode_picture(bytes(content), max_pixels=1_000_000)
    except PictureError:
        return
    assert picture.ndim == 3
    assert picture.shape[2] == 3


def test_long_side_limits_the_size() -> None:
    data = encode_image(scene(1600, 900), "JPEG")
    small = decode_picture(data, long_side=400)
    assert small.shape == (225, 400, 3)
    assert_scene(small)
    assert decode_picture(encode_image(scene(), "PNG"), long_side=400).shape == (36, 64, 3)


def test_first_frame_of_an_uploaded_video_is_decoded(tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.mp4", frames=25, rate=Fraction(25), rotation=90)
    picture = decode_first_video_frame(video.read_bytes())
    assert picture.shape == (160, 90, 3)
    film = write_video(tmp_path / "film.webm", frames=10, codec="libvpx")
    assert read_number(decode_first_video_frame(film.read_bytes())) == 0
    for data, words in (
        (b"", "This video is empty"),
        (b"no video", "This video cannot be used"),
        (b"#EXTM3U\n/etc/hostname\n", "This video cannot be used"),
        (write_sound(tmp_path / "sound.mp4").read_bytes(), "no video stream"),
    ):
        with pytest.raises(PictureError, match=words):
            decode_first_video_frame(data)
    with pytest.raises(PictureError, match="160×90"):
        decode_first_video_frame(video.read_bytes(), max_pixels=10_000)


@pytest.mark.parametrize("encode", [encode_jpeg, encode_stored_frame])
def test_stored_frames_round_trip(encode: object) -> None:
    picture = np.asarray(scene(320, 180))
    data = encode(picture)  # type: ignore[operator]
    assert len(data) < 8_000
    assert_scene(decode_stored_frame(data), 3)
    with pytest.raises(ValueError, match="uint8"):
        encode(np.zeros((4, 4), np.float32))  # type: ignore[operator]


def test_broken_stored_frame_raises() -> None:
    with pytest.raises(ValueError, match="cannot be decoded"):
        decode_stored_frame(b"not a picture")
