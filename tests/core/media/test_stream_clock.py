"""Clocks of streams that start again, wrap at 2^33 or leap, as packets and as files."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbered_video import numbered_picture, read_number, write_video

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.stream_clock import ClockPosition, continue_clock, restamp
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

_BASE = Fraction(1, 90_000)
_STEP = 3_750  # 24 frames a second
_RATE = Fraction(24)
_CYCLE = 1 << 33


@dataclass(slots=True)
class _Packet:
    pts: int | None
    dts: int | None
    pos: int | None
    is_keyframe: bool = False


def _run(first: int, count: int, *, byte: int = 0) -> list[_Packet]:
    times = (first + number * _STEP for number in range(count))
    return [
        _Packet(time % _CYCLE, time % _CYCLE, byte + 188 * number, number % 24 == 0)
        for number, time in enumerate(times)
    ]


def _continued(packets: list[_Packet]) -> list[int]:
    clock = continue_clock(packets, time_base=_BASE, frame_duration=1 / _RATE)
    assert clock is not None
    position = ClockPosition(clock.marks)
    times = []
    for packet in packets:
        copy = replace(packet)
        restamp(copy, position.shift_at(copy.pos or 0))
        assert copy.pts is not None
        times.append(copy.pts)
    assert clock.end == times[-1] + _STEP
    return times


@pytest.mark.parametrize("second", [0, 90_000, 700_000_000, 130_000 + 40 * 90_000])
def test_time_goes_on_after_a_join(second: int) -> None:
    packets = _run(130_000, 200) + _run(second, 200, byte=200 * 188)
    assert _continued(packets) == [130_000 + number * _STEP for number in range(400)]


@given(st.integers(_CYCLE - 190 * _STEP, _CYCLE - 1))
def test_time_goes_on_over_the_wrap(first: int) -> None:
    assert _continued(_run(first, 200)) == [first + number * _STEP for number in range(200)]


def test_lost_data_stay_a_gap() -> None:
    packets = _run(0, 100) + _run(8 * 90_000, 100, byte=18_800)
    clock = continue_clock(packets, time_base=_BASE, frame_duration=1 / _RATE)
    assert clock is not None
    assert clock.marks == ()


@pytest.mark.parametrize("wrong", [0, 5_000_000_000])
def test_a_damaged_time_is_no_new_clock(wrong: int) -> None:
    packets = _run(1_000_000, 200)
    packets[100] = replace(packets[100], pts=wrong, dts=wrong)
    clock = continue_clock(packets, time_base=_BASE, frame_duration=1 / _RATE)
    assert clock is not None
    assert clock.marks == ()


def _write_stream(path: Path, first: int, frames: int, start: Fraction, codec: str) -> bytes:
    """Write `frames` pictures, numbered from `first`, whose clock begins at a second."""
    write_video(
        path,
        frames=frames,
        rate=_RATE,
        codec=codec,
        options={"g": "24", "bf": "2"},
        container_format="mpegts",
        container_options={"output_ts_offset": f"{float(start):.6f}"},
        draw=lambda number, width, height: numbered_picture(first + number, width, height),
    )
    return path.read_bytes()


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
@pytest.mark.parametrize("starts", [(0, 0, 0), (5_000, 0, 20), (10, 4_000, 0)])
def test_joined_parts_are_found_at_the_seconds_that_follow(
    tmp_path: Path, codec: str, starts: tuple[int, int, int]
) -> None:
    path = tmp_path / "joined.ts"
    path.write_bytes(
        b"".join(
            _write_stream(tmp_path / "part.ts", 240 * part, 240, Fraction(start), codec)
            for part, start in enumerate(starts)
        )
    )
    reading = probe_reading(path)
    assert reading.end == pytest.approx(30, abs=0.2)
    with FrameSampler(path, fps=4, reading=reading) as sampler:
        found = [(sample.time, read_number(sample.picture)) for sample in sampler]
        assert sampler.report.warnings == ()
    assert len(found) == pytest.approx(120, abs=1)
    assert [number for time, number in found if abs(number - time * 24) > 1.01] == []
    for second in (3.3, 12.3, 16.9, 23.3, 29.3):
        assert read_number(decode_frame_at(path, second, reading=reading)) == pytest.approx(
            second * 24, abs=1.5
        )
        preview = cut_mp4_preview(path, second, second + 1, reading=reading)
        assert _first_number(preview.data, tmp_path) == pytest.approx(second * 24, abs=1.5)


def _first_number(data: bytes, folder: Path) -> int:
    (folder / "preview.mp4").write_bytes(data)
    with av.open(folder / "preview.mp4") as container:
        return read_number(next(container.decode(video=0)).to_ndarray(format="rgb24"))


def test_a_stream_that_wraps_keeps_its_time(tmp_path: Path) -> None:
    path = tmp_path / "wrap.ts"
    start = Fraction(_CYCLE, 90_000) - 4
    path.write_bytes(_write_stream(tmp_path / "part.ts", 0, 240, start, "mpeg2video"))
    reading = probe_reading(path)
    assert reading.marks
    for second in (1.3, 3.9, 4.1, 8.3):
        assert read_number(decode_frame_at(path, second, reading=reading)) == pytest.approx(
            second * 24, abs=1.5
        )


def test_a_plain_stream_is_read_as_before(tmp_path: Path) -> None:
    path = tmp_path / "plain.ts"
    path.write_bytes(_write_stream(path, 0, 240, Fraction(3), "libx264"))
    assert probe_reading(path) == FileReading()
