"""TIFF pictures, as scanners and editors write them: decoded in a process of their own."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from whenanime_pipeline.core.media import isolated_decoding
from whenanime_pipeline.core.media.errors import LargePictureError, PictureError
from whenanime_pipeline.core.media.picture_codec import decode_picture
from whenanime_pipeline.core.media.query_picture import decode_query_picture, is_video

Picture = NDArray[np.uint8]


def _scene() -> Picture:
    """A picture that differs from all its turns and mirror images."""
    rows, columns = np.mgrid[0:96, 0:160].astype(np.float32)
    channels = columns * 1.5, rows * 2.3, 40 + 120 * (np.hypot(columns - 40, rows - 30) < 25)
    return np.stack(channels, axis=2).clip(0, 255).astype(np.uint8)


def _encode(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, "TIFF", **options)
    return out.getvalue()


def _difference(one: Picture, other: Picture) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_compressions_are_read(compression: str | None) -> None:
    data = _encode(Image.fromarray(_scene()), compression=compression)
    assert not is_video(data)
    assert _difference(decode_query_picture(data), _scene()) <= (8 if compression == "jpeg" else 0)
    assert decode_picture(data, long_side=80).shape == (48, 80, 3)


@pytest.mark.parametrize("mode", ["CMYK", "RGBA", "P"])
def test_modes_are_shown_in_their_colours(mode: str) -> None:
    image = Image.fromarray(_scene()).convert(mode)
    assert _difference(decode_picture(_encode(image)), _scene()) <= 20


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled(channels: int) -> None:
    deep = (_scene().astype(np.uint16) * 257)[..., ::-1]
    stored = deep if channels == 3 else deep[..., 2]
    data = cv2.imencode(".tiff", stored, [cv2.IMWRITE_TIFF_COMPRESSION, 1])[1].tobytes()
    expected = np.repeat(_scene()[..., :1], 3, axis=2) if channels == 1 else _scene()
    assert _difference(decode_picture(data), expected) <= 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_once(orientation: int) -> None:
    image = Image.fromarray(_scene())
    data = _encode(image, tiffinfo={274: orientation})
    image.getexif()[274] = orientation
    assert _difference(decode_picture(data), np.asarray(ImageOps.exif_transpose(image))) == 0


def test_the_first_page_that_shows_something_is_chosen() -> None:
    blank, page = Image.new("RGB", (160, 96)), Image.fromarray(_scene())
    data = _encode(blank, save_all=True, append_images=[page])
    assert _difference(decode_picture(data), _scene()) == 0


def test_bounds_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _encode(Image.fromarray(_scene()))
    with pytest.raises(LargePictureError, match="160×96"):
        decode_picture(data, max_pixels=9_000)
    for damaged in (data[:300], data[:8], b"MM\0*" + bytes(60), b"II+\0" + bytes(60)):
        with pytest.raises(PictureError, match="TIFF picture is damaged or takes too much"):
            decode_picture(damaged)
    monkeypatch.setattr(isolated_decoding, "_TIMEOUT", 0.01)
    with pytest.raises(PictureError, match="takes too much"):
        decode_picture(data)


def test_a_ring_of_pages_ends() -> None:
    """A page that names itself as the next one."""
    data = bytearray(_encode(Image.fromarray(_scene()[:8, :8])))
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    place = first + 2 + 12 * count
    data[place : place + 4] = data[4:8]
    assert decode_picture(bytes(data)).shape == (8, 8, 3)
