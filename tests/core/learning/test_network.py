import pytest
import torch

from whenanime_pipeline.core.learning.errors import NetworkError
from whenanime_pipeline.core.learning.network import EmbeddingNetwork, NetworkOptions


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
def test_what_cannot_be_built_is_named(options: NetworkOptions, words: str) -> None:
    with pytest.raises(NetworkError, match=words):
        EmbeddingNetwork(options)


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
