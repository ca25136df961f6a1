import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR

from whenanime_pipeline.core.learning.errors import NetworkError, RecipeError, WeightsError
from whenanime_pipeline.core.learning.network.architecture import NetworkOptions
from whenanime_pipeline.core.learning.network.weights_header import read_network_options
from whenanime_pipeline.core.learning.training import recipe as recipes
from whenanime_pipeline.core.learning.training.recipe import RECIPES, build_recipe
from whenanime_pipeline.core.learning.training.schedule import compute_learning_rate
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder


def test_the_seeds_recipe_is_the_seeds() -> None:
    seed = build_recipe("seed")
    assert (seed.network.backbone, seed.network.dimension, seed.network.size) == (
        "resnet18", None, 224,
    )  # fmt: skip
    assert (seed.init, seed.statistics, seed.network.pooling) == ("random", "dataset", "average")
    assert (seed.epochs, seed.batch_size, seed.optimiser) == (50, 256, "adam")
    assert (seed.learning_rate, seed.t_max, seed.eta_min) == (1e-3, 10, 5e-5)
    assert 1 / seed.temperature == pytest.approx(20)
    assert (seed.symmetric, seed.skip_alike, seed.spread_weight) == (False, False, 0)
    assert (seed.averaging, seed.views) == (None, "seed")


def test_our_recipe_starts_from_the_base_models_network() -> None:
    assert build_recipe().name == "ours"
    assert (
        RECIPES["ours"].network
        == build_recipe().network
        == read_network_options(base_model_folder())
    )
    assert build_recipe("ours", init="random").network == RECIPES["ours"].network


@pytest.mark.parametrize(("t_max", "eta_min"), [(10, 5e-5), (3, 0.0), (50, 1e-4)])
def test_the_seeds_rate_is_torchs_cosine_annealing(t_max: int, eta_min: float) -> None:
    chosen = build_recipe("seed", t_max=t_max, eta_min=eta_min)
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=chosen.learning_rate)
    scheduler = CosineAnnealingLR(optimizer, T_max=t_max, eta_min=eta_min)
    for epoch in range(30):
        expected = optimizer.param_groups[0]["lr"]
        assert compute_learning_rate(
            chosen, epoch=epoch, fraction_done=epoch / 30
        ) == pytest.approx(expected, rel=1e-6)
        optimizer.step()
        scheduler.step()


def test_our_rate_rises_and_then_falls() -> None:
    chosen = build_recipe("ours", warmup=0.1, learning_rate=1.0)
    rates = [
        compute_learning_rate(chosen, epoch=0, fraction_done=share / 100) for share in range(101)
    ]
    assert rates.index(max(rates)) == 10
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < min(rates) < max(rates) == 1


@given(st.floats(0, 1), st.floats(0, 0.9), st.floats(1e-6, 1), st.floats(0, 1))
def test_a_rate_is_never_above_the_highest(
    share: float, warmup: float, highest: float, lowest: float
) -> None:
    chosen = build_recipe("ours", warmup=warmup, learning_rate=highest, eta_min=lowest * highest)
    assert 0 < compute_learning_rate(chosen, epoch=0, fraction_done=share) <= highest * (1 + 1e-9)


def test_a_change_of_none_changes_nothing() -> None:
    assert build_recipe("seed", backbone=None, size=None, init=None, epochs=None) == RECIPES["seed"]


def test_options_are_changed_by_name() -> None:
    chosen = build_recipe("seed", epochs=3, batch_size=8, scale=10, seed=4, size=64)
    assert (chosen.epochs, chosen.batch_size, chosen.temperature) == (3, 8, 0.1)
    assert (chosen.seed, chosen.network.size) == (4, 64)
    assert build_recipe("seed", learning_rate=1e-6).eta_min == 1e-6


def test_another_backbone_has_its_whole_trunk_and_random_weights() -> None:
    chosen = build_recipe("ours", backbone="resnet18")
    assert chosen.network == NetworkOptions("resnet18", dimension=128, size=144)
    assert chosen.init == "random"
    # Random weights have further to go than those of the base model.
    assert chosen.learning_rate == build_recipe(init="random").learning_rate == 1e-3
    assert build_recipe(init="random", learning_rate=1e-4).learning_rate == 1e-4
    assert build_recipe().learning_rate < 1e-3
    assert build_recipe("ours", backbone="resnet18", init="torchvision").init == "torchvision"
    assert build_recipe("ours", backbone="regnet_x_400mf") == build_recipe("ours")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "epochs cannot be 0"),
        ({"batch_size": 1}, "batch_size cannot be 1"),
        ({"learning_rate": math.nan}, "learning_rate cannot be nan"),
        ({"learning_rate": math.inf}, "learning_rate cannot be inf"),
        ({"learning_rate": 1e39}, r"learning_rate cannot be 1e\+39"),
        ({"eta_min": 2.0}, r"eta_min cannot be 2\.0"),
        ({"scale": 0}, "scale cannot be 0"),
        ({"views": "none"}, "views cannot be 'none'"),
        ({"precision": "int8"}, "precision cannot be 'int8'"),
        ({"averaging": 1.0}, r"averaging cannot be 1\.0"),
        ({"patience": 0}, "patience cannot be 0"),
        ({"memory": -1}, "memory cannot be -1"),
        ({"cropped": 1.1}, r"cropped cannot be 1\.1"),
        ({"size": 100}, "size cannot be 100 with both views, .* a multiple of 8"),
        ({"size": 100, "views": "screenshot"}, "size cannot be 100 with screenshot views"),
        ({"speed": 3}, "speed: no option of a recipe"),
    ],
)
def test_invalid_option_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        build_recipe("ours", **changes)


def test_the_seeds_views_take_any_size() -> None:
    assert build_recipe("seed", size=100).network.size == 100
    assert build_recipe("ours", size=100, views="seed").network.size == 100


def test_identity_has_only_what_decides_the_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = build_recipe("ours")
    assert (
        replace(ours, evaluation_batch=7, init="random").to_identity_json()
        == ours.to_identity_json()
    )
    assert replace(ours, seed=1).to_identity_json() != ours.to_identity_json()
    before = ours.to_identity_json()
    monkeypatch.setattr(recipes, "CODE_VERSION", recipes.CODE_VERSION + 1)
    assert ours.to_identity_json() != before


def test_unknown_recipes_and_weights_are_named() -> None:
    with pytest.raises(RecipeError, match="theirs: no recipe of that name; there are seed, ours"):
        build_recipe("theirs")
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors: cannot be read"):
        build_recipe("ours", init="nowhere.safetensors")


def test_weights_of_another_backbone_than_is_asked_for_are_refused() -> None:
    with pytest.raises(NetworkError, match="weights of regnet_x_400mf, and resnet18 is asked for"):
        build_recipe("ours", backbone="resnet18", init="base")
    # Not asked for, the network comes with the weights.
    assert build_recipe("seed", init="base").network == RECIPES["ours"].network


@pytest.mark.parametrize(("size", "side"), [(224, 320), (144, 192), (32, 64)])
def test_training_pictures_are_larger_than_the_input(size: int, side: int) -> None:
    assert build_recipe("seed", size=size).picture_side == side
