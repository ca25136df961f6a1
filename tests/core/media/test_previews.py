"""Previews and thumbnails show the requested second, also far into a long file."""

import time
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation
from numbered_video import FILM, read_number, write_video
from PIL import Image, ImageSequence

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_gif_preview, cut_mp4_preview
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.media.sound import SAMPLE_RATE, read_sound
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

MINUTES = 21
EXACT = Interpolation.AREA | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


@pytest.fixture(scope="module")
def long_films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return one encode of 21 minutes at 23.976 frames per second in three containers."""
    folder = tmp_path_factory.mktemp("films")
    source = write_video(
        folder / "film.mp4",
        frames=int(MINUTES * 60 * FILM),
        options={"preset": "ultrafast", "g": "250", "bf": "2", "crf": "18"},
    )
    films = {"mp4": source}
    for kind in ("mkv", "ts"):
        films[kind] = folder / f"film.{kind}"
        with av.open(source) as original, av.open(films[kind], "w") as output:
            stream = output.add_stream_from_template(original.streams.video[0])
            for packet in original.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    output.mux(packet)
    return films


def decode_all(data: bytes) -> list[av.VideoFrame]:
    with av.open(BytesIO(data), "r") as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("second", [0.0, 7.77, 1199.95, 1200.0, 1234.567])
def test_mp4_preview_begins_at_its_second(
    long_films: dict[str, Path], kind: str, second: float
) -> None:
    preview = cut_mp4_preview(long_films[kind], second, second + 1.5)

    frames = decode_all(preview.data)
    first = read_number(frames[0].to_ndarray(format="gray"))
    last = read_number(frames[-1].to_ndarray(format="gray"))
    frame = float(1 / FILM)
    assert first / FILM == pytest.approx(second - frame / 2, abs=frame / 2 + 0.001)
    assert last / FILM == pytest.approx(second + 1.5 - frame, abs=1.1 * frame)
    assert preview.start == pytest.approx(second, abs=1e-6)
    assert preview.media_type == "video/mp4"
    assert len(frames) == 36


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_gif_preview_begins_at_its_second(long_films: dict[str, Path], kind: str) -> None:
    preview = cut_gif_preview(long_films[kind], 1200.3 - 0.5, 1200.3 + 1.5)

    with Image.open(BytesIO(preview.data)) as image:
        assert (image.format, image.info["duration"]) == ("GIF", 100)
        assert sum(1 for _ in ImageSequence.Iterator(image)) == 20
        image.seek(0)
        assert image.info["loop"] == 0
        number = read_number(np.asarray(image.convert("RGB")))
    assert abs(number / FILM - Fraction("1199.8")) < 0.1


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("second", [0.0, 600.4, 1200.0, 1259.9])
def test_thumbnail_shows_its_second(long_films: dict[str, Path], kind: str, second: float) -> None:
    number = read_number(decode_frame_at(long_films[kind], second))

    assert number / FILM == pytest.approx(second - 0.5 / FILM, abs=float(0.5 / FILM) + 0.001)


def test_thumbnail_equals_the_sampled_picture(long_films: dict[str, Path]) -> None:
    with FrameSampler(long_films["mkv"], start=300, end=301) as sampler:
        for one in sampler:
            np.testing.assert_array_equal(decode_frame_at(long_films["mkv"], one.time), one.picture)


def test_seconds_outside_the_file_are_clamped(long_films: dict[str, Path]) -> None:
    film = long_films["mp4"]
    last = int(MINUTES * 60 * FILM) - 1
    assert read_number(decode_frame_at(film, -5)) == 0
    assert read_number(decode_frame_at(film, 9999)) == last
    early = cut_mp4_preview(film, -0.5, 1.5)
    assert (early.start, early.end) == (0, 1.5)
    late = cut_gif_preview(film, 5000, 5002)
    assert late.end == pytest.approx(float((last + 1) / FILM))
    assert late.start == pytest.approx(late.end - 2)
    with pytest.raises(ValueError, match="end after it starts"):
        cut_mp4_preview(film, 5, 5)


def test_preview_is_playable_everywhere(tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", frames=96, size=(640, 361 // 2 * 2), rotation=90)

    preview = cut_mp4_preview(film, 1, 3, width=320)

    assert preview.data.index(b"moov") < preview.data.index(b"mdat")
    with av.open(BytesIO(preview.data), "r") as container:
        assert not container.streams.audio
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (180, 320)
        assert float(container.duration or 0) == pytest.approx(2e6, abs=5e4)


@pytest.mark.parametrize(
    ("colorspace", "tag", "color_range"),
    [(Colorspace.ITU601, 6, 1), (Colorspace.ITU709, 1, 1), (Colorspace.ITU709, 1, 2)],
)
def test_preview_preserves_colours(colorspace: Colorspace, tag: int, color_range: int) -> None:
    picture = np.asarray(draw_random_picture(5, (1280, 720)))
    frame = VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=colorspace,
        dst_color_range=color_range,
        interpolation=EXACT,
    )
    frame.colorspace, frame.color_range = tag, color_range
    shown = FrameConverter(None, 320).to_video_frame(frame)
    assert (shown.format.name, shown.width, shown.height) == ("yuv420p", 320, 180)
    played = shown.reformat(
        format="rgb24", src_colorspace=Colorspace.ITU709, src_color_range=1, interpolation=EXACT
    ).to_ndarray()
    expected = cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA)
    # A quarter of the chroma samples is left; the mean colour is unchanged.
    off = (played.astype(float) - expected).mean(axis=(0, 1))
    assert np.abs(off).max() < 0.6


def test_sound_is_synchronous(tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mkv", frames=144, sound_seconds=4.0)

    preview = cut_mp4_preview(film, 3.0, 5.0, mute=False)

    with av.open(BytesIO(preview.data), "r") as container:
        sound = np.concatenate(
            [frame.to_ndarray()[0] for frame in container.decode(container.streams.audio[0])]
        )
    loud = np.abs(sound[: 2 * SAMPLE_RATE]).reshape(-1, SAMPLE_RATE // 20).max(axis=1) > 0.1
    assert loud[1:19].all()  # the tone lasts until second 4
    assert not loud[22:].any()
    assert read_sound(write_video(tmp_path / "mute.mp4", frames=24), 0, 1) is None


def test_binary_stream_yields_both_sound_and_pictures(tmp_path: Path) -> None:
    """Both share one read position, and the film is larger than the read-ahead."""
    film = write_video(
        tmp_path / "film.mp4",
        frames=240,
        size=(320, 180),
        draw=lambda number, width, height: np.random.default_rng(number).integers(
            0, 256, (height, width), np.uint8
        ),
        sound_seconds=10.0,
        container_options={"movflags": "+faststart"},
    )
    for second in (0, 1, 3, 6):
        with film.open("rb") as stream:
            preview = cut_mp4_preview(stream, second, second + 2, mute=False)
        assert (
            _count_frames(preview.data)
            == _count_frames(cut_mp4_preview(film, second, second + 2).data)
            == 48
        )


@pytest.mark.parametrize("rotation", [0, 90])
def test_preview_with_odd_sides_is_cropped_to_even(tmp_path: Path, rotation: int) -> None:
    film = write_video(tmp_path / "film.mp4", frames=48, size=(320, 182), rotation=rotation)
    with av.open(BytesIO(cut_mp4_preview(film, 0, 1, width=201).data), "r") as container:
        stream = container.streams.video[0]
        assert sorted((stream.width, stream.height)) == [114, 200]
        assert (stream.width > stream.height) == (rotation == 0)


def _count_frames(data: bytes) -> int:
    with av.open(BytesIO(data), "r") as container:
        return sum(1 for _ in container.decode(video=0))


def test_preview_error_names_a_file_that_is_no_video(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    for make in (cut_mp4_preview, cut_gif_preview):
        with pytest.raises(MediaError, match=r"text\.mp4"):
            make(text, 0, 1)
    with pytest.raises(MediaError, match=r"text\.mp4"):
        decode_frame_at(text, 0)


def test_probe_reads_size_rate_codec_and_duration(tmp_path: Path) -> None:
    film = write_video(
        tmp_path / "film.mkv", frames=48, aspect=Fraction(4, 3), rotation=0, sound_seconds=2
    )
    phone = write_video(tmp_path / "phone.mp4", frames=50, rate=Fraction(25), rotation=90)

    info = probe_video(film)

    assert (info.width, info.height, info.codec, info.has_audio) == (213, 90, "h264", True)
    assert info.fps == pytest.approx(float(FILM), abs=0.01)
    assert info.duration == pytest.approx(2.002, abs=0.002)
    assert (probe_video(phone).width, probe_video(phone).height, probe_video(phone).fps) == (
        90,
        160,
        25,
    )


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of a function, the minimum of three runs."""
    costs = []
    for _ in range(3):
        begun = time.process_time()
        work()
        costs.append(time.process_time() - begun)
    return min(costs)


def test_preview_takes_less_than_four_times_decoding(tmp_path: Path) -> None:
    """Decoding full HD and encoding it small takes about 1.7 times; encoding it whole, 9 times."""
    film = write_video(
        tmp_path / "hd.mp4",
        frames=120,
        size=(1920, 1080),
        options={"preset": "ultrafast", "g": "120"},
    )

    def decode() -> None:
        with av.open(film) as container:
            for frame in container.decode(video=0):
                frame.to_ndarray(format="rgb24")

    preview = processor_seconds(lambda: cut_mp4_preview(film, 2.5, 4.5))
    assert preview < 4 * processor_seconds(decode)


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_preview_far_into_a_film_costs_as_much_as_at_its_beginning(
    long_films: dict[str, Path], kind: str
) -> None:
    """Decoding from the beginning would take about a hundred times as long."""
    film = long_films[kind]
    near = processor_seconds(lambda: cut_mp4_preview(film, 8, 9))
    assert processor_seconds(lambda: cut_mp4_preview(film, 1250, 1251)) < 5 * near
