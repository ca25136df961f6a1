"""Colours of stills and previews: HDR tone-mapped, untagged matrices guessed as players do."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading, Transfer
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_gif_preview, cut_mp4_preview
from whenanime_pipeline.core.media.query_picture import decode_query_picture
from whenanime_pipeline.core.media.stored_stills import correct_stored_frame, is_stored_otherwise
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.media.tone_mapping import map_rgb_tones, map_tones

_BT2020, _UNSPECIFIED = 9, 2
_TRANSFERS: dict[Transfer, int] = {"pq": 16, "hlg": 18}


def _write(
    path: Path, picture: NDArray[np.uint8], *, matrix: int, space: int, transfer: int
) -> Path:
    """Write a second of a picture, (h, w, 3), in the colours of a matrix of swscale."""
    with av.open(path, "w") as output:
        video = output.add_stream("libx264", rate=24, options={"qp": "4"})
        video.height, video.width = picture.shape[:2]
        video.pix_fmt = "yuv420p"
        context = video.codec_context
        context.colorspace, context.color_trc, context.color_range = space, transfer, 1
        context.color_primaries = _BT2020 if transfer != _UNSPECIFIED else _UNSPECIFIED
        rgb = av.VideoFrame.from_ndarray(picture, format="rgb24")
        for number in range(24):
            frame = rgb.reformat(format="yuv420p", dst_colorspace=matrix)
            frame.colorspace = space
            frame.pts, frame.time_base = number, Fraction(1, 24)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    return path


def _blocks(width: int, height: int) -> NDArray[np.uint8]:
    """Return saturated and grey blocks, (height, width, 3)."""
    colours = np.random.default_rng(3).integers(30, 150, (4, 8, 3), np.uint8)
    colours[0] = colours[0, :, :1]
    return np.repeat(np.repeat(colours, height // 4, 0), width // 8, 1)


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_hdr_is_mapped_in_stills_and_previews_and_not_in_samples(
    tmp_path: Path, transfer: Transfer
) -> None:
    signal = _blocks(320, 160)
    path = _write(
        tmp_path / "hdr.mkv", signal, matrix=_BT2020, space=_BT2020, transfer=_TRANSFERS[transfer]
    )
    right = (map_tones(signal / 255, transfer) * 255).round().astype(np.uint8)
    assert _difference(right, signal) > 12
    assert _difference(decode_frame_at(path, 0.5), right) < 4
    preview, loop = cut_mp4_preview(path, 0, 0.5), cut_gif_preview(path, 0, 0.5)
    assert _difference(_first_frame(preview.data), right) < 6
    assert _difference(_first_frame(loop.data), right) < 9
    with FrameSampler(path, fps=2) as sampler:
        stored = next(iter(sampler)).picture
    assert _difference(stored, signal) < 3
    reading = probe_reading(path)
    assert reading == FileReading(transfer=transfer)
    assert is_stored_otherwise(reading)
    assert _difference(correct_stored_frame(stored, reading), right) < 4


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_hdr_clips_as_queries_are_mapped_as_stills_are(
    tmp_path: Path, transfer: Transfer, suffix: str
) -> None:
    signal = _blocks(320, 160)
    code = _TRANSFERS[transfer]
    path = _write(tmp_path / f"hdr.{suffix}", signal, matrix=_BT2020, space=_BT2020, transfer=code)
    query = decode_query_picture(path.read_bytes())
    assert _difference(query, decode_frame_at(path, 0.0)) < 0.5
    assert _difference(query, signal) > 12


def test_clips_as_queries_have_the_matrix_that_players_guess(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "wide.mp4",
        _blocks(1280, 544),
        matrix=1,
        space=_UNSPECIFIED,
        transfer=_UNSPECIFIED,
    )
    query = decode_query_picture(path.read_bytes())
    assert _difference(query, decode_frame_at(path, 0.0, long_side=1280)) < 0.5


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_tones_ascend_and_greys_stay_grey(transfer: Transfer) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    mapped = map_rgb_tones(ramp, transfer).astype(int)
    assert (np.ptp(mapped, axis=2) <= 2).all()
    assert (np.diff(mapped[0, :, 0]) >= 0).all()
    assert (mapped[0, 0, 0], mapped[0, -1, 0]) == (0, 255)


@pytest.mark.parametrize(
    ("size", "matrix", "is_otherwise"),
    [((1280, 544), 1, True), ((1280, 720), 1, False), ((640, 480), 5, False)],
)
def test_untagged_colours_are_guessed_by_size(
    tmp_path: Path, size: tuple[int, int], matrix: int, *, is_otherwise: bool
) -> None:
    picture = _blocks(*size)
    path = _write(
        tmp_path / "untagged.mkv", picture, matrix=matrix, space=_UNSPECIFIED, transfer=_UNSPECIFIED
    )
    reading = probe_reading(path)
    assert is_stored_otherwise(reading) == is_otherwise
    shown = decode_frame_at(path, 0.5, long_side=320)
    assert _difference(shown[8::17, 8::40], _at_centres(picture, shown)) < 3
    with FrameSampler(path, fps=2, long_side=320) as sampler:
        stored = next(iter(sampler)).picture
    corrected = correct_stored_frame(stored, reading)
    assert _difference(corrected[8::17, 8::40], _at_centres(picture, shown)) < 4


def _at_centres(picture: NDArray[np.uint8], shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows = np.arange(8, shown.shape[0], 17) * picture.shape[0] // shown.shape[0]
    columns = np.arange(8, shown.shape[1], 40) * picture.shape[1] // shown.shape[1]
    chosen: NDArray[np.uint8] = picture[rows][:, columns]
    return chosen


def _first_frame(data: bytes) -> NDArray[np.uint8]:
    with av.open(BytesIO(data), "r") as container:
        picture: NDArray[np.uint8] = next(container.decode(video=0)).to_ndarray(format="rgb24")  # type: ignore[assignment]
        return picture
