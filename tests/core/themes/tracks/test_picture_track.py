"""Picture tracks: the frame on screen in each row, cuts, and what was not sampled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.tracks.episode_tracks import PICTURE_HOP
from whenanime_pipeline.core.themes.tracks.picture_track import FramePart, make_picture_track

_HALF = (1 << 32) - 1


def _pictures(
    runs: list[tuple[int, float, float]],
    *,
    vectors: list[list[float]] | None = None,
    hashes: list[int] | None = None,
) -> FramePart:
    """Return frames of runs `(frame, first sample, last sample)`; neighbours differ."""
    count = max((frame for frame, _, _ in runs), default=-1) + 1
    frames, starts, ends = zip(*runs, strict=True) if runs else ((), (), ())
    return FramePart(
        frames=np.array(frames, np.int64),
        starts=np.array(starts, np.float64),
        ends=np.array(ends, np.float64),
        hashes=np.array(hashes or [_HALF if n % 2 else 0 for n in range(count)], np.uint64),
        vectors=np.array(vectors, np.float32) if vectors else np.eye(count, dtype=np.float32),
        is_flat=np.arange(count) % 2 == 1,
    )


def test_rows_show_what_is_on_screen_in_their_middle() -> None:
    part = _pictures([(0, 0, 0.875), (1, 1, 1.375), (0, 1.5, 1.5), (2, 1.625, 1.875)])
    track = make_picture_track([part], fps=8, duration=2.0)
    assert track.frames.tolist() == [*[0] * 8, *[1] * 4, 0, *[2] * 3]
    assert track.frames.dtype == np.int32
    assert track.is_flat.tolist() == [False, True, False]


@pytest.mark.parametrize("fps", [1.0, 2.0, 5.0, 8.0, 24.0])
def test_the_grid_does_not_depend_on_the_sampling(fps: float) -> None:
    times = np.arange(0, 6, 1 / fps)
    shown = (times >= 2).astype(int) + (times >= 4)
    runs = [(n, float(times[shown == n][0]), float(times[shown == n][-1])) for n in range(3)]
    track = make_picture_track([_pictures(runs)], fps=fps, duration=6.0)
    assert len(track.frames) == 48
    expected = ((np.arange(48) + 0.5) * PICTURE_HOP // 2).astype(int)
    assert np.mean(track.frames == expected) > 0.9
    assert (track.frames >= 0).all()
    assert track.cuts == pytest.approx([2, 4], abs=1 / fps)


def test_seconds_without_samples_show_nothing() -> None:
    part = _pictures([(0, 0, 0.875), (1, 2, 2.875)])
    track = make_picture_track([part], fps=8, duration=4.0)
    assert track.frames.tolist() == [*[0] * 8, *[-1] * 8, *[1] * 8, *[-1] * 8]
    assert track.cuts.tolist() == []  # when it changed, nobody knows


def test_skipped_seconds_are_joined_in_order_of_time() -> None:
    indexed = _pictures([(0, 1, 1.875), (1, 2, 2.875)])
    skipped = _pictures([(0, 0, 0.875), (1, 3, 3.875)])
    track = make_picture_track([indexed, skipped], fps=8, duration=4.0)
    assert track.frames.tolist() == [*[2] * 8, *[0] * 8, *[1] * 8, *[3] * 8]
    assert len(track.vectors) == len(track.hashes) == len(track.is_flat) == 4


def test_a_cut_changes_embedding_and_hash() -> None:
    near, far = [0.8, 0.6, 0, 0], [0.0, 0, 1, 0]
    part = _pictures(
        [(0, 0, 0.875), (1, 1, 1.875), (2, 2, 2.875), (3, 3, 3.875)],
        vectors=[[1, 0, 0, 0], near, far, [0, 0, 0, 1]],
        hashes=[0, _HALF, 0, 0b111],
    )
    track = make_picture_track([part], fps=8, duration=4.0)
    # From 0 to 1 the hash alone changes, from 2 to 3 the embedding alone.
    assert track.cuts.tolist() == [2.0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20)), max_size=12), st.floats(0, 40))
def test_any_runs_make_a_track(shots: list[tuple[int, int]], duration: float) -> None:
    runs, at = [], 0.0
    for frame, samples in shots:
        runs.append((frame, at, at + (samples - 1) / 8))
        at += samples / 8
    track = make_picture_track([_pictures(runs)], fps=8, duration=duration)
    assert len(track.frames) == np.ceil(round(duration / PICTURE_HOP, 6))
    expected = np.repeat([frame for frame, _ in shots], [count for _, count in shots])
    length = min(len(expected), len(track.frames))
    np.testing.assert_array_equal(track.frames[:length], expected[:length])
    assert (track.frames[len(expected) :] == -1).all()
    assert (np.diff(track.cuts) > 0).all()
