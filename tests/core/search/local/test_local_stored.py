from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.local.stored import (
    VideoFeatures,
    read_local_features,
    write_local_features,
)


def _features(counts: list[int]) -> VideoFeatures:
    rng = np.random.default_rng(len(counts))
    total = sum(counts)
    return VideoFeatures(
        frames=2 * np.arange(len(counts), dtype=np.int32),
        counts=np.array(counts, np.int32),
        words=rng.integers(0, 8192, total).astype(np.uint16),
        codes=rng.integers(0, 1 << 64, total, np.uint64),
        geometry=rng.integers(0, 1 << 32, total).astype(np.uint32),
    )


@given(counts=st.lists(st.integers(0, 20), max_size=10))
def test_local_features_round_trip(
    counts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("local") / "new" / "one.npz"
    features = _features(counts)
    write_local_features(path, features)
    found = read_local_features(path, 2 * len(counts))
    for name in ("frames", "counts", "words", "codes", "geometry"):
        np.testing.assert_array_equal(getattr(found, name), getattr(features, name))
        assert getattr(found, name).dtype == getattr(features, name).dtype
    assert [file.name for file in path.parent.iterdir()] == ["one.npz"]


def test_a_feature_takes_fourteen_bytes(tmp_path: Path) -> None:
    write_local_features(tmp_path / "one.npz", _features([150] * 100))
    assert (tmp_path / "one.npz").stat().st_size / 15_000 < 14.2


def test_any_damaged_byte_of_the_arrays_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    write_local_features(path, _features([3, 0, 9]))
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            found = read_local_features(path, 6)
        except FramesError as error:
            assert "one.npz" in str(error)  # noqa: PT017 - some bytes are dates and are not read
        else:
            for name in ("frames", "counts", "words", "codes", "geometry"):
                np.testing.assert_array_equal(
                    getattr(found, name), getattr(_features([3, 0, 9]), name)
                )


def test_missing_truncated_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    with pytest.raises(FramesError, match=r"one\.npz"):
        read_local_features(path, 6)
    write_local_features(path, _features([3, 4, 5]))
    with pytest.raises(FramesError, match="fit"):
        read_local_features(path, 4)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FramesError, match="not a whole file"):
        read_local_features(path, 6)
    np.savez(path, frames=np.zeros(3, np.int32))
    with pytest.raises(FramesError, match="not a whole file"):
        read_local_features(path, 6)
