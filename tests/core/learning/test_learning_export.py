import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from painted_frames import SMALL, paint_frame, small_network

from whenanime_pipeline.core.learning.errors import ExportError, WeightsError
from whenanime_pipeline.core.learning.network.export import (
    ExportedModel,
    _check_agreement,
    export_network,
    write_model,
)
from whenanime_pipeline.core.learning.network.weights import (
    WEIGHTS_FILE,
    load_network,
    load_weights,
    pack_weights,
    round_to_half,
)
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.search.embedding.embedder import Embedder

PICTURES = np.stack([squeeze_to_square(paint_frame(seed), SMALL.size) for seed in range(5)])


@pytest.fixture(scope="module")
def exported() -> ExportedModel:
    return export_network(small_network(), PICTURES)


def test_the_exported_model_gives_the_networks_vectors(
    exported: ExportedModel, tmp_path: Path
) -> None:
    name = write_model(tmp_path, exported, {"recipe": {"steps": 0}})
    embedder = Embedder.load(tmp_path)
    assert (embedder.model_id, embedder.dimension) == (name, SMALL.dimension)
    with torch.inference_mode():
        trained = small_network().eval()(torch.from_numpy(PICTURES)).numpy()
        kept = load_network(tmp_path)(torch.from_numpy(PICTURES)).numpy()
    found = embedder.embed(list(PICTURES))
    one_by_one = np.concatenate([embedder.embed([picture]) for picture in PICTURES])
    for other in (trained, kept, one_by_one):
        assert (found * other).sum(1).min() > 0.9999
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "meta.json", "model.onnx", WEIGHTS_FILE,
    ]  # fmt: skip


def test_other_weights_or_another_use_have_another_id(
    exported: ExportedModel, tmp_path: Path
) -> None:
    other = replace(exported, onnx=exported.onnx + b"\0")
    names = {
        write_model(tmp_path / "a", exported, {}),
        write_model(tmp_path / "b", other, {}),
        write_model(tmp_path / "c", exported, {"calibration": {"p99": 0.7}}),
    }
    assert len(names) == 3
    assert write_model(tmp_path / "d", exported, {}) in names
    assert json.loads((tmp_path / "a" / "meta.json").read_text())["model_id"] in names


def test_the_same_network_gives_the_same_file_without_source_paths(
    exported: ExportedModel,
) -> None:
    again = export_network(small_network(), PICTURES)
    assert again.onnx == exported.onnx
    assert {pack_weights(small_network()) for _ in range(9)} == {pack_weights(small_network())}
    assert again.weights == exported.weights
    for word in (b".py", b"stack_trace", b"whenanime"):
        assert word not in exported.onnx


def test_an_export_that_differs_is_refused(exported: ExportedModel) -> None:
    with pytest.raises(ExportError, match="cosine"):
        _check_agreement(small_network(seed=3).eval(), exported.onnx, PICTURES)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: content[:-100], "damaged"),
        (lambda _: b"", "damaged"),
        (lambda _: pickle.dumps({"trunk": [1.0]}), "a pickle"),
    ],
)
def test_a_bad_weights_file_is_refused(
    exported: ExportedModel, tmp_path: Path, spoil: Callable[[bytes], bytes], words: str
) -> None:
    write_model(tmp_path, exported, {})
    file = tmp_path / WEIGHTS_FILE
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(WeightsError, match=rf"{WEIGHTS_FILE}: .*{words}"):
        load_network(tmp_path)


def test_torch_files_count_as_pickles(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    torch.save(small_network().state_dict(), file)
    with pytest.raises(WeightsError, match="a pickle"):
        load_weights(small_network(), file)


def test_missing_or_foreign_weights_are_named(exported: ExportedModel, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"meta\.json"):
        load_network(tmp_path)
    write_model(tmp_path, exported, {})
    meta = json.loads((tmp_path / "meta.json").read_text())
    meta["network"]["dimension"] = 16
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(WeightsError, match="another network"):
        load_network(tmp_path)
    (tmp_path / WEIGHTS_FILE).unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        load_network(tmp_path)


def test_weights_beyond_half_precision_are_refused() -> None:
    network = small_network()
    with torch.no_grad():
        network.get_parameter("projection.bias")[0] = 1e6
    with pytest.raises(WeightsError, match=r"projection\.bias"):
        round_to_half(network)
