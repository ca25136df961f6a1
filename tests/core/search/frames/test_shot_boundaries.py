from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.shot_boundaries import (
    CUT_BITS,
    MIN_SHOT_SECONDS,
    detect_shots,
)

STEP = 1 / 8


def bits(count: int) -> int:
    return (1 << count) - 1


def runs(lengths: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return first and last samples of runs that follow each other, each of so many samples."""
    firsts = np.cumsum([0, *lengths[:-1]])
    return firsts * STEP, (firsts + np.array(lengths) - 1) * STEP


def test_a_cut_is_a_shot_boundary() -> None:
    # A mouth moves in the first shot; the second comes back to the first's place.
    hashes = np.array([0, bits(5), bits(64)], np.uint64)
    frames = np.array([0, 1, 0, 2, 0])
    starts, ends = runs([8, 4, 12, 8, 8])
    shots = detect_shots(frames, starts, ends, hashes)
    assert [(shot.start, shot.end, shot.frame) for shot in shots] == [
        (0, 24 * STEP - STEP, 0),
        (24 * STEP, 31 * STEP, 2),
        (32 * STEP, 39 * STEP, 0),
    ]
    # The frame that is held longest, while it is held.
    assert starts[2] <= shots[0].at <= ends[2]
    for shot in shots:
        assert shot.start <= shot.at <= shot.end


def test_time_runs_may_be_unsorted() -> None:
    hashes = np.array([0, bits(64)], np.uint64)
    frames = np.array([0, 0, 1, 1])
    starts = np.array([0.0, 4.0, 2.0, 6.0])
    shots = detect_shots(frames, starts, starts + 1.5, hashes)
    assert [shot.start for shot in shots] == [0, 2, 4, 6]


@pytest.mark.parametrize(("differing", "shots"), [(CUT_BITS, 1), (CUT_BITS + 1, 2)])
def test_a_pan_has_no_shot_boundary(differing: int, shots: int) -> None:
    hashes = np.array([0, bits(differing)], np.uint64)
    starts, ends = runs([8, 8])
    assert len(detect_shots(np.array([0, 1]), starts, ends, hashes)) == shots


@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_flash_has_no_shot_boundary(where: int) -> None:
    lengths = [16, 16, 16]
    lengths[where] = int(MIN_SHOT_SECONDS / STEP) - 1
    starts, ends = runs(lengths)
    hashes = np.array([0, bits(64), bits(32)], np.uint64)
    shots = detect_shots(np.arange(3), starts, ends, hashes)
    assert len(shots) == 2
    assert shots[0].start == 0
    assert shots[-1].end == ends[-1]


def test_shots_cover_the_whole_video() -> None:
    random = np.random.default_rng(5)
    hashes = random.integers(0, 1 << 63, 40, np.uint64)
    frames = random.integers(0, 40, 200)
    starts, ends = runs(list(random.integers(1, 20, 200)))
    shots = detect_shots(frames, starts, ends, hashes)
    assert shots[0].start == starts[0]
    assert shots[-1].end == ends[-1]
    for before, after in pairwise(shots):
        assert after.start == pytest.approx(before.end + STEP)


def test_an_empty_video_has_no_shots() -> None:
    nothing = np.empty(0)
    assert detect_shots(nothing.astype(np.int64), nothing, nothing, nothing.astype(np.uint64)) == []
