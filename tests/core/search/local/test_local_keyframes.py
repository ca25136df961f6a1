from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.local.keyframes import (
    CUT_BITS,
    CUT_GAP,
    LONGEST_GAP,
    MIN_HELD_SECONDS,
    MOVED_BITS,
    select_keyframes,
)

STEP = 1 / 8


def _bits(count: int) -> int:
    return (1 << count) - 1


def test_the_first_frame_after_a_cut_is_a_keyframe() -> None:
    starts = [0.0, 0.125, 0.25, 0.375]
    hashes = [0, 0, _bits(CUT_BITS), _bits(CUT_BITS)]
    assert select_keyframes(starts, [STEP] * 4, hashes).tolist() == [0, 2]


def test_a_still_shot_has_a_keyframe_per_second() -> None:
    starts = [n * STEP for n in range(33)]
    assert select_keyframes(starts, [STEP] * 33, [0] * 33).tolist() == [0, 8, 16, 24, 32]


def test_motion_has_two_keyframes_per_second() -> None:
    starts = [n * STEP for n in range(17)]
    hashes = [_bits(MOVED_BITS) if n // 4 % 2 else 0 for n in range(17)]
    assert select_keyframes(starts, [STEP] * 17, hashes).tolist() == [0, 4, 8, 12, 16]


def test_a_frame_held_after_motion_is_a_keyframe() -> None:
    hashes = [0, _bits(MOVED_BITS), _bits(MOVED_BITS)]
    assert select_keyframes([0, 0.25, 0.375], [STEP, STEP, 5.0], hashes).tolist() == [0, 2]


def test_a_video_without_frames_has_no_keyframes() -> None:
    assert select_keyframes([], [], []).dtype == np.int32
    assert len(select_keyframes([], [], [])) == 0


@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(0, 40), st.integers(0, (1 << 64) - 1)),
        min_size=1,
        max_size=80,
    )
)
def test_gaps_between_keyframes_are_bounded(rows: list[tuple[int, int, int]]) -> None:
    starts = np.cumsum([gap * STEP for gap, _, _ in rows])
    shown = [held * STEP for _, held, _ in rows]
    keys = select_keyframes(starts.tolist(), shown, [own for _, _, own in rows])
    assert keys[0] == 0
    gaps = np.diff(starts[keys])
    chosen = set(keys.tolist())
    for one, other in pairwise(keys.tolist()):
        held = shown[other] >= MIN_HELD_SECONDS
        assert held or starts[other] - starts[one] >= CUT_GAP
    # A frame that is left out has a keyframe less than a second before it.
    for number in range(len(rows)):
        before = max(key for key in chosen if key <= number)
        assert starts[number] - starts[before] < LONGEST_GAP
    assert (gaps > 0).all()
