import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision import models

from whenanime_pipeline.core.learning.errors import NetworkError
from whenanime_pipeline.core.learning.network.embedding import (
    EmbeddingNetwork,
    NetworkOptions,
    build_trunk,
)
from whenanime_pipeline.core.learning.training_data import Channels


@pytest.mark.parametrize(
    "backbone", ["resnet18", "mobilenet_v3_small", "regnet_x_400mf", "shufflenet_v2_x0_5", "swin_t"]
)
def test_backbones_of_every_make_give_unit_vectors(backbone: str) -> None:
    network = EmbeddingNetwork(NetworkOptions(backbone, dimension=16, size=64)).eval()
    pictures = torch.randint(0, 256, (3, 64, 64, 3), dtype=torch.uint8)
    with torch.inference_mode():
        vectors = network(pictures)
    assert vectors.shape == (3, 16)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(3))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (NetworkOptions("resnet17"), "resnet17: torchvision has no network"),
        (NetworkOptions("vit_b_16", size=64), "no convolutional trunk"),
        (NetworkOptions("resnet18", stages=9), "has 8 blocks, not 9"),
        (NetworkOptions("resnet18", stages=0), "has 8 blocks, not 0"),
        (NetworkOptions("resnet18", size=64, grid=3), "does not divide"),
    ],
)
def test_a_network_that_cannot_be_built_is_named_in_the_error(
    options: NetworkOptions, words: str
) -> None:
    with pytest.raises(NetworkError, match=words):
        EmbeddingNetwork(options)


@pytest.mark.parametrize(("backbone", "entry"), [("densenet121", "classifier"), ("resnet18", "fc")])
def test_the_backbone_matches_torchvisions_features(backbone: str, entry: str) -> None:
    torch.manual_seed(0)
    whole = models.get_model(backbone, weights=None).eval()
    trunk = build_trunk(backbone, None, weights=whole.state_dict()).eval()
    given: list[torch.Tensor] = []
    whole.get_submodule(entry).register_forward_pre_hook(lambda _, values: given.append(values[0]))
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        whole(pictures)
        torch.testing.assert_close(trunk(pictures).mean((2, 3)), given[0])


def test_a_cut_trunk_is_the_beginning_of_the_whole_one() -> None:
    whole = EmbeddingNetwork(NetworkOptions("resnet18", size=64)).trunk
    cut = EmbeddingNetwork(NetworkOptions("resnet18", stages=7, size=64)).trunk
    assert [type(block) for block in cut] == [type(block) for block in whole][:7]
    assert len(whole) == 8


def test_a_grid_remembers_where_things_are() -> None:
    torch.manual_seed(0)
    features = torch.rand(1, 5, 6, 6)
    mirrored = features.flip(3)
    flat = EmbeddingNetwork(NetworkOptions("resnet18", stages=6, size=64, grid=1))
    torch.testing.assert_close(flat.pool(features), flat.pool(mirrored))
    grid = EmbeddingNetwork(NetworkOptions("resnet18", stages=6, size=64, grid=2))
    assert not torch.allclose(grid.pool(features), grid.pool(mirrored))


def test_an_embedding_without_projection_is_the_pooled_features() -> None:
    options = NetworkOptions("resnet18", dimension=None, size=64, pooling="average")
    network = EmbeddingNetwork(options).eval()
    assert network.dimension == 512
    assert not list(network.projection.parameters())
    pictures = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.inference_mode():
        planes = (pictures.permute(0, 3, 1, 2).float() - network.mean) / network.std
        expected = torch.nn.functional.normalize(network.trunk(planes).mean((2, 3)), dim=1)
        torch.testing.assert_close(network(pictures), expected)


def test_pictures_are_normalised_by_the_options() -> None:
    options = NetworkOptions("resnet18", stages=5, size=32, mean=(10.0, 20.0, 30.0), std=(2, 4, 8))
    torch.manual_seed(0)
    network = EmbeddingNetwork(options).eval()
    torch.manual_seed(0)
    plain = EmbeddingNetwork(replace(options, mean=(0, 0, 0), std=(1, 1, 1))).eval()
    pictures = torch.rand(2, 32, 32, 3) * 255
    given = (pictures - torch.tensor(options.mean)) / torch.tensor(options.std)
    with torch.inference_mode():
        torch.testing.assert_close(network(pictures), plain(given))


@given(
    st.sampled_from(["resnet18", "regnet_x_400mf"]),
    st.one_of(st.none(), st.integers(1, 9)),
    st.one_of(st.none(), st.integers(1, 999)),
    st.tuples(*[st.floats(-300, 300)] * 3),
    st.tuples(*[st.floats(0.5, 300)] * 3),
)
def test_options_survive_json(
    backbone: str, stages: int | None, dimension: int | None, mean: Channels, std: Channels
) -> None:
    options = NetworkOptions(backbone, stages, dimension, mean=mean, std=std)
    assert NetworkOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


def test_options_of_earlier_versions_keep_their_meaning() -> None:
    """What the first base model was stored with."""
    stored = {"backbone": "resnet18", "stages": 4, "dimension": 128, "size": 144, "grid": 3}
    assert NetworkOptions.from_json(stored) == NetworkOptions(
        "resnet18", 4, 128, 144, 3, "gem", (120.0, 115.0, 105.0), (68.0, 66.0, 68.0)
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"size": 0}, "size is 0"),
        ({"dimension": 0}, "dimension is 0"),
        ({"dimension": -1}, "dimension is -1"),
        ({"pooling": "max"}, "neither gem nor average"),
        ({"std": [1, 0, 1]}, "three numbers"),
        ({"mean": [1, 2]}, "three numbers"),
        ({"size": "large"}, "not the options of a network"),
        ({"heads": 3}, "from a later version: heads"),
    ],
)
def test_options_that_cannot_be_are_named(values: dict[str, object], words: str) -> None:
    with pytest.raises(NetworkError, match=words):
        NetworkOptions.from_json(values)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 30.0])
def test_the_scale_of_the_last_layer_changes_no_embedding_and_is_that_of_a_new_one(
    factor: float,
) -> None:
    torch.manual_seed(0)
    network = EmbeddingNetwork(NetworkOptions("shufflenet_v2_x0_5", stages=3, dimension=8, size=64))
    last = network.projection
    assert isinstance(last, nn.Linear)
    new = last.weight.square().mean()
    with torch.no_grad():
        last.weight.mul_(factor)
        last.bias.mul_(factor)
    pictures = torch.randint(0, 256, (3, 64, 64, 3), generator=torch.manual_seed(1))
    before = network.eval()(pictures)
    network.rescale_projection()
    torch.testing.assert_close(network(pictures), before)
    torch.testing.assert_close(last.weight.square().mean(), new, rtol=0.1, atol=0)


def test_a_network_without_a_last_layer_has_no_scale() -> None:
    options = NetworkOptions("shufflenet_v2_x0_5", stages=3, dimension=None, size=64)
    network = EmbeddingNetwork(options)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.rescale_projection()
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
