import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.scenes import SCENE_GAP, Hit, moment, stretches

STEP = 1 / 8


def _hit(start: float, end: float, score: float = 0.5, *, content: int = 0, frame: int = 0) -> Hit:
    return Hit(content, frame, start, end, STEP, score, score, score)


hits = st.lists(
    st.builds(
        lambda content, start, length, score: _hit(
            start / 8, (start + length) / 8, score, content=content, frame=start
        ),
        st.integers(0, 3),
        st.integers(0, 400),
        st.integers(0, 20),
        st.floats(0, 1),
    ),
    max_size=30,
)


@given(hits)
def test_stretches_lie_apart_and_hold_their_best_hit(found: list[Hit]) -> None:
    merged = stretches(found)
    assert {hit.content for hit in found} == {one.content for one in merged}
    for one in merged:
        assert one.start <= one.best.start <= one.at <= one.best.end <= one.end
        for other in merged:
            if one is not other and one.content == other.content and one.start <= other.start:
                assert other.start - one.end >= SCENE_GAP


def test_only_what_resembles_the_query_widens_a_scene() -> None:
    found = [_hit(8, 9, 0.5, frame=1), _hit(10, 11, 0.99, frame=2), _hit(11.5, 12, 0.97, frame=3)]
    (scene,) = stretches(found)
    assert (scene.start, scene.end) == (10, 12)


@given(hits)
def test_the_best_stretch_comes_first(found: list[Hit]) -> None:
    merged = stretches(found)
    assert [s.best.score for s in merged] == sorted((s.best.score for s in merged), reverse=True)
    if found:
        assert merged[0].best.score == max(hit.score for hit in found)


def test_hits_of_one_scene_are_merged_up_to_the_gap() -> None:
    near = [_hit(10, 10, frame=1), _hit(14.9, 14.9, frame=2)]
    assert len(stretches(near)) == 1
    far = [_hit(10, 10, frame=1), _hit(15, 15, frame=2)]
    assert len(stretches(far)) == 2


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [(None, 11.0), (10.3, 10.25), (9.0, 10.0), (99.0, 12.0)],
)
def test_a_moment_is_the_sampled_second_nearest_to_the_evidence(
    evidence: float | None, expected: float
) -> None:
    assert moment(10.0, 12.0, evidence, step=STEP) == expected


@given(st.integers(0, 1000), st.integers(0, 100), st.none() | st.floats(0, 200))
def test_a_moment_is_one_of_the_sampled_seconds(
    first: int, samples: int, evidence: float | None
) -> None:
    start, end = first * STEP, (first + samples) * STEP
    at = moment(start, end, evidence, step=STEP)
    assert start <= at <= end
    assert (at / STEP) == pytest.approx(round(at / STEP))
