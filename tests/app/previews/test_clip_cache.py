"""Bounds of clips, and their cache."""

import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_app.previews.clip_cache import (
    MAX_CLIP_SECONDS,
    MIN_CLIP_SECONDS,
    ClipCache,
    compute_clip_bounds,
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    duration = draw(st.floats(0.1, 10_000))
    start, at, end = sorted(draw(st.floats(0, duration)) for _ in range(3))
    return start, at, end, duration


@given(scenes())
def test_clip_is_within_the_video_and_contains_the_best_hit(
    scene: tuple[float, float, float, float],
) -> None:
    start, at, end, duration = scene
    begin, finish = compute_clip_bounds(start, at, end, duration)
    assert 0 <= begin < finish <= duration + 1e-6
    assert begin - 1e-6 <= at <= finish + 1e-6
    assert min(MIN_CLIP_SECONDS, duration) - 1e-6 <= finish - begin <= MAX_CLIP_SECONDS + 1e-6


def test_scene_of_allowed_length_is_the_clip() -> None:
    assert compute_clip_bounds(100.0, 101.0, 104.0, 1440.0) == (100.0, 104.0)


def test_unknown_duration_is_no_limit() -> None:
    assert compute_clip_bounds(100.0, 100.0, 100.0, 0.0) == (99.0, 101.0)


def test_concurrent_requests_create_a_clip_once(tmp_path: Path) -> None:
    cache, made, ready = ClipCache(tmp_path / "clips", 1 << 20), [], threading.Barrier(6)

    def make() -> bytes:
        made.append(1)
        return b"clip"

    def request() -> None:
        ready.wait()
        assert cache.get_or_create("key", make).read_bytes() == b"clip"

    threads = [threading.Thread(target=request) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_failed_clip_is_not_cached(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path / "clips", 1 << 20)

    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get_or_create("key", fail)
    assert cache.get_or_create("key", lambda: b"later").read_bytes() == b"later"


def test_least_recently_used_clips_are_evicted_unless_in_use(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path, 250)
    old, older = (cache.get_or_create(name, lambda: bytes(100)) for name in ("old", "older"))
    for path, age in ((old, 100), (older, 200)):
        os.utime(path, (time.time() - age,) * 2)
    new = cache.get_or_create("new", lambda: bytes(100))
    assert (old.exists(), older.exists(), new.exists()) == (True, False, True)
    newer = cache.get_or_create("newer", lambda: bytes(300))
    assert (old.exists(), new.exists(), newer.exists()) == (False, True, True)
