from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.local import postings as postings_module
from whenanime_pipeline.core.search.local.postings import FeatureSource, PostingMatches, Postings
from whenanime_pipeline.core.search.local.stored import VideoFeatures

WORDS = 12


def video(seed: int, keys: int, per_key: int = 9) -> VideoFeatures:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, per_key, keys).astype(np.int32)
    count = int(counts.sum())
    return VideoFeatures(
        frames=np.sort(rng.choice(999, keys, replace=False)).astype(np.int32),
        counts=counts,
        words=rng.integers(0, WORDS, count).astype(np.uint16),
        # Codes of few bits, so that some are near each other.
        codes=rng.integers(0, 1 << 10, count).astype(np.uint64),
        geometry=rng.integers(0, 1 << 32, count).astype(np.uint32),
    )


def parts_of(videos: Sequence[VideoFeatures], first: int = 0) -> list[FeatureSource]:
    return [(first + number, lambda one=one: one) for number, one in enumerate(videos)]  # type: ignore[misc]


def rows_of(postings: Postings, found: PostingMatches) -> list[tuple[int, ...]]:
    """Return what was found as (query, content, frame, geometry, distance), sorted."""
    contents, frames = postings.contents[found.keyframe], postings.frames[found.keyframe]
    columns = (found.query, contents, frames, found.geometry, found.distance)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def brute_force(
    videos: Sequence[VideoFeatures],
    words: np.ndarray,
    codes: np.ndarray,
    allowed: int,
    chosen: set[int],
) -> list[tuple[int, ...]]:
    rows = []
    for content, one in enumerate(videos):
        if content not in chosen:
            continue
        frames = np.repeat(one.frames, one.counts)
        for query, (own_words, own_codes) in enumerate(zip(words, codes, strict=True)):
            for word, code in zip(own_words.tolist(), own_codes.tolist(), strict=True):
                for at in np.flatnonzero(one.words == word).tolist():
                    distance = (int(one.codes[at]) ^ code).bit_count()
                    if distance <= allowed:
                        place = int(one.geometry[at])
                        rows.append((query, content, int(frames[at]), place, distance))
    return sorted(rows)


def _query(seed: int, count: int, nearest: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    words = np.stack([rng.permutation(WORDS)[:nearest] for _ in range(count)]).astype(np.uint16)
    return words, rng.integers(0, 1 << 10, words.shape).astype(np.uint64)


@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(0, 6), max_size=5),
    allowed=st.integers(0, 6),
    chosen=st.sets(st.integers(0, 4)),
)
@settings(deadline=None, max_examples=60)
def test_a_search_equals_an_exhaustive_comparison(
    seed: int, sizes: list[int], allowed: int, chosen: set[int]
) -> None:
    videos = [video(seed + number, size) for number, size in enumerate(sizes)]
    postings = Postings.build(parts_of(videos), WORDS)
    words, codes = _query(seed, 5, 3)
    found = postings.search(words, codes, allowed)
    everything = brute_force(videos, words, codes, allowed, set(range(5)))
    assert rows_of(postings, found) == everything
    assert (np.diff(found.query) >= 0).all()
    only = postings.search(words, codes, allowed, np.isin(postings.contents, list(chosen)))
    assert rows_of(postings, only) == brute_force(videos, words, codes, allowed, chosen)


def test_long_posting_lists_yield_what_short_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    postings = Postings.build(parts_of([video(seed, 40) for seed in range(3)]), WORDS)
    words, codes = _query(1, 20, 4)
    for wanted in (None, postings.contents == 1):
        ways = []
        for short in (0, 1 << 30):
            monkeypatch.setattr(postings_module, "_SHORT", short)
            ways.append(postings.search(words, codes, 3, wanted))
        assert len(ways[0].query) > 100
        for name in ("query", "keyframe", "geometry", "distance"):
            one, other = (getattr(way, name) for way in ways)
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype


def test_postings_on_disk_equal_those_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A few features at once, so that several batches are put together.
    monkeypatch.setattr(postings_module, "_CHUNK", 25)
    videos = [video(seed, 7) for seed in range(6)]
    memory = Postings.build(parts_of(videos, 40), WORDS)
    Postings.write(tmp_path / "segment", parts_of(videos, 40), WORDS)
    mapped = Postings.open(tmp_path / "segment")
    for name in ("starts", "codes", "keys", "geometry", "contents", "frames", "counts"):
        np.testing.assert_array_equal(getattr(mapped, name), getattr(memory, name))
    monkeypatch.undo()
    at_once = Postings.build(parts_of(videos, 40), WORDS)
    np.testing.assert_array_equal(at_once.keys, memory.keys)


def test_an_empty_query_has_no_matches() -> None:
    postings = Postings.build(parts_of([video(1, 9)]), WORDS)
    words, codes = _query(1, 1, 4)
    assert len(postings.search(words[:0], codes[:0], 64).query) == 0


def test_postings_without_features_are_searchable(tmp_path: Path) -> None:
    for videos in ([], [video(0, 0)], [video(0, 3, 1)]):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        Postings.write(folder, parts_of(videos), WORDS)
        postings = Postings.open(folder)
        assert len(postings) == 0
        assert len(postings.search(*_query(1, 4, 2), 64).query) == 0
    assert len(postings.frames) == 3


@pytest.mark.parametrize("name", ["starts", "codes", "keys", "counts"])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "segment"
    Postings.write(folder, parts_of([video(1, 5)]), WORDS)
    whole = np.load(folder / f"{name}.npy")
    (folder / f"{name}.npy").unlink()
    with pytest.raises(SnapshotError, match="segment"):
        Postings.open(folder)
    (folder / f"{name}.npy").write_bytes(b"?")
    with pytest.raises(SnapshotError, match="segment"):
        Postings.open(folder)
    np.save(folder / f"{name}.npy", whole[:-1])
    with pytest.raises(SnapshotError, match="fit"):
        Postings.open(folder)
    np.save(folder / f"{name}.npy", whole)
    assert len(Postings.open(folder)) == int(Postings.open(folder).counts.sum())
