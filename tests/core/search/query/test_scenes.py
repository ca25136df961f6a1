"""The moment returned for a run of equal frames, and the bounds of a scene."""

from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.query.scenes import SCENE_GAP, expand_run, find_middle_sample

RUNS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 40)).map(
        lambda run: (run[0] / 8, (run[0] + run[1]) / 8)
    ),
    min_size=1,
    max_size=12,
)


@given(start=st.integers(0, 10_000), samples=st.integers(0, 400))
def test_the_moment_of_a_run_is_its_middle_sample(start: int, samples: int) -> None:
    found = find_middle_sample(start / 8, (start + samples) / 8, step=1 / 8)
    assert start / 8 <= found <= (start + samples) / 8
    assert found * 8 == int(found * 8)
    assert abs(found - (start + samples / 2) / 8) <= 1 / 8


@given(runs=RUNS, number=st.integers(0, 11))
def test_a_scene_contains_its_run_and_ends_at_the_next_gap(
    runs: list[tuple[float, float]], number: int
) -> None:
    shown = runs[number % len(runs)]
    start, end = expand_run(shown, runs)
    assert start <= shown[0] <= shown[1] <= end
    for first, last in runs:
        inside = start <= first and last <= end
        assert inside or last < start - SCENE_GAP or first > end + SCENE_GAP


def test_a_repetition_much_later_is_another_scene() -> None:
    assert expand_run((10, 11), [(10, 11), (12, 13), (40, 41)]) == (10, 13)
