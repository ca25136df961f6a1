"""FrameSampler on many kinds of files: the right frame at each second, damage reported."""

import gc
import resource
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numbered_video import FILM, numbered_picture, read_number, write_sound, write_video
from numpy.typing import NDArray

from whenanime_pipeline.core.media.decode_report import DecodeReport
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.frame_sampler import FrameSampler, SampledFrame
from whenanime_pipeline.core.media.grid import Grid
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Video

PAL, NTSC = Fraction(25), Fraction(30000, 1001)
QUIET = {"x265-params": "log-level=error:bframes=4:b-pyramid=1", "preset": "ultrafast"}


def sample(path: Path, **options: float) -> tuple[list[SampledFrame], DecodeReport]:
    with FrameSampler(path, **options) as sampler:  # type: ignore[arg-type]
        return list(sampler), sampler.report


def assert_right_frames(samples: list[SampledFrame], rate: Fraction) -> None:
    for one in samples:
        exact = Fraction(one.time).limit_denominator(8) * rate
        # Matroska rounds to milliseconds: 3 % of a frame either way.
        number = read_number(one.picture)
        assert number - Fraction(3, 100) <= exact < number + 1 + Fraction(3, 100), one.time


@pytest.mark.parametrize(
    ("name", "rate", "codec", "options"),
    [
        ("film.mp4", FILM, "libx264", {}),
        ("film.mkv", FILM, "libx264", {}),
        ("film.mov", FILM, "libx264", {}),
        ("film.ts", FILM, "libx264", {}),
        ("film.avi", FILM, "libx264", {}),
        ("pal.mp4", PAL, "libx264", {}),
        ("ntsc.mkv", NTSC, "libx264", {}),
        ("sixty.mp4", Fraction(60), "libx264", {}),
        ("slow.mp4", Fraction(5), "libx264", {}),
        ("divx.avi", FILM, "mpeg4", {"bf": "2"}),
        ("dvd.mpg", PAL, "mpeg2video", {"bf": "2", "b": "2M"}),
        ("web.webm", FILM, "libvpx", {"deadline": "realtime", "cpu-used": "8"}),
        ("web9.webm", FILM, "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
        ("pyramid.mkv", FILM, "libx265", QUIET),
    ],
)
def test_each_sample_is_the_frame_shown_at_its_second(
    tmp_path: Path, name: str, rate: Fraction, codec: str, options: dict[str, str]
) -> None:
    frames = int(6 * rate)
    path = write_video(tmp_path / name, frames=frames, rate=rate, codec=codec, options=options)

    samples, report = sample(path)

    assert len(samples) == -(-frames * 8 // rate)
    assert [one.time for one in samples] == pytest.approx([k / 8 for k in range(len(samples))])
    assert_right_frames(samples, rate)
    assert report.warnings == ()
    assert report.missing_seconds == 0
    assert report.decoded_until == pytest.approx(float(frames / rate), abs=0.002)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_skipping_frames_leaves_samples_unchanged(tmp_path: Path, codec: str) -> None:
    """The samples equal those picked after decoding every frame."""
    options = {"bf": "6", "b_strategy": "0", "x264-params": "b-pyramid=normal:ref=4"}
    path = write_video(
        tmp_path / "film.mp4",
        frames=150,
        codec=codec,
        size=(320, 180),
        options=QUIET if codec == "libx265" else options,
        draw=_moving,
    )
    with av.open(path) as container:
        frames = list(container.decode(video=0))
    converter = FrameConverter(None, 320)

    samples, _ = sample(path)

    assert len(samples) == 51
    for one in samples:
        shown = [f for f in frames if (f.time or 0) <= one.time + 1e-6][-1]
        np.testing.assert_array_equal(one.picture, converter.to_picture(shown))


def test_skipping_decodes_fewer_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", frames=150, options={"bf": "3", "b_strategy": "0"})
    with Video(path, threads=2) as video:
        grid = Grid(0, Fraction(1, 8) / video.time_base)
        reader = TickFrameReader(video, grid)
        decoded = sum(1 for _ in reader._start_frames())

    assert 150 // 3 <= decoded < 120


def _moving(number: int, width: int, height: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    wave = 128 + 60 * np.sin((x + 3 * number) / 9) + 60 * np.sin((y - 2 * number) / 7)
    picture: NDArray[np.uint8] = wave.clip(0, 255).astype(np.uint8)
    return picture


def test_variable_frame_rate_is_sampled_without_gaps(tmp_path: Path) -> None:
    """Steps of 1/60 s to 3 s: held pictures are repeated, and nothing counts as missing."""
    seconds = np.cumsum([0, *[1 / 60, 1 / 24, 0.4, 3.0, 1 / 12] * 12])
    path = write_video(
        tmp_path / "vfr.mkv",
        frames=len(seconds),
        time=lambda number: Fraction(float(seconds[number])).limit_denominator(1000),
    )

    samples, report = sample(path)

    for one in samples:
        expected = {int(np.searchsorted(seconds, one.time + d, "right")) - 1 for d in (-2e-3, 2e-3)}
        assert read_number(one.picture) in expected
    assert len(samples) >= int(seconds[-1] * 8)
    assert report.missing_seconds == 0


def test_range_yields_the_samples_of_the_whole(tmp_path: Path) -> None:
    for name in ("film.mp4", "film.mkv", "film.ts"):
        path = write_video(tmp_path / name, frames=480, options={"g": "100"})
        whole, _ = sample(path)

        part, report = sample(path, start=7.3, end=12.5)

        expected = [one for one in whole if 7.3 <= one.time < 12.5]
        assert [one.time for one in part] == pytest.approx([one.time for one in expected])
        for one, same in zip(part, expected, strict=True):
            np.testing.assert_array_equal(one.picture, same.picture)
        assert report.warnings == ()


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_rotated_pictures_are_turned_upright(tmp_path: Path, rotation: int) -> None:
    path = write_video(tmp_path / "v.mp4", frames=24, rotation=rotation)
    with av.open(path) as container:
        angle = next(container.decode(video=0)).rotation  # counterclockwise

    samples, _ = sample(path)

    assert abs(angle) == abs(rotation)
    assert_looks_like(samples[2].picture, np.rot90(numbered_picture(5, 160, 90), angle // 90))


def test_mirrored_pictures_are_mirrored_back(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", frames=24, mirrored=True)

    samples, _ = sample(path)

    assert_looks_like(samples[2].picture, numbered_picture(5, 160, 90)[:, ::-1])


def assert_looks_like(picture: NDArray[np.uint8], stored: NDArray[np.uint8]) -> None:
    assert picture.shape[:2] == stored.shape
    expected = np.where(stored > 127, 235, 16)
    assert np.abs(picture[:, :, 0].astype(int) - expected).mean() < 8


def test_anamorphic_pictures_have_square_pixels(tmp_path: Path) -> None:
    path = write_video(tmp_path / "dvd.mkv", frames=24, size=(160, 120), aspect=Fraction(4, 3))

    samples, _ = sample(path, long_side=200)

    assert samples[0].picture.shape == (112, 200, 3)
    assert_right_frames(samples, FILM)


def test_interlaced_pictures_show_one_field(tmp_path: Path) -> None:
    """Even lines white, odd lines black: one field is all white, a woven frame is gray."""

    def combed(number: int, width: int, height: int) -> NDArray[np.uint8]:
        lines = np.where(np.arange(height) % 2 == 0, 235, 16).astype(np.uint8)
        return np.repeat(lines[:, None], width, axis=1)

    path = write_video(
        tmp_path / "tv.mkv",
        frames=25,
        rate=PAL,
        size=(320, 192),
        options={"flags": "+ildct+ilme", "x264-params": "tff=1", "crf": "5"},
        draw=combed,
    )
    progressive = write_video(
        tmp_path / "film.mkv", frames=25, rate=PAL, size=(320, 192), draw=combed
    )

    for one in sample(path, long_side=160)[0]:
        assert one.picture.shape == (96, 160, 3)
        assert one.picture.min() > 220
    for one in sample(progressive, long_side=160)[0]:
        assert 100 < one.picture.mean() < 150


def test_ten_bit_hevc_is_decoded(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "ten.mkv", frames=72, codec="libx265", pixel_format="yuv420p10le", options=QUIET
    )

    samples, _ = sample(path)

    assert_right_frames(samples, FILM)
    assert samples[0].picture.dtype == np.uint8


def test_file_without_declared_duration_is_sampled(tmp_path: Path) -> None:
    path = write_video(tmp_path / "live.mkv", frames=96, container_options={"live": "1"})

    samples, report = sample(path)

    assert report.duration is None
    assert len(samples) == 33
    assert report.warnings == ()


def test_gray_level_has_no_scaling_bias(tmp_path: Path) -> None:
    """Flat gray of a known level is decoded to within one level."""

    def flat(number: int, width: int, height: int) -> NDArray[np.uint8]:
        return np.full((height, width), 180, np.uint8)

    path = write_video(tmp_path / "v.mp4", frames=12, size=(640, 360), draw=flat)

    samples, _ = sample(path)

    assert np.abs(samples[0].picture.astype(int) - 180).max() <= 1


def test_cover_art_is_ignored(tmp_path: Path) -> None:
    path = write_video(tmp_path / "cover.mp4", frames=48, cover=True)

    samples, _ = sample(path)

    assert_right_frames(samples, FILM)


def test_longer_sound_does_not_count_as_missing_pictures(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", frames=48, sound_seconds=6.0)

    _, report = sample(path)

    assert report.warnings == ()


@pytest.fixture(scope="module")
def long_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("long")
    options = {"g": "48", "preset": "ultrafast", "bf": "3", "crf": "10"}
    return {
        kind: write_video(
            folder / f"film.{kind}",
            frames=960,
            options=options,
            container_options={"movflags": "faststart"} if kind == "mp4" else {},
        )
        for kind in ("mp4", "mkv", "ts")
    }


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_truncated_file_reports_the_missing_end(
    tmp_path: Path, long_files: dict[str, Path], kind: str
) -> None:
    data = long_files[kind].read_bytes()
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(data[: len(data) * 6 // 10])

    samples, report = sample(cut)

    assert 15 < report.decoded_until < 35
    assert len(samples) == pytest.approx(report.decoded_until * 8, abs=2)
    assert_right_frames(samples, FILM)
    assert report.missing_seconds == pytest.approx(40.04 - report.decoded_until, abs=0.01)
    assert any("are missing" in warning for warning in report.warnings)


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_damaged_middle_is_reported_and_decoding_continues(
    tmp_path: Path, long_files: dict[str, Path], kind: str
) -> None:
    data = bytearray(long_files[kind].read_bytes())
    middle, length = len(data) // 2, len(data) // 20
    noise = np.random.default_rng(1).integers(0, 256, length, dtype=np.uint8)
    data[middle : middle + length] = noise.tobytes()
    broken = tmp_path / f"broken.{kind}"
    broken.write_bytes(data)

    samples, report = sample(broken)

    assert samples[-1].time == 40.0  # decoding continued
    assert 0.5 < report.missing_seconds < 8
    assert len(samples) == pytest.approx(321 - 8 * report.missing_seconds, abs=2)
    assert any("no picture from" in warning for warning in report.warnings)
    times = np.array([one.time for one in samples])
    away = [one for one in samples if one.time < 15 or one.time > 27]
    assert_right_frames(away, FILM)
    assert np.diff(times).min() > 0


def test_flipped_timestamps_do_not_end_the_film(
    tmp_path: Path, long_files: dict[str, Path]
) -> None:
    data = bytearray(long_files["ts"].read_bytes())
    middle = len(data) // 2
    start = data.index(b"\x00\x00\x01\xe0", middle)  # a video PES header
    data[start + 9] ^= 0x0E  # the highest bits of its presentation time
    broken = tmp_path / "flipped.ts"
    broken.write_bytes(data)

    samples, report = sample(broken)

    assert samples[-1].time == pytest.approx(40.0)
    assert report.missing_seconds < 1


def test_files_without_video_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("this is not a video\n" * 99)
    playlist = tmp_path / "list.mp4"
    inner = write_video(tmp_path / "inner.ts", frames=24)
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\n{inner}\n#EXT-X-ENDLIST\n")
    empty = tmp_path / "empty.mkv"
    empty.touch()
    for path, reason in (
        (text, "not a readable video"),
        (playlist, "not a readable video"),
        (empty, "0 bytes"),
        (tmp_path / "missing.mp4", "No such file"),
        (tmp_path, "not a readable video"),
        (write_sound(tmp_path / "sound.mp4"), "no video stream"),
    ):
        with pytest.raises(MediaError, match=reason) as caught:
            sample(path)
        assert str(path) in str(caught.value)


def test_file_without_decodable_picture_is_refused(
    tmp_path: Path, long_files: dict[str, Path]
) -> None:
    data = bytearray(long_files["mp4"].read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    path = tmp_path / "blank.mp4"
    path.write_bytes(data)

    with pytest.raises(MediaError, match="not one picture"):
        sample(path)


def _still(number: int, width: int, height: int) -> NDArray[np.uint8]:
    return np.full((height, width), 99, np.uint8)


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_the_film(tmp_path: Path) -> None:
    """Frames of 1.4 MB: one leaked for each sample would be 60 MB."""
    path = write_video(
        tmp_path / "big.mp4",
        frames=240,
        size=(1280, 720),
        options={"preset": "ultrafast"},
        draw=_still,
    )
    gc.collect()
    gc.disable()  # frames must be freed without the garbage collector
    try:
        with FrameSampler(path, threads=2) as sampler:
            sizes = [_resident_bytes() for _ in sampler]
    finally:
        gc.enable()
    assert sizes[-1] - sizes[40] < 30e6
