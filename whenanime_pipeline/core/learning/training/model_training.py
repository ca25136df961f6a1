"""Trains a model from a dataset and a recipe, once for each pair of them.

A running training has a folder of its own next to the models. An interrupted one is resumed there,
and a finished one is not repeated.
"""

import shutil
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import flush_to_disk, hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import ExportError, TrainingError, WeightsError
from whenanime_pipeline.core.learning.network.devices import select_device
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.export import export_network, write_model
from whenanime_pipeline.core.learning.network.initial_weights import (
    InitialNetwork,
    build_initial_network,
)
from whenanime_pipeline.core.learning.network.weights import round_to_half
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.training.batches import PairBatches
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, write_log
from whenanime_pipeline.core.learning.training.network_evaluation import (
    evaluate_network,
    score_network,
)
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.train import TrainingResult, train
from whenanime_pipeline.core.learning.training.trained_models import (
    TrainedModel,
    find_trained_model,
)
from whenanime_pipeline.core.learning.training.unfinished_trainings import (
    delete_stale_trainings,
    training_folder,
)
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.learning.training_lock import lock_training

__all__ = ["TrainedModel", "compute_training_id", "ensure_model"]

_COMPARED = 16  # pictures on which the exported model must agree with the trained one


def ensure_model(
    home: Home,
    training_data: TrainingData,
    recipe: Recipe,
    *,
    trained_on: Mapping[str, Any] | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_epoch: Callable[[LogRow], None] = lambda _: None,
) -> TrainedModel:
    """Ensure that the model of a dataset and a recipe exists.

    Other trainings that were interrupted and not resumed for a day are deleted.

    Args:
        home: home of the library.
        training_data: training and validation pictures.
        recipe: recipe of the training.
        trained_on: further plain values for `training` in the model's `meta.json`.
        on_progress: called after every step.
        on_epoch: called with every new row of the log.

    Raises:
        TrainingError: another training is running in this home; there are too few pictures; or
            the loss is not finite, which deletes the training.
        WeightsError: the weights to begin with cannot be used; or the checkpoint is damaged.
        NetworkError: the network cannot be built.
        ExportError: the trained network cannot be kept in half precision, or the exported model
            does not give its numbers; the message says what to delete.
        OSError: the home cannot be written to, or its disk is full; what was saved last stays.
    """
    if len(training_data.originals) == 0:
        raise TrainingError("there are no validation frames to judge a model by: add episodes")
    with lock_training(home):
        initial = build_initial_network(recipe, training_data)
        name = compute_training_id(training_data, recipe, initial.id)
        folder = training_folder(home, name)
        done = find_trained_model(home.models, name)
        if done is None:
            # Training changes the network in place; the initial one is evaluated later.
            network = deepcopy(initial.network).to(select_device())
            trained = _train(network, training_data, recipe, folder, on_progress, on_epoch)
            done = _publish_model(
                trained,
                folder,
                _Provenance(name, training_data, recipe, initial, trained_on or {}),
            )
        shutil.rmtree(folder, ignore_errors=True)
        delete_stale_trainings(home)
        return done


def compute_training_id(training_data: TrainingData, recipe: Recipe, initial_id: str) -> str:
    """Return the id of a training: equal ids give equal models on equal machines."""
    return hash_json(
        {"material": training_data.id, "recipe": recipe.to_identity_json(), "initial": initial_id}
    )


@dataclass(frozen=True)
class _Provenance:
    """Inputs of a training."""

    training_id: str
    training_data: TrainingData
    recipe: Recipe
    initial: InitialNetwork
    trained_on: Mapping[str, Any]


def _train(
    network: EmbeddingNetwork,
    material: TrainingData,
    recipe: Recipe,
    folder: Path,
    on_progress: Callable[[Progress], None],
    on_epoch: Callable[[LogRow], None],
) -> TrainingResult:
    """Train in a folder, which is deleted if the training fails."""
    batches = PairBatches(material, recipe, size=network.options.size)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return train(
            network,
            batches,
            recipe,
            evaluate=partial(score_network, training_data=material, batch=recipe.evaluation_batch),
            folder=folder,
            on_progress=on_progress,
            on_epoch=on_epoch,
        )
    except TrainingError:
        shutil.rmtree(folder, ignore_errors=True)  # it would fail again
        raise


def _publish_model(trained: TrainingResult, folder: Path, origin: _Provenance) -> TrainedModel:
    """Export and evaluate a model, and publish its folder atomically."""
    material, recipe = origin.training_data, origin.recipe
    network = trained.network.cpu()
    try:
        exported = export_network(network, _sample_pictures(material, network.options.size))
    except (ExportError, WeightsError) as error:
        raise ExportError(
            f"the training is over, but no model can be made of it: {error}. The same would come "
            f"of it again: train with a lower learning rate than {recipe.learning_rate:g}, and "
            f"delete {folder}"
        ) from error
    round_to_half(network)  # as it was written
    before, after = (
        evaluate_network(one.to(select_device()), material, batch=recipe.evaluation_batch)
        for one in (origin.initial.network, network)
    )
    provenance = {
        "training": {
            "id": origin.training_id,
            "material": material.id,
            "dataset": material.dataset,
            "pictures": len(material.pictures),
            "validation": len(material.originals),
            "initial": {"name": origin.initial.name, "id": origin.initial.id},
            "epochs": trained.rows[-1].epoch,
            "best_epoch": trained.best_epoch,
            **origin.trained_on,
        },
        "recipe": recipe.to_json() | {"init": origin.initial.name},
        "metrics": {"before": before.to_json(), "after": after.to_json()},
    }
    part = folder / "model"
    identifier = write_model(part, exported, provenance)
    write_log(part / LOG_FILE, trained.rows)
    target = folder.parent / identifier
    if target.exists():  # the same model, damaged, or it would have been found
        shutil.rmtree(target)
    part.replace(target)
    flush_to_disk(target.parent)
    return TrainedModel(
        folder=target,
        model_id=identifier,
        training_id=origin.training_id,
        rows=trained.rows,
        best_epoch=trained.best_epoch,
        metrics_before=before,
        metrics_after=after,
        seconds=trained.seconds,
    )


def _sample_pictures(material: TrainingData, size: int) -> NDArray[np.uint8]:
    """Return a few evenly spaced training pictures, resized to the input."""
    count = len(material.pictures)
    chosen = np.linspace(0, count - 1, min(count, _COMPARED)).astype(int)
    return np.stack([squeeze_to_square(material.pictures[row], size) for row in chosen])
