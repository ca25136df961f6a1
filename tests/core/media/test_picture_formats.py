"""Pictures as cameras, phones and editors write them: shown as viewers show them."""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from types import MappingProxyType

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from whenanime_pipeline.core.media import isolated_decoding
from whenanime_pipeline.core.media.colour_spaces import (
    convert_to_srgb,
    read_icc_profile,
    space_of_code_points,
)
from whenanime_pipeline.core.media.errors import LargePictureError, PictureError, PictureMessage
from whenanime_pipeline.core.media.isolated_decoding import (
    IsolatedFormat,
    recognise_isolated_format,
)
from whenanime_pipeline.core.media.picture_codec import decode_picture
from whenanime_pipeline.core.media.query_picture import decode_query_picture, is_video

Picture = NDArray[np.uint8]
OPTIONAL = {"HEIF": "pillow_heif", "JXL": "pillow_jxl"}
FOLDED = {"JPEG": 8.0, "WEBP": 8.0, "AVIF": 8.0, "PNG": 0.0}


def scene() -> Picture:
    """A picture that differs from all its turns and mirror images, in soft colours."""
    rows, columns = np.mgrid[0:96, 0:160].astype(np.float32)
    channels = columns * 1.5, rows * 2.3, 40 + 120 * (np.hypot(columns - 40, rows - 30) < 25)
    return np.stack(channels, axis=2).clip(0, 255).astype(np.uint8)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def difference(one: Picture, other: Picture) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other).mean())


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@given(
    kind=st.sampled_from(sorted(FOLDED)),
    orientation=st.integers(1, 8),
    size=st.tuples(st.integers(16, 90), st.integers(16, 90)),
)
@settings(max_examples=60, deadline=None)
def test_pictures_are_turned_as_viewers_turn_them(
    kind: str, orientation: int, size: tuple[int, int]
) -> None:
    stored = Image.fromarray(scene()).resize(size)
    data = encode(stored, kind, exif=exif_of(orientation), quality=95)
    tagged = stored.copy()
    tagged.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(tagged))
    assert difference(decode_picture(data), expected) <= FOLDED[kind]


@pytest.mark.parametrize(
    ("kind", "mode", "tolerance"),
    [
        ("PNG", "RGB", 0), ("PNG", "RGBA", 0), ("PNG", "P", 20), ("JPEG", "CMYK", 8),
        ("JPEG", "RGB", 8), ("WEBP", "RGBA", 8), ("AVIF", "RGBA", 8), ("GIF", "P", 20),
    ],
)  # fmt: skip
def test_modes_are_shown_in_their_colours(kind: str, mode: str, tolerance: float) -> None:
    data = encode(Image.fromarray(scene()).convert(mode), kind)
    assert difference(decode_picture(data), scene()) <= tolerance


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_gray_modes_are_shown_in_gray(mode: str) -> None:
    picture = decode_picture(encode(Image.fromarray(scene()).convert(mode), "PNG"))
    gray = np.asarray(Image.fromarray(scene()).convert(mode).convert("L"))
    assert difference(picture, np.repeat(gray[..., None], 3, axis=2)) == 0


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_scaled(channels: int) -> None:
    deep = (scene().astype(np.uint16) * 257)[..., ::-1]
    opaque = np.full((*deep.shape[:2], 1), 65535, np.uint16)
    stored = {1: deep[..., 2], 3: deep, 4: np.concatenate([deep, opaque], axis=2)}[channels]
    shown = decode_picture(cv2.imencode(".png", stored)[1].tobytes())
    expected = np.repeat(scene()[..., :1], 3, axis=2) if channels == 1 else scene()
    assert difference(shown, expected) <= 0.5


def test_adobes_inverted_inks_are_the_same_picture() -> None:
    inks = Image.fromarray(scene()).convert("CMYK")
    data = encode(inks, "JPEG", quality=95)
    assert b"Adobe" in data[:200]
    assert difference(decode_picture(data), np.asarray(inks.convert("RGB"))) < 8


def test_primary_picture_of_several_is_shown() -> None:
    """As gain-map JPEGs and phones' portraits have them."""
    first, second = Image.fromarray(scene()), Image.new("RGB", (80, 48), "teal")
    data = encode(first, "MPO", save_all=True, append_images=[second], quality=95)
    assert difference(decode_picture(data), scene()) < 8


def fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}l", *(round(65536 * value) for value in values))


