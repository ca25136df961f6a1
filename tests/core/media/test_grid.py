"""Arithmetic of ticks and timestamps, for any rate and any order of packets."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.media.grid import GapDetector, Grid, PresentationWindow

steps = st.fractions(min_value=Fraction(1, 10), max_value=100_000)


@given(st.integers(-(10**9), 10**9), steps, st.lists(st.integers(0, 10**7), min_size=2))
def test_every_tick_falls_on_exactly_one_frame(
    origin: int, step: Fraction, offsets: list[int]
) -> None:
    times = sorted({origin + offset for offset in offsets})
    grid = Grid(origin, step)
    ticks = [grid.between(a, b) for a, b in pairwise(times)]
    for before, after in pairwise(ticks):
        assert before.stop == after.start
    for (a, b), numbers in zip(pairwise(times), ticks, strict=True):
        for number in (numbers[:1], numbers[-1:]):
            for one in number:
                assert a <= origin + one * step < b


@given(st.permutations(range(12)), st.integers(0, 11))
def test_window_returns_the_next_presentation_time(order: list[int], chosen: int) -> None:
    window = PresentationWindow(keep=16)
    for time in order:
        window.add(10 * time)
    following = window.next_after(10 * chosen)
    assert following == (None if chosen == 11 else 10 * chosen + 10)


def test_window_drops_old_times() -> None:
    window = PresentationWindow(keep=4)
    for time in range(10_000):
        window.add(time)
        window.next_after(time)
    assert len(window._times) <= 6


def test_long_step_is_a_gap_only_at_constant_frame_rate() -> None:
    regular, irregular = GapDetector(), GapDetector()
    for number in range(200):
        assert not regular.detect_gap(40 + number % 2, 500)
        assert not irregular.detect_gap(40 if number % 5 else 400, 500)
    assert regular.detect_gap(2000, 500)
    assert not irregular.detect_gap(2000, 500)
