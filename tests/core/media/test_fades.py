"""Animations and clips that begin black, white or of one colour; a PNG's hidden default image."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from whenanime_pipeline.core.media.contrast import ShowingPicture, measure_contrast
from whenanime_pipeline.core.media.picture_codec import decode_first_video_frame, decode_picture

Picture = NDArray[np.uint8]
SIZE = (320, 180)
COLOURS = {"black": (0, 0, 0), "white": (255, 255, 255), "teal": (20, 120, 120)}
ANIMATIONS = ("GIF", "PNG", "WEBP", "AVIF")
CLIPS = (("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "libx264"), ("avi", "mpeg4"))


def paint_scene(seed: int, *, contrast: float = 1.0) -> Picture:
    rng = np.random.default_rng(seed)
    picture = np.full((SIZE[1], SIZE[0], 3), rng.integers(60, 200, 3), np.uint8)
    for _ in range(14):
        centre, radius = rng.integers((0, 0), SIZE), int(rng.integers(12, 60))
        cv2.circle(picture, centre.tolist(), radius, rng.integers(0, 256, 3).tolist(), -1)
    return (128 + contrast * (picture.astype(np.float32) - 128)).astype(np.uint8)


def fade_in(colour: Sequence[int], flat: int, fading: int = 6, clear: int = 8) -> list[Picture]:
    """Pictures of one colour, then ever more of a scene, then a scene that changes a little."""
    scene = paint_scene(1).astype(np.float32)
    shares = [0.0] * flat + [step / fading for step in range(fading)] + [1.0] * clear
    return [(share * scene + (1 - share) * np.array(colour)).astype(np.uint8) for share in shares]


def write_animation(pictures: Sequence[Picture], kind: str) -> bytes:
    images, out = [Image.fromarray(picture) for picture in pictures], BytesIO()
    images[0].save(out, kind, save_all=True, append_images=images[1:], duration=40)
    return out.getvalue()


def write_clip(pictures: Sequence[Picture], container: str, codec: str) -> bytes:
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=24)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 2_000_000
        for picture in pictures:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    return out.getvalue()


def resembles(picture: Picture, scene: Picture) -> float:
    """The mean correlation of two pictures' channels, which a fade does not lower."""
    one, other = (
        cv2.resize(side, (80, 45), interpolation=cv2.INTER_AREA).reshape(-1, 3).T
        for side in (picture, scene)
    )
    return float(np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(one, other, strict=True)]))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("kind", ANIMATIONS)
def test_animation_that_fades_in_is_asked_with_what_it_shows(kind: str, colour: str) -> None:
    data = write_animation(fade_in(COLOURS[colour], 3), kind)
    assert resembles(decode_picture(data), paint_scene(1)) > 0.9


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("container", "codec"), CLIPS)
def test_clip_that_fades_in_is_asked_with_what_it_shows(
    container: str, codec: str, colour: str
) -> None:
    data = write_clip(fade_in(COLOURS[colour], 3), container, codec)
    assert resembles(decode_first_video_frame(data), paint_scene(1)) > 0.9


def test_black_pictures_of_many_seconds_are_passed() -> None:
    pictures = fade_in(COLOURS["black"], 24 * 20)
    clip = decode_first_video_frame(write_clip(pictures, "mp4", "libx264"))
    assert resembles(clip, paint_scene(1)) > 0.9
    assert resembles(decode_picture(write_animation(pictures, "GIF")), paint_scene(1)) > 0.9


@pytest.mark.parametrize("kind", ANIMATIONS)
def test_animation_that_shows_at_once_is_asked_with_its_first_picture(kind: str) -> None:
    data = write_animation([paint_scene(seed) for seed in (1, 2, 3)], kind)
    assert resembles(decode_picture(data), paint_scene(1)) > 0.9


