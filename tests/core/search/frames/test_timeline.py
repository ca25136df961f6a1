import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.frames.timeline import FrameRun, Timeline

# Frame 0 comes back; between 3 and 6 s nothing could be decoded.
TIMELINE = Timeline(np.array([0, 0, 1, 2]), np.array([0.0, 6.0, 1.0, 2.0]),
                    np.array([0.875, 7.0, 1.875, 3.0]))  # fmt: skip


@pytest.mark.parametrize(
    ("second", "frame"),
    [(0.0, 0), (0.5, 0), (0.9, 0), (0.99, 1), (1.0, 1), (2.5, 2), (4.0, 2), (5.0, 0), (6.5, 0)],
)
def test_a_second_maps_to_the_frame_shown_then(second: float, frame: int) -> None:
    assert TIMELINE.at(second).frame == frame


def test_seconds_outside_map_to_the_first_and_last_frame() -> None:
    assert TIMELINE.at(-5) == FrameRun(0, 0.0, 0.875)
    assert TIMELINE.at(1e9) == FrameRun(0, 6.0, 7.0)
    assert TIMELINE.end == 7.0


@given(st.integers(1, 50), st.integers(0, 10_000))
def test_every_sample_maps_to_its_own_frame(count: int, seed: int) -> None:
    starts = np.cumsum(np.random.default_rng(seed).integers(1, 9, count)) / 8
    shuffled = np.random.default_rng(seed).permutation(count)
    timeline = Timeline(shuffled, starts[shuffled], starts[shuffled])
    assert [timeline.at(second).frame for second in starts] == list(range(count))


def test_an_empty_timeline_is_an_error() -> None:
    with pytest.raises(LookupError):
        Timeline(np.array([], np.int64), np.array([]), np.array([]))
