"""Training recipes and their options.

Without torch, so that a recipe is checked and shown before heavy libraries are loaded.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from whenanime_pipeline.core.learning.errors import NetworkError, RecipeError
from whenanime_pipeline.core.learning.network.architecture import BASE_NETWORK, NetworkOptions
from whenanime_pipeline.core.learning.network.weights_header import read_network_options
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

CODE_VERSION = 3
"""Increased when the same recipe would give another model: losses, views, steps."""
_BLOCK, _SIDE_STEP = 8, 32  # pixels: block size of JPEG in screenshot views; step of sides
_RANDOM_RATE = 1e-3  # minimum for random weights


@dataclass(frozen=True, slots=True)
class Recipe:
    """All options that decide the result of a training, except its pictures.

    Attributes:
        name: name in `RECIPES`.
        network: architecture of the network.
        init: initial weights: `random`, `base`, `torchvision`, or a path of a model or file.
        statistics: input normalisation of random weights: the dataset's, or fixed values.
        epochs: maximum number of epochs.
        batch_size: pictures a batch.
        evaluation_batch: pictures a batch in evaluation.
        optimiser: Adam, or AdamW with decoupled weight decay.
        learning_rate: maximum learning rate.
        weight_decay: weight decay of the optimiser.
        t_max: epochs of a cosine to `eta_min` and back, by epochs; None: one cosine over all steps.
        eta_min: lowest rate of that cosine.
        warmup: share of the training with a rising rate; only without `t_max`.
        temperature: divisor of the cosines; the inverse of the seed's “scale”.
        symmetric: whether query views are matched to references and references to query views.
        skip_alike: whether near-equal pictures are masked as false negatives.
        memory: pictures of earlier batches as extra negatives; see `CrossBatchMemory` for the risk.
        spread_weight: weight of the KoLeo loss.
        averaging: decay of averaged weights a step; None to use the weights themselves.
        views: query views: the seed's crops, screenshots as people edit them, or both.
        cropped: share of crops, where it is both.
        mild: share of the screenshots that are only lightly compressed.
        patience: epochs without a better MRR until training stops; None: never.
        precision: precision of convolutions; `auto`: bfloat16 where the hardware has it.
        seed: seed of random weights, batches and views.
    """

    name: str
    network: NetworkOptions
    init: str
    epochs: int
    batch_size: int
    learning_rate: float
    statistics: Literal["dataset", "fixed"] = "fixed"
    evaluation_batch: int = 64
    optimiser: Literal["adam", "adamw"] = "adamw"
    weight_decay: float = 0.0
    t_max: int | None = None
    eta_min: float = 0.0
    warmup: float = 0.0
    temperature: float = 0.05
    symmetric: bool = True
    skip_alike: bool = True
    memory: int = 0
    spread_weight: float = 0.0
    averaging: float | None = None
    views: Literal["seed", "screenshot", "both"] = "screenshot"
    cropped: float = 0.5
    mild: float = 0.4
    patience: int | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        """Validate the options.

        Raises:
            RecipeError: an option is out of its range; the message names it.
        """
        valid = {
            "epochs": self.epochs >= 1,
            "batch_size": self.batch_size >= 2,
            "learning_rate": 0 < self.learning_rate < 3e38,  # what single precision holds
            "statistics": self.statistics in ("dataset", "fixed"),
            "evaluation_batch": self.evaluation_batch >= 1,
            "optimiser": self.optimiser in ("adam", "adamw"),
            "weight_decay": 0 <= self.weight_decay < math.inf,
            "t_max": self.t_max is None or self.t_max >= 1,
            "eta_min": 0 <= self.eta_min <= self.learning_rate,
            "warmup": 0 <= self.warmup < 1,
            "temperature": 0 < self.temperature < math.inf,
            "memory": self.memory >= 0,
            "spread_weight": 0 <= self.spread_weight < math.inf,
            "averaging": self.averaging is None or 0 <= self.averaging < 1,
            "views": self.views in ("seed", "screenshot", "both"),
            "cropped": 0 <= self.cropped <= 1,
            "mild": 0 <= self.mild <= 1,
            "patience": self.patience is None or self.patience >= 1,
            "precision": self.precision in ("auto", "fp32", "bf16"),
            "seed": 0 <= self.seed < 1 << 62,
        }
        for name, is_valid in valid.items():
            if not is_valid:
                raise RecipeError(f"{name} cannot be {getattr(self, name)!r}")
        if self.views != "seed" and self.network.size % _BLOCK:
            raise RecipeError(
                f"size cannot be {self.network.size} with {self.views} views, which are "
                f"compressed in blocks: choose a multiple of {_BLOCK}, or the seed's views"
            )

    @property
    def picture_side(self) -> int:
        """Side of training pictures in pixels: larger than the input, so that crops stay sharp."""
        return math.ceil(self.network.size * 4 / 3 / _SIDE_STEP) * _SIDE_STEP

    @property
    def initial_weights_path(self) -> Path | None:
        """File or folder of the initial weights; None for random and torchvision's."""
        if self.init in ("random", "torchvision"):
            return None
        return base_model_folder() if self.init == "base" else Path(self.init)

    def to_json(self) -> dict[str, Any]:
        """Return all options as plain values."""
        return asdict(self) | {"network": self.network.to_json()}

    def to_identity_json(self) -> dict[str, Any]:
        """Return the options that decide the result, as plain values.

        The code's version is included. `init` is not, as weights have an id of their own, nor
        `evaluation_batch`, which changes no metric.
        """
        options = self.to_json()
        del options["init"], options["evaluation_batch"]
        return {"version": CODE_VERSION, **options}


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        # The seed's, as its source has it. Its cosine rises again after ten epochs.
        "seed": Recipe(
            name="seed",
            network=NetworkOptions("resnet18", dimension=None, size=224, pooling="average"),
            init="random",
            statistics="dataset",
            epochs=50,
            batch_size=256,
            optimiser="adam",
            learning_rate=1e-3,
            t_max=10,
            eta_min=5e-5,
            temperature=1 / 20,
            symmetric=False,
            skip_alike=False,
            views="seed",
        ),
        "ours": Recipe(
            name="ours",
            network=BASE_NETWORK,
            init="base",
            epochs=30,
            batch_size=64,
            learning_rate=3e-4,  # three times as much forgets more than a small library teaches
            weight_decay=0.02,
            warmup=0.05,
            spread_weight=1.0,
            averaging=0.99,
            views="both",
            cropped=0.75,
            patience=5,
        ),
    }
)