@pytest.mark.parametrize("colour", COLOURS)
def test_animation_that_shows_nothing_is_asked_with_its_first_picture(colour: str) -> None:
    pictures = [np.full((180, 320, 3), COLOURS[colour], np.uint8)] * 5
    for picture in (
        decode_picture(write_animation([*pictures, pictures[0] ^ np.uint8(1)], "PNG")),
        decode_first_video_frame(write_clip(pictures, "mp4", "libx264")),
    ):
        assert np.abs(picture.astype(int) - COLOURS[colour]).max() <= 4


def test_dark_scene_is_asked_with_although_it_never_gets_clear() -> None:
    black = np.zeros((180, 320, 3), np.uint8)
    dark = (paint_scene(1, contrast=0.2) - 80).clip(0, 60).astype(np.uint8)
    data = write_animation([black, black, *[dark] * 4], "PNG")
    assert np.array_equal(decode_picture(data), dark)


def test_bars_do_not_make_a_picture_of_a_white_screen() -> None:
    framed = [np.pad(one[24:-24], ((24, 24), (0, 0), (0, 0))) for one in fade_in((255,) * 3, 4)]
    assert measure_contrast(framed[0]) < 1
    assert resembles(decode_picture(write_animation(framed, "GIF")), framed[-1]) > 0.9


def test_animation_damaged_after_its_beginning_is_asked_with_what_came_before() -> None:
    data = write_animation([*fade_in(COLOURS["black"], 2, 6, 4)] * 2, "GIF")
    assert resembles(decode_picture(data[: len(data) * 2 // 3]), paint_scene(1)) > 0.9


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def apng(default: Picture, frames: Sequence[Picture], *, hidden: bool) -> bytes:
    """An animated PNG; its default image is the first frame unless it is hidden."""

    def packed(picture: Picture) -> bytes:
        return zlib.compress(np.pad(picture.reshape(len(picture), -1), ((0, 0), (1, 0))).tobytes())

    height, width = default.shape[:2]
    count = len(frames) + (not hidden)
    parts = [
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", count, 0)),
    ]
    number = 0

    def control() -> bytes:
        nonlocal number
        number += 1
        return chunk(
            b"fcTL", struct.pack(">IIIIIHHBB", number - 1, width, height, 0, 0, 1, 2, 0, 0)
        )

    if not hidden:
        parts.append(control())
    parts.append(chunk(b"IDAT", packed(default)))
    for frame in frames:
        parts.append(control())
        parts.append(chunk(b"fdAT", struct.pack(">I", number) + packed(frame)))
        number += 1
    return b"".join([*parts, chunk(b"IEND", b"")])


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_hidden_default_image_of_a_png_is_not_asked_with(frames: int) -> None:
    scenes = [paint_scene(seed) for seed in range(1, frames + 1)]
    hidden = apng(paint_scene(9), scenes, hidden=True)
    assert np.array_equal(decode_picture(hidden), scenes[0])
    shown = apng(paint_scene(9), scenes, hidden=False)
    assert np.array_equal(decode_picture(shown), paint_scene(9))


def test_default_image_is_asked_with_where_the_animation_is_missing() -> None:
    data = apng(paint_scene(9), [paint_scene(1)], hidden=True)
    assert np.array_equal(decode_picture(data[: data.index(b"fcTL") - 4]), paint_scene(9))


@given(st.lists(st.floats(0, 60), min_size=1, max_size=200))
def test_choice_is_the_first_clear_picture_or_the_clearest_of_a_fade(levels: list[float]) -> None:
    choice, chosen = ShowingPicture(), 0
    for number, level in enumerate(levels):
        if choice.prefers(level):
            chosen = number
        if choice.is_decided:
            break
    seen = levels[: number + 1]
    assert levels[chosen] == max(seen) if max(seen[1:], default=0) >= 4 else chosen == 0
    clear = next((at for at, level in enumerate(seen) if level >= 16), len(seen))
    assert all(after > before for before, after in pairwise(seen[clear:-1]))
