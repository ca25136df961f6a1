"""Options of a training, as Dagster's launchpad shows them."""

from dataclasses import fields
from enum import Enum
from typing import Any, TypeVar

import dagster as dg
from pydantic import Field

from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.training.recipe import RECIPES, Recipe, build_recipe
from whenanime_pipeline.core.models.registry import LATEST_ALIAS

Options = TypeVar("Options", FrameOptions, SplitOptions, ViewOptions)

_FRAMES, _SPLIT, _VIEWS = FrameOptions(), SplitOptions(), ViewOptions()
RecipeName = Enum("RecipeName", {name: name for name in RECIPES})  # type: ignore[misc]


class TrainingFramesConfig(dg.Config):
    """Which frames of a video are learnt from."""

    count: int = Field(default=_FRAMES.count, description="frames a video, evenly spread")
    head: float = Field(
        default=_FRAMES.head, description="percent of the video skipped at its beginning"
    )
    tail: float = Field(default=_FRAMES.tail, description="percent of the video skipped at its end")
    flat: float = Field(
        default=_FRAMES.flat,
        description="deviation of gray levels below which a frame shows nothing",
    )
    quality: int = Field(default=_FRAMES.quality, description="of the stored JPEGs, 1 to 100")
    long_side: int | None = Field(
        default=_FRAMES.long_side,
        description="pixels of the longer side that larger frames are scaled to; none: as they are",
    )

    def to_options(self) -> FrameOptions:
        """Return the options; raises DatasetError when one is out of range."""
        return _options(FrameOptions, self)


class DatasetConfig(dg.Config):
    """Which episodes a model is judged by, and never learns from."""

    share: float = Field(
        default=_SPLIT.share, description="of all frames, kept for validation, 0 to 1"
    )
    seed: int = Field(default=_SPLIT.seed, description="another one chooses other episodes")

    def to_options(self) -> SplitOptions:
        """Return the options; raises DatasetError when one is out of range."""
        return _options(SplitOptions, self)


class StatsConfig(dg.Config):
    """How many frames are measured."""

    max_samples: int = Field(default=1000, description="training frames to measure at most", ge=1)


class ViewsConfig(dg.Config):
    """How the augmented views of the validation frames are made."""

    size: int = Field(default=_VIEWS.size, description="pixels of a view's side")
    scale: float = Field(
        default=_VIEWS.scale, description="least share of a frame's area that is kept"
    )
    flip: float = Field(
        default=_VIEWS.flip, description="share of the views that are mirrored, 0 to 1"
    )
    color: float = Field(
        default=_VIEWS.color,
        description="how far brightness, contrast, saturation and hue may move",
    )
    seed: int = Field(default=_VIEWS.seed, description="another one makes other views")

    def to_options(self) -> ViewOptions:
        """Return the options; raises DatasetError when one is out of range."""
        return _options(ViewOptions, self)


def _recipe_option(option: str, what: str) -> Any:  # noqa: ANN401 as pydantic's own
    """Describe an option of a recipe by what it is, and what the recipes have."""
    values = {name: _value(each, option) for name, each in RECIPES.items()}
    said = [f"{name}: {value}" for name, value in values.items()]
    if len(set(values.values())) == 1:
        said = [f"{next(iter(values.values()))}"]
    return Field(None, description=f"{what} ({', '.join(said)})")


def _value(recipe: Recipe, option: str) -> str:
    if option == "scale":
        return f"{1 / recipe.temperature:g}"
    value = getattr(recipe.network if option in {"backbone", "size"} else recipe, option)
    return "none" if value is None else str(value)


class ModelConfig(dg.Config):
    """How to train. What is not set is as the recipe has it, which stands in brackets."""

    recipe: RecipeName = Field(
        default=RecipeName["ours"],
        description="`seed`: ResNet-18 and its loss, as the seed trained it",
    )
    backbone: str | None = _recipe_option("backbone", "a torchvision network")
    size: int | None = _recipe_option("size", "pixels of the side of the network's input")
    init: str | None = _recipe_option(
        "init", "weights to begin with: random, base, torchvision, or a path of a model or file"
    )
    epochs: int | None = _recipe_option("epochs", "times every frame is learnt from")
    batch_size: int | None = _recipe_option("batch_size", "frames a step")
    evaluation_batch: int | None = _recipe_option("evaluation_batch", "frames a step when judging")
    optimiser: str | None = _recipe_option("optimiser", "adam or adamw")
    learning_rate: float | None = _recipe_option("learning_rate", "at its highest")
    weight_decay: float | None = _recipe_option("weight_decay", "of the optimiser")
    warmup: float | None = _recipe_option("warmup", "share of the training in which the rate rises")
    t_max: int | None = _recipe_option(
        "t_max", "epochs in which the rate falls to eta_min, and rises"
    )
    eta_min: float | None = _recipe_option("eta_min", "the lowest learning rate")
    scale: float | None = _recipe_option("scale", "of the cosines in the loss")
    symmetric: bool | None = _recipe_option(
        "symmetric", "whether views and frames ask for each other"
    )
    skip_alike: bool | None = _recipe_option(
        "skip_alike", "whether frames that look the same are no mistakes for each other"
    )
    memory: int | None = _recipe_option(
        "memory", "frames of earlier steps that serve as negatives too"
    )
    spread_weight: float | None = _recipe_option("spread_weight", "of keeping embeddings apart")
    averaging: float | None = _recipe_option("averaging", "decay of averaged weights, a step")
    views: str | None = _recipe_option("views", "how frames are changed: seed, screenshot or both")
    cropped: float | None = _recipe_option(
        "cropped", "share that is changed as the seed does, of both"
    )
    mild: float | None = _recipe_option("mild", "share of the screenshots that are barely changed")
    patience: int | None = _recipe_option("patience", "epochs without a better MRR before it stops")
    precision: str | None = _recipe_option("precision", "of convolutions: auto, fp32 or bf16")
    seed: int | None = _recipe_option(
        "seed", "of weights, batches and views: the same, the same figures"
    )

    def build_recipe(self) -> Recipe:
        """Return the recipe with its changes.

        Raises:
            LearningError: an option is unknown or out of range, or the weights to begin with
                cannot be read.
        """
        changes: dict[str, Any] = dict(self)
        return build_recipe(changes.pop("recipe").value, **changes)


class ReportConfig(dg.Config):
    """Which model is looked at."""

    model: str = Field(
        default=LATEST_ALIAS,
        description="`latest`: the one that was trained last; or an id, or its beginning",
    )


class AdoptionConfig(dg.Config):
    """Which model is used from now on."""

    model: str = Field(
        default=LATEST_ALIAS,
        description="`latest`: the one that was reported on last; or an id, its beginning, or "
        "`base` for the one that ships with the package",
    )
    anyway: bool = Field(
        default=False,
        description="also when checks of its report failed, or it has none about the model in use",
    )


def _options(kind: type[Options], config: dg.Config) -> Options:
    values = dict(config)
    return kind(**{field.name: values[field.name] for field in fields(kind)})