def icc_profile(primaries: Mapping[str, tuple[float, float, float]], gamma: float | None) -> bytes:
    """A profile of a matrix and one curve: a gamma, or sRGB's."""
    if gamma is None:
        curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    else:
        curve = b"curv\0\0\0\0" + struct.pack(">LH", 1, round(256 * gamma)) + b"\0\0"
    described = b"desc\0\0\0\0" + struct.pack(">L", 2) + b"x\0" + bytes(80)
    tags = {
        b"desc": described, b"cprt": b"text\0\0\0\0x\0\0\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
        **{f"{n}XYZ".encode(): b"XYZ \0\0\0\0" + fixed(*primaries[n]) for n in "rgb"},
        **{f"{n}TRC".encode(): curve for n in "rgb"},
    }  # fmt: skip
    table, body, start = b"", b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">LL", start + len(body), len(content))
        body += content
    size = start + len(body)
    header = struct.pack(">L4xL4s4s4s12x4s", size, 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header = header.ljust(68, b"\0") + fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + struct.pack(">L", len(tags)) + table + body


DISPLAY_P3 = {
    "r": (0.5151, 0.2412, -0.0011), "g": (0.2920, 0.6922, 0.0419), "b": (0.1571, 0.0666, 0.7841),
}  # fmt: skip
ADOBE_RGB = {
    "r": (0.6097, 0.3111, 0.0195), "g": (0.2053, 0.6257, 0.0609), "b": (0.1492, 0.0632, 0.7446),
}  # fmt: skip
PROFILES = {"Display P3": icc_profile(DISPLAY_P3, None), "Adobe RGB": icc_profile(ADOBE_RGB, 2.2)}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_profiles_are_applied_as_littlecms_applies_them(kind: str, name: str) -> None:
    profile = PROFILES[name]
    data = encode(Image.fromarray(scene()), kind, icc_profile=profile, quality=95)
    with Image.open(BytesIO(data)) as stored:
        shown = ImageCms.profileToProfile(
            stored.convert("RGB"),
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    assert shown is not None
    assert difference(decode_picture(data), np.asarray(shown)) < 1.5
    assert difference(decode_picture(data), scene()) > 2


def test_srgb_and_unknown_profiles_change_nothing() -> None:
    assert (
        read_icc_profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()) is None
    )
    assert read_icc_profile(b"") is None
    assert space_of_code_points(1, 13) is None


@given(st.data())
@settings(deadline=None)
def test_damaged_profiles_are_ignored_or_applied(data: st.DataObject) -> None:
    content = bytearray(PROFILES["Display P3"])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    space = read_icc_profile(bytes(content[: data.draw(st.integers(0, len(content)))]))
    if space is not None:
        assert convert_to_srgb(scene(), space).shape == scene().shape


def gray_ramp() -> Picture:
    return np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)


def png_of_code_points(picture: Picture, primaries: int, transfer: int) -> bytes:
    data = encode(Image.fromarray(picture), "PNG")
    body = b"cICP" + bytes((primaries, transfer, 0, 1))
    chunk = struct.pack(">L", 4) + body + struct.pack(">L", zlib.crc32(body))
    return data[:33] + chunk + data[33:]


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_mapped_to_the_screen(transfer: int) -> None:
    shown = decode_picture(png_of_code_points(gray_ramp(), 9, transfer))[0].astype(int)
    assert np.ptp(shown, axis=1).max() <= 1  # gray stays gray
    assert np.all(np.diff(shown[:, 0]) >= 0)
    assert (shown[0, 0], shown[255, 0]) == (0, 255)


def test_pq_below_the_knee_keeps_its_light() -> None:
    """50 nits, a quarter of the reference white: level 112 of PQ, 136 of sRGB."""
    shown = decode_picture(png_of_code_points(gray_ramp(), 9, 16))[0]
    assert abs(int(shown[112, 0]) - 136) <= 3


def test_code_points_of_avif_are_read() -> None:
    data = encode(Image.fromarray(scene()), "AVIF", quality=95)
    place = data.index(b"colrnclx") + 8
    deep = data[:place] + struct.pack(">HH", 9, 16) + data[place + 4 :]
    space = space_of_code_points(9, 16)
    assert space is not None
    assert difference(decode_picture(deep), convert_to_srgb(decode_picture(data), space)) < 1


@pytest.mark.parametrize("kind", OPTIONAL)
def test_optional_formats_are_decoded(kind: str) -> None:
    pytest.importorskip(OPTIONAL[kind])
    _register()
    data = encode(Image.fromarray(scene()), kind, quality=95, exif=exif_of(1))
    assert recognise_isolated_format(data) == kind
    assert not is_video(data)
    assert difference(decode_query_picture(data), scene()) < 8
    assert decode_picture(data, long_side=80).shape == (48, 80, 3)
    with pytest.raises(LargePictureError, match="160×96"):
        decode_picture(data, max_pixels=9_000)
    for damaged in (data[: len(data) // 2], data[:40]):
        with pytest.raises(PictureError, match="damaged or takes too much"):
            decode_picture(damaged)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_turned_once(orientation: int) -> None:
    pytest.importorskip("pillow_heif")
    _register()
    tagged = Image.fromarray(scene())
    data = encode(tagged, "HEIF", quality=95, exif=exif_of(orientation))
    tagged.getexif()[0x0112] = orientation
    assert difference(decode_picture(data), np.asarray(ImageOps.exif_transpose(tagged))) < 8


def test_primary_picture_of_a_heic_is_shown() -> None:
    pytest.importorskip("pillow_heif")
    _register()
    other = Image.new("RGB", (80, 48), "teal")
    data = encode(other, "HEIF", save_all=True, quality=95, primary_index=1,
                  append_images=[Image.fromarray(scene())])  # fmt: skip
    assert difference(decode_picture(data), scene()) < 8


def test_a_decoder_that_takes_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pillow_heif")
    _register()
    data = encode(Image.fromarray(scene()), "HEIF")
    monkeypatch.setattr(isolated_decoding, "_TIMEOUT", 0.01)
    with pytest.raises(PictureError, match="takes too much"):
        decode_picture(data)


@pytest.mark.parametrize("start", [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\xff\x0a\0\0"])
def test_formats_without_their_package_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    missing = {kind: IsolatedFormat(one.label, "no_such_package")
               for kind, one in isolated_decoding.ISOLATED_FORMATS.items()}  # fmt: skip
    monkeypatch.setattr(isolated_decoding, "ISOLATED_FORMATS", MappingProxyType(missing))
    with pytest.raises(PictureError) as refused:
        decode_picture(start + bytes(100))
    assert refused.value.code == PictureMessage.FORMAT_NOT_READ.code
    assert "save the picture as PNG or JPEG" in str(refused.value)


def _register() -> None:
    """Make Pillow write the optional formats, here in the tests' own process."""
    import pillow_heif
    import pillow_jxl  # noqa: F401

    pillow_heif.register_heif_opener()
