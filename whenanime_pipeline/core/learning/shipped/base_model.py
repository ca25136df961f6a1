"""Trains, evaluates and writes the base model that ships.

    python -m whenanime_pipeline.core.learning.shipped.base_model --out DIR
        [--films DIR] [--init DIR]

The training has stages: from random weights on drawn pictures alone, then from that model
(`--init`) on drawn pictures and open films. An interrupted stage resumes from its last checkpoint
when it is started again with the same options.
"""

import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import torch
import typer

from whenanime_pipeline.core.learning.network.architecture import BASE_NETWORK
from whenanime_pipeline.core.learning.network.devices import select_device
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.export import export_network, write_model
from whenanime_pipeline.core.learning.network.weights import load_weights
from whenanime_pipeline.core.learning.network.weights_header import weights_path
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.shipped.base_evaluation import evaluate_base_model
from whenanime_pipeline.core.learning.shipped.base_training_stage import (
    SEED,
    STEPS,
    TrainingStage,
    split_films,
)
from whenanime_pipeline.core.learning.shipped.drawn_frames import load_or_draw_frames
from whenanime_pipeline.core.learning.shipped.projection_fit import fit_projection
from whenanime_pipeline.core.learning.training.batches import GroupBatches
from whenanime_pipeline.core.learning.training.frame_set import (
    FrameSet,
    concatenate_frame_sets,
    find_films,
    read_films,
)
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.query_views import make_shuffled_query_view
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.train import TrainingResult, train
from whenanime_pipeline.core.search.embedding.model_files import read_model

RECIPE = Recipe(
    name="base",
    network=BASE_NETWORK,
    init="random",
    epochs=1000,  # limited by --minutes
    batch_size=128,
    learning_rate=2e-3,
    weight_decay=0.02,
    warmup=0.04,
    spread_weight=1.0,
    averaging=0.99,
    views="both",
    cropped=0.7,
    mild=0.33,
)
SIDE = 192
"""Side of stored training frames in pixels: larger than the input, so that crops stay sharp."""
SCENES = 4000
"""Default number of drawn scenes."""
PROJECTION_FRAMES = 3000
"""Most frames that the projection is fitted on."""


def export_and_evaluate(
    trained: TrainingResult,
    frames: FrameSet,
    stage: TrainingStage,
    negatives: list[Path],
    out: Path,
    *,
    evaluate: bool,
) -> tuple[str, dict[str, Any]]:
    """Fit the projection, evaluate the model and write it.

    Args:
        trained: trained network.
        frames: training frames.
        stage: options of the stage; the projection is fitted if it has `projection_frames`.
        negatives: videos that share no frame with the stage's films.
        out: folder of the model to write.
        evaluate: whether to evaluate, if the stage has films.

    Returns:
        Id of the model, and its metrics and calibration; empty if not evaluated.
    """
    if stage.projection_frames:
        chosen = np.linspace(0, len(frames) - 1, stage.projection_frames).astype(int)
        change = partial(make_shuffled_query_view, recipe=stage.recipe, size=BASE_NETWORK.size)
        fit_projection(trained.network.cpu(), frames.pictures[chosen], augment=change)
    exported = export_network(
        trained.network,
        np.stack([squeeze_to_square(one, BASE_NETWORK.size) for one in frames.pictures[::800]]),
    )
    provenance = stage.build_provenance(trained, frames)
    measured: dict[str, Any] = {}
    films = [*stage.films.training, *stage.films.held_out]
    if films and evaluate:
        with TemporaryDirectory() as folder:
            write_model(Path(folder), exported, provenance)
            measured = evaluate_base_model(
                Path(folder), films, negatives, training_films=stage.films.training
            )
    return write_model(out, exported, provenance | measured), measured


def main(
    out: Annotated[Path, typer.Option(help="Folder of the model to write.")],
    films: Annotated[
        Path | None, typer.Option(help="Folder of open films to train on too.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Name of a folder of films to hold out.")
    ] = None,
    init: Annotated[
        Path | None, typer.Option(help="Folder of the initial model; default: random weights.")
    ] = None,
    negatives: Annotated[
        Path | None, typer.Option(help="Folder of other films, for the calibration.")
    ] = None,
    scenes: Annotated[
        int, typer.Option(help="Number of drawn scenes to train on.", min=1)
    ] = SCENES,
    side: Annotated[int, typer.Option(help="Side of the views, in pixels.")] = BASE_NETWORK.size,
    minutes: Annotated[float, typer.Option(help="Longest training time, in minutes.")] = 30,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 2e-3,
    members: Annotated[int, typer.Option(help="Neighbouring frames per group.", min=1)] = 1,
    cropped: Annotated[float, typer.Option(help="Share of views that are only cropped.")] = 0.7,
    memory: Annotated[int, typer.Option(help="Size of the cross-batch memory, in pictures.")] = 0,
    batch: Annotated[int, typer.Option(help="Batch size, in pictures.", min=2)] = 128,
    fit: Annotated[bool, typer.Option(help="Fit the projection after training.")] = True,
    judge: Annotated[bool, typer.Option(help="Evaluate on the films after training.")] = True,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Folder of checkpoints; default: next to --out.")
    ] = None,
    drawn: Annotated[
        Path | None, typer.Option(help="Folder of cached drawn scenes; default: --checkpoint.")
    ] = None,
) -> None:
    """Train, evaluate and write the base model."""
    torch.manual_seed(SEED)
    recipe = replace(RECIPE, learning_rate=rate, cropped=cropped, memory=memory, batch_size=batch)
    chosen = split_films(films, without or [])
    saved = checkpoint or out.with_name(f"{out.name}.training")
    parts = [load_or_draw_frames(drawn or saved, scenes, side=SIDE, seed=SEED)]
    if chosen.training:
        parts.append(read_films(chosen.training, side=SIDE))
    frames = concatenate_frame_sets(parts)
    print(f"{len(frames)} frames of {len(frames.names)} films and scenes", flush=True)
    network = EmbeddingNetwork(BASE_NETWORK)
    if init is not None:
        load_weights(network, weights_path(init))
        network.rescale_projection()
    trained = train(
        network.to(select_device()),
        GroupBatches(frames, recipe, steps=STEPS, members=members, size=side),
        recipe,
        folder=saved,
        minutes=minutes,
        on_progress=_Printer(),
    )
    negative_films = find_films(negatives) if negatives else []
    initial_id = read_model(init)[0].model_id if init else None
    projection_frames = min(PROJECTION_FRAMES, len(frames)) if fit else 0
    stage = TrainingStage(recipe, chosen, scenes, side, initial_id, projection_frames)
    name, measured = export_and_evaluate(
        trained, frames, stage, negative_films, out, evaluate=judge
    )
    print(f"{name}: {measured}", flush=True)


class _Printer:
    """Prints the progress of the training every 20 seconds."""

    def __init__(self) -> None:
        self._printed = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._printed > 20:
            self._printed = time.monotonic()
            speed = progress.pictures / progress.seconds
            print(
                f"step {progress.step}, {progress.fraction_done:.0%}, loss {progress.loss:.3f}, "
                f"{speed:.0f} pictures/s",
                file=sys.stderr,
                flush=True,
            )


if __name__ == "__main__":
    typer.run(main)
