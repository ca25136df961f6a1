"""Which model is meant, and what it was trained on and is judged by."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.recipe import RECIPES
from whenanime_pipeline.core.models.registry import (
    BASE,
    LATEST,
    KnownModel,
    find_model,
    model_named,
    name_in_use,
)
from whenanime_pipeline.core.search.errors import ModelError

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.material import Material
    from whenanime_pipeline.core.learning.report.mistakes import Place

MODEL = "model"
"""Names a model's id in the metadata of what made or looked at it."""
MINUTES = "minutes of work"
"""Names, there, how long a training took; what had been trained before took none."""


def need_training() -> None:
    """Say what to install where learning is asked for and torch is not there.

    Raises:
        dg.Failure: the extra `train` is not installed.
    """
    missing = [name for name in ("torch", "torchvision", "matplotlib") if find_spec(name) is None]
    if missing:
        raise dg.Failure(
            f'{", ".join(missing)}: not installed here; pip install "whenanime[train]", and start '
            "`whenanime up` anew",
            allow_retries=False,
        )


def last_trained(instance: dg.DagsterInstance, home: Home, wanted: str) -> KnownModel:
    """Return the model that is asked for: `latest` is what was trained or asked for last.

    That may have been trained long before; when it was deleted since, it is the newest there is.

    Args:
        instance: that knows what was done last.
        home: of the library.
        wanted: as for `find_model`.

    Raises:
        ModelError: there is no such model.
    """
    if wanted != LATEST:
        return find_model(home, wanted)
    last = _last(instance, dg.AssetKey("retrieval_model"))
    try:
        return find_model(home, last or LATEST)
    except ModelError:  # it was deleted since
        return find_model(home, LATEST)


def last_reported(instance: dg.DagsterInstance, home: Home, wanted: str) -> KnownModel:
    """Return the model that is to be used: `latest` is what was reported on last, and no other.

    Raises:
        ModelError: there is no such model, or none was reported on.
    """
    if wanted != LATEST:
        return find_model(home, wanted)
    last = _last(instance, dg.AssetKey("model_report"))
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


def _last(instance: dg.DagsterInstance, asset: dg.AssetKey) -> str | None:
    """Return the id of the model that an asset was made of last."""
    event = instance.get_latest_materialization_event(asset)
    made = event.asset_materialization if event else None
    named = made.metadata.get(MODEL) if made else None
    return str(named.value) if named else None


def report_material(home: Home, model: KnownModel) -> "tuple[Material, tuple[Place, ...]]":
    """Return what a model is judged by, without what is learnt from, and where that is from.

    The pictures are large enough for the model and for the one it is compared with.

    Raises:
        DatasetError: something of the dataset is missing; says what to make again.
    """
    from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
    from whenanime_pipeline.core.learning.dataset.decoded import load_material
    from whenanime_pipeline.core.learning.report.mistakes import places_of

    compared = (model, model_named(home, name_in_use(home)), model_named(home, BASE))
    side = max(_side(one) for one in compared)
    return load_material(home, side=side, training=False), places_of(load_dataset(home))


def trained_on(home: Home) -> Mapping[str, Any]:
    """Return what a model's `meta.json` tells of its dataset.

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


def _side(model: KnownModel) -> int:
    """Return the side of the pictures that a training of such a model would read."""
    size, ours = model.fact("network", "size"), RECIPES["ours"]
    if not isinstance(size, int):
        return ours.side
    return replace(ours, network=replace(ours.network, size=size)).side
