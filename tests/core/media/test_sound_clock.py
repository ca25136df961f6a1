"""Frames of sound in time: lost packets leave holes, and wrong times move nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.media.sound_clock import place_frames

_LENGTH = 0.02


@dataclass(frozen=True, slots=True)
class _Frame:
    time: float | None
    samples: int = 960
    sample_rate: int = 48_000


def _place(times: Sequence[float | None]) -> list[tuple[float | None, bool]]:
    placed = place_frames([_Frame(time) for time in times])
    return [(None if at is None else round(at, 6), is_leap) for at, is_leap, _ in placed]


def _seconds(*numbers: int) -> list[float]:
    return [number * _LENGTH for number in numbers]


def test_frames_follow_each_other() -> None:
    assert _place(_seconds(5, 6, 7)) == [(0.1, True), (0.12, False), (0.14, False)]


def test_frames_after_a_lost_packet_keep_their_time() -> None:
    assert _place(_seconds(0, 1, 4, 5)) == [(0, True), (0.02, False), (0.08, True), (0.1, False)]


@pytest.mark.parametrize("wrong", [1000.0, 0.0, -5.0, 0.055])
def test_one_wrong_time_moves_nothing(wrong: float) -> None:
    times = _seconds(*range(8))
    placed = _place([*times[:3], wrong, *times[4:]])
    assert [at for at, _ in placed] == pytest.approx(times)
    assert [is_leap for _, is_leap in placed] == [True, *[False] * 7]


def test_frames_without_times_follow_the_last_one() -> None:
    assert _place([0.1, None, None]) == [(0.1, True), (0.12, False), (0.14, False)]
    assert _place([None, 0.5, 0.52]) == [(None, False), (0.5, True), (0.52, False)]


def test_a_frame_that_fits_neither_neighbour_is_left_out() -> None:
    assert _place([0.0, 0.02, 7.0, 3.0, 3.02]) == [
        (0.0, True), (0.02, False), (3.0, True), (3.02, False)
    ]  # fmt: skip


@given(
    jitter=st.lists(st.floats(-0.004, 0.004), min_size=3, max_size=60),
    lost=st.sets(st.integers(2, 50), max_size=5),
)
def test_seconds_are_within_the_tolerance(jitter: list[float], lost: set[int]) -> None:
    kept = [number for number in range(len(jitter)) if number not in lost]
    frames = [_Frame(number * _LENGTH + jitter[number]) for number in kept]
    for at, _, frame in place_frames(frames):
        assert at == pytest.approx(frame.time, abs=0.0101)
