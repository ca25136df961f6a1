import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision import models
from training_material import PLAIN, TINY, make_painted_data, tiny_recipe

from whenanime_pipeline.core.learning.errors import NetworkError, WeightsError
from whenanime_pipeline.core.learning.network.architecture import NetworkOptions
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.initial_weights import build_initial_network
from whenanime_pipeline.core.learning.network.weights import (
    load_network,
    pack_weights,
    round_to_half,
)
from whenanime_pipeline.core.learning.network.weights_header import (
    make_header,
    read_header,
    read_network_options,
)
from whenanime_pipeline.core.learning.training.recipe import build_recipe
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

MATERIAL = make_painted_data(4, 2)


def _stored(path: Path, options: NetworkOptions = TINY) -> EmbeddingNetwork:
    network = EmbeddingNetwork(options)
    round_to_half(network)
    path.write_bytes(pack_weights(network))
    return network


def _equal(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    values = second.state_dict()
    return all(torch.equal(value, values[name]) for name, value in first.state_dict().items())


def _evened(network: EmbeddingNetwork) -> EmbeddingNetwork:
    network.rescale_projection()
    return network


def test_random_weights_come_from_the_seed_alone() -> None:
    first = build_initial_network(tiny_recipe(seed=3), MATERIAL)
    torch.rand(7)
    again, other = (
        build_initial_network(tiny_recipe(seed=3), MATERIAL),
        build_initial_network(tiny_recipe(seed=4), MATERIAL),
    )
    assert (first.name, first.id) == (again.name, again.id)
    assert _equal(first.network, again.network)
    assert first.id != other.id


def test_the_seeds_network_is_normalised_by_the_dataset() -> None:
    seed = build_initial_network(tiny_recipe("seed"), MATERIAL).network
    assert (seed.options.mean, seed.options.std) == (MATERIAL.mean, MATERIAL.std)
    assert seed.mean.flatten().tolist() == list(MATERIAL.mean)
    assert build_initial_network(tiny_recipe("ours"), MATERIAL).network.options == TINY
    even = replace(MATERIAL, std=(0.0, 1.5, 0.0))
    assert build_initial_network(tiny_recipe("seed"), even).network.options.std == (1.0, 1.5, 1.0)


def test_training_starts_from_the_base_model() -> None:
    initial = build_initial_network(build_recipe("ours"), MATERIAL)
    assert initial.name == "base"
    assert _equal(initial.network, _evened(load_network(base_model_folder())))


@pytest.mark.parametrize("options", [TINY, PLAIN], ids=["ours", "seed"])
def test_weights_file_determines_the_network(options: NetworkOptions, tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    options = replace(options, mean=(100.0, 101.0, 102.5))
    network = _stored(file, options)
    assert read_network_options(file) == options
    chosen = build_recipe("seed", init=str(file))
    assert chosen.network == options
    initial = build_initial_network(chosen, MATERIAL)
    assert initial.name == "mine.safetensors"
    assert initial.network.options == options
    assert _equal(initial.network, _evened(network))


def test_weights_without_a_header_fit_the_recipes_network(tmp_path: Path) -> None:
    file, network = tmp_path / "old.safetensors", EmbeddingNetwork(TINY)
    save_file(network.state_dict(), file)
    assert read_network_options(file) is None
    assert _equal(
        build_initial_network(tiny_recipe(init=str(file)), MATERIAL).network, _evened(network)
    )
    with pytest.raises(WeightsError, match=r"old\.safetensors: weights of another network"):
        build_initial_network(tiny_recipe("seed", init=str(file)), MATERIAL)
    (tmp_path / "meta.json").write_text(json.dumps({"network": TINY.to_json()}))
    assert read_network_options(file) == TINY


def _of_another_version(file: Path) -> None:
    header = make_header(TINY) | {"schema": "2"}
    save_file(EmbeddingNetwork(TINY).state_dict(), file, metadata=header)


def _with_unknown_options(file: Path) -> None:
    header = make_header(TINY) | {"network": json.dumps(TINY.to_json() | {"heads": 3})}
    save_file(EmbeddingNetwork(TINY).state_dict(), file, metadata=header)


def _not_finite(file: Path) -> None:
    network = EmbeddingNetwork(TINY)
    with torch.no_grad():
        next(network.parameters())[0] = torch.nan
    save_file(network.state_dict(), file, metadata=make_header(TINY))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:-1000]), "damaged"),
        (lambda file: file.write_bytes(file.read_bytes()[:50]), "damaged"),
        (lambda file: file.write_bytes(b""), "damaged"),
        (lambda file: file.write_bytes(b"\xff" * 100), "damaged"),
        (lambda file: file.write_bytes(pickle.dumps({"trunk": 1})), "a pickle, which can run code"),
        (lambda file: torch.save({"a": torch.zeros(1)}, file), "a pickle, which can run code"),
        (lambda file: file.unlink(), "cannot be read"),
        (_of_another_version, "weights of version 2; this program reads 1"),
        (_with_unknown_options, "from a later version: heads"),
        (_not_finite, "is not finite"),
    ],
)
def test_a_bad_file_is_named(spoil: Callable[[Path], object], words: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    _stored(file)
    spoil(file)
    with pytest.raises(WeightsError, match=rf"mine\.safetensors: .*{words}"):
        build_initial_network(build_recipe("ours", init=str(file)), MATERIAL)


def test_a_header_is_read_without_the_weights(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    _stored(file)
    file.write_bytes(file.read_bytes()[:-1000])
    assert read_header(file) == make_header(TINY)


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for downloads, in a world without the net."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def _pretrained_recipe() -> NetworkOptions:
    return NetworkOptions("shufflenet_v2_x0_5", dimension=16, size=64)


def test_torchvision_weights_are_read_from_torchs_cache(torch_home: Path) -> None:
    whole = models.get_model("shufflenet_v2_x0_5", weights=None)
    preset = models.get_model_weights("shufflenet_v2_x0_5").DEFAULT
    file = torch_home / Path(preset.url).name
    torch.save(whole.state_dict(), file)
    chosen = tiny_recipe(network=_pretrained_recipe(), init="torchvision")
    initial = build_initial_network(chosen, MATERIAL)
    assert initial.name == str(preset)
    assert torch.equal(initial.network.trunk[0][0].weight, whole.conv1[0].weight)  # type: ignore[index]
    assert initial.network.options.mean == pytest.approx((123.675, 116.28, 103.53))
    assert initial.network.options.std == pytest.approx((58.395, 57.12, 57.375))


def test_torchvisions_weights_without_the_net_are_an_error_that_helps(torch_home: Path) -> None:
    chosen = tiny_recipe(network=_pretrained_recipe(), init="torchvision")
    with pytest.raises(WeightsError, match=r"cannot be fetched from .*put the file at"):
        build_initial_network(chosen, MATERIAL)


def _runs_code(file: Path) -> None:
    file.write_bytes(pickle.dumps(Path("x")))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"<html>not found</html>"),
        lambda file: torch.save({"a": torch.zeros(1)}, file),
        _runs_code,
    ],
)
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_damaged_download_is_named(spoil: Callable[[Path], object], torch_home: Path) -> None:
    preset = models.get_model_weights("shufflenet_v2_x0_5").DEFAULT
    spoil(torch_home / Path(preset.url).name)
    chosen = tiny_recipe(network=_pretrained_recipe(), init="torchvision")
    with pytest.raises(WeightsError, match=r"delete it and try again|weights of another network"):
        build_initial_network(chosen, MATERIAL)


def test_a_network_that_torchvision_lacks_is_named() -> None:
    with pytest.raises(NetworkError, match="resnet17: torchvision has no network"):
        build_initial_network(
            tiny_recipe(network=NetworkOptions("resnet17"), init="torchvision"), MATERIAL
        )
