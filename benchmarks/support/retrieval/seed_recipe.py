"""Trains a model by the seed's recipe, on the films, drawn pictures and time of one of ours.

python -m benchmarks.support.retrieval.seed_recipe --library DIR --out DIR --without NAME

The common folder of several `--out` is the option `seed_models` of `whenanime bench retrieval`. An
interrupted training resumes from its last checkpoint when it is started with the same options.
"""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.support.retrieval.gallery import list_films, series_of
from whenanime_pipeline.core.learning.network.devices import select_device
from whenanime_pipeline.core.learning.network.export import export_network, write_model
from whenanime_pipeline.core.learning.network.initial_weights import build_initial_network
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_pictures
from whenanime_pipeline.core.learning.training.batches import PairBatches
from whenanime_pipeline.core.learning.training.frame_set import (
    FrameSet,
    concatenate_frame_sets,
    frames_from_pictures,
    read_films,
)
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe, build_recipe
from whenanime_pipeline.core.learning.training.train import train
from whenanime_pipeline.core.learning.training_data import Channels, TrainingData

_DRAWN_SIZE = (256, 144)
_CHECKED = 8
"""Pictures on which the exported network is compared."""


def build_training_data(frames: FrameSet) -> TrainingData:
    """Return frames as training data of pairs, without validation frames."""
    return TrainingData(
        id=f"{len(frames)} frames",
        pictures=frames.pictures,
        thumbnails=frames.thumbnails,
        originals=frames.pictures[:0],
        views=frames.pictures[:0],
        mean=_channels(frames.pictures.mean((0, 1, 2))),
        std=_channels(frames.pictures[:: max(1, len(frames) // 500)].std((0, 1, 2))),
    )


def train_model(
    frames: FrameSet, chosen: Recipe, out: Path, *, without: list[str], minutes: float
) -> str:
    """Train by a recipe, and write the model's folder.

    Args:
        frames: training frames.
        chosen: recipe.
        out: folder of the model; the checkpoint is next to it.
        without: held-out series, for `meta.json`.
        minutes: longest training time.

    Returns:
        The model's id.
    """
    data = build_training_data(frames)
    initial = build_initial_network(chosen, data)
    trained = train(
        initial.network.to(select_device()),
        PairBatches(data, chosen),
        chosen,
        folder=out.with_name(f".{out.name}.training"),
        minutes=minutes,
        on_progress=_print,
    )
    size = chosen.network.size
    shown = [squeeze_to_square(picture, size) for picture in frames.pictures[:_CHECKED]]
    training = {
        "films": sorted(set(frames.names)),
        "without": without,
        "frames": len(frames),
        "begun with": initial.name,
    }
    done = {
        "steps": trained.steps,
        "pictures": trained.pictures,
        "seconds": round(trained.seconds),
    }
    return write_model(
        out,
        export_network(trained.network.cpu(), np.stack(shown)),
        {"training": training, "recipe": chosen.to_json() | {"done": done}},
    )


def main(
    library: Annotated[Path, typer.Option(help="Videos folder, with a folder per series.")],
    out: Annotated[Path, typer.Option(help="Folder of the model to write.")],
    without: Annotated[list[str] | None, typer.Option(help="A series to hold out.")] = None,
    drawn: Annotated[int, typer.Option(help="Number of drawn pictures.")] = 2000,
    minutes: Annotated[float, typer.Option(help="Longest training time, in minutes.")] = 15,
    size: Annotated[int, typer.Option(help="Side of the input in pixels; the seed has 224.")] = 224,
    batch_size: Annotated[int, typer.Option(help="Pairs per step; the seed has 256.")] = 64,
) -> None:
    """Train and write a model."""
    left_out = without or []
    films = [film for film in list_films(library) if series_of(library, film) not in left_out]
    chosen = build_recipe("seed", size=size, batch_size=batch_size)
    frames = read_films(films, side=chosen.picture_side)
    if drawn:
        pictures = draw_random_pictures(drawn, _DRAWN_SIZE, 0)
        frames = concatenate_frame_sets(
            [frames, frames_from_pictures(pictures, side=chosen.picture_side, name="drawn")]
        )
    print(f"{len(frames)} pictures of {len(films)} films", file=sys.stderr, flush=True)
    print(train_model(frames, chosen, out, without=left_out, minutes=minutes))


def _print(progress: Progress) -> None:
    if progress.step % 20 == 0:
        print(
            f"step {progress.step}, {progress.fraction_done:.0%}, loss {progress.loss:.3f}",
            file=sys.stderr,
            flush=True,
        )


def _channels(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Channels:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


if __name__ == "__main__":
    typer.run(main)