def build_recipe(
    name: str = "ours",
    *,
    backbone: str | None = None,
    size: int | None = None,
    init: str | None = None,
    **changes: Any,  # noqa: ANN401 each is checked by Recipe
) -> Recipe:
    """Return a recipe with changes; a change of None keeps the recipe's value.

    Args:
        name: name in `RECIPES`.
        backbone: another torchvision network: its whole trunk, pooled as one cell. Its weights are
            random unless `init` is given.
        size: another side of the input, in pixels.
        init: other initial weights. Those of a model determine the network.
        changes: other options of `Recipe`; `scale`, the seed's word, for 1 / `temperature`.

    Raises:
        RecipeError: there is no such recipe or option, or a value is out of its range.
        WeightsError: the initial weights cannot be read.
        NetworkError: the initial weights belong to another backbone.
    """
    if name not in RECIPES:
        raise RecipeError(f"{name}: no recipe of that name; there are {', '.join(RECIPES)}")
    chosen = RECIPES[name]
    if backbone is not None and backbone != chosen.network.backbone:
        network = replace(chosen.network, backbone=backbone, stages=None, grid=1)
        chosen = replace(chosen, network=network, init="random")
    if init is not None:
        chosen = replace(chosen, init=init)
    if chosen.init == "random":
        chosen = replace(chosen, learning_rate=max(chosen.learning_rate, _RANDOM_RATE))
    network = chosen.network
    if chosen.initial_weights_path is not None:
        network = _read_weights_network(chosen.initial_weights_path, network, backbone)
    if size is not None:
        network = replace(network, size=size)
    values = _check_changes(changes)
    if "eta_min" not in values:  # a rate below the recipe's end is a rate without a fall
        lowest = min(chosen.eta_min, values.get("learning_rate", chosen.eta_min))
        values["eta_min"] = max(lowest, 0.0)
    return replace(chosen, network=network, **values)


def _read_weights_network(
    path: Path, network: NetworkOptions, backbone: str | None
) -> NetworkOptions:
    """Return the network that weights belong to; `network` when their header has none."""
    stored = read_network_options(path) or network
    if backbone is not None and stored.backbone != backbone:
        raise NetworkError(
            f"{path}: weights of {stored.backbone}, and {backbone} is asked for; ask for "
            f"{stored.backbone}, or begin with other weights"
        )
    return stored


def _check_changes(changes: dict[str, Any]) -> dict[str, Any]:
    values = {option: value for option, value in changes.items() if value is not None}
    if "scale" in values:
        scale = values.pop("scale")
        if not 0 < scale < math.inf:
            raise RecipeError(f"scale cannot be {scale!r}")
        values["temperature"] = 1 / scale
    allowed = {field.name for field in fields(Recipe)} - {"name", "network", "init"}
    if unknown := sorted(set(values) - allowed):
        raise RecipeError(f"{', '.join(unknown)}: no option of a recipe")
    return values
