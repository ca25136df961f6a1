"""Which model is meant, and what it was trained on and is judged by."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.recipe import RECIPES
from whenanime_pipeline.core.models.registry import (
    BASE_NAME,
    LATEST_ALIAS,
    RegisteredModel,
    find_model,
    get_model_by_name,
    read_name_in_use,
)
from whenanime_pipeline.core.search.errors import ModelError

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.report.mistakes import FrameLocation
    from whenanime_pipeline.core.learning.training_data import TrainingData

MODEL_METADATA_KEY = "model"
"""Names a model's id in the metadata of what made or looked at it."""
MINUTES_METADATA_KEY = "minutes of work"
"""Names, there, how long a training took; what had been trained before took none."""


def require_training_packages() -> None:
    """Say what to install where learning is asked for and torch is not there.

    Raises:
        dg.Failure: the extra `train` is not installed.
    """
    missing = [name for name in ("torch", "torchvision", "matplotlib") if find_spec(name) is None]
    if missing:
        raise dg.Failure(
            f'{", ".join(missing)}: not installed here; pip install "whenanime[train]", and start '
            "`whenanime up` again",
            allow_retries=False,
        )


def resolve_trained_model(
    instance: dg.DagsterInstance, home: Home, selector: str
) -> RegisteredModel:
    """Return the model that is asked for: `latest` is what was trained or asked for last.

    That may have been trained long before; when it was deleted since, it is the newest there is.

    Args:
        instance: that knows what was done last.
        home: of the library.
        selector: as for `find_model`.

    Raises:
        ModelError: there is no such model.
    """
    if selector != LATEST_ALIAS:
        return find_model(home, selector)
    last = _last_model_id(instance, dg.AssetKey("retrieval_model"))
    try:
        return find_model(home, last or LATEST_ALIAS)
    except ModelError:  # it was deleted since
        return find_model(home, LATEST_ALIAS)


def resolve_reported_model(
    instance: dg.DagsterInstance, home: Home, selector: str
) -> RegisteredModel:
    """Return the model that is to be used: `latest` is what was reported on last, and no other.

    Raises:
        ModelError: there is no such model, or none was reported on.
    """
    if selector != LATEST_ALIAS:
        return find_model(home, selector)
    last = _last_model_id(instance, dg.AssetKey("model_report"))
    if last is None:
        raise ModelError(
            f"{home.models}: no model was reported on yet; materialise model_report, or say by its "
            "id which model to use"
        )
    try:
        return find_model(home, last)
    except ModelError as error:
        raise ModelError(
            f"{last}: the model that was reported on last is gone from {home.models}; materialise "
            "model_report for another, or say by its id which model to use"
        ) from error


def _last_model_id(instance: dg.DagsterInstance, asset: dg.AssetKey) -> str | None:
    """Return the id of the model that an asset was made of last."""
    event = instance.get_latest_materialization_event(asset)
    made = event.asset_materialization if event else None
    named = made.metadata.get(MODEL_METADATA_KEY) if made else None
    return str(named.value) if named else None


def load_report_data(
    home: Home, model: RegisteredModel
) -> "tuple[TrainingData, tuple[FrameLocation, ...]]":
    """Return what a model is judged by, without what is learnt from, and where that is from.

    The pictures are large enough for the model and for the one it is compared with.

    Raises:
        DatasetError: something of the dataset is missing; says what to make again.
    """
    from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
    from whenanime_pipeline.core.learning.dataset.loading import load_training_data
    from whenanime_pipeline.core.learning.report.mistakes import locate_validation_frames

    compared = (
        model,
        get_model_by_name(home, read_name_in_use(home)),
        get_model_by_name(home, BASE_NAME),
    )
    side = max(_input_side(one) for one in compared)
    return load_training_data(home, side=side, training=False), locate_validation_frames(
        load_dataset(home)
    )


def describe_training_data(home: Home) -> Mapping[str, Any]:
    """Return what a model's `meta.json` says about its dataset.

    Raises:
        DatasetError: there is none.
    """
    from whenanime_pipeline.core.learning.dataset.dataset import load_dataset

    dataset = load_dataset(home)
    validating = sum(episode.part == "validation" for episode in dataset.episodes)
    return {
        "dataset": dataset.id,
        "episodes": len(dataset.episodes) - validating,
        "validation_episodes": validating,
    }


def _input_side(model: RegisteredModel) -> int:
    """Return the side of the pictures that a training of such a model would read."""
    size, ours = model.find_meta_value("network", "size"), RECIPES["ours"]
    if not isinstance(size, int):
        return ours.picture_side
    return replace(ours, network=replace(ours.network, size=size)).picture_side
