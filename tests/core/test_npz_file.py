from pathlib import Path

import numpy as np
import pytest

from whenanime_pipeline.core.npz_file import NpzError, decode_json, encode_json, read_npz, write_npz


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "one.npz"
    write_npz(
        path, {"a": np.arange(5, dtype=np.int8), "about": encode_json({"title": "題", "n": 1})}
    )
    found = read_npz(path, {"a": (np.int8, 1), "about": (np.uint8, 1)})
    np.testing.assert_array_equal(found["a"], np.arange(5))
    assert decode_json(found["about"]) == {"title": "題", "n": 1}
    assert [file.name for file in path.parent.iterdir()] == ["one.npz"]


@pytest.mark.parametrize("kind", [(np.int16, 1), (np.int8, 2)])
def test_arrays_of_another_kind_are_refused(tmp_path: Path, kind: tuple[type, int]) -> None:
    path = tmp_path / "one.npz"
    write_npz(path, {"a": np.arange(5, dtype=np.int8)})
    with pytest.raises(NpzError, match="its a are int8 of 1 dimensions"):
        read_npz(path, {"a": kind})
    with pytest.raises(NpzError):
        read_npz(path, {"b": (np.int8, 1)})


def test_damage_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    with pytest.raises(NpzError):
        read_npz(path, {"a": (np.int8, 1)})
    write_npz(path, {"a": np.arange(500, dtype=np.int8)})
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    with pytest.raises(NpzError):
        read_npz(path, {"a": (np.int8, 1)})
    at = whole.index(bytes(range(90, 100)))
    path.write_bytes(whole[:at] + b"\0" + whole[at + 1 :])
    with pytest.raises(NpzError):
        read_npz(path, {"a": (np.int8, 1)})
    with pytest.raises(NpzError):
        decode_json(np.frombuffer(b"{", np.uint8))
