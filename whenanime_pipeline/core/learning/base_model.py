"""The base model that ships: its data, its training, its figures, in one script.

    python -m whenanime_pipeline.core.learning.base_model --films DIR --out DIR

It learns from open films and from drawn pictures, and writes a model's folder. Cut off, it goes on
from its last checkpoint when it is started again with the same options.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.network.architecture import BASE_NETWORK
from whenanime_pipeline.core.learning.network.devices import best_device
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.export import export, write_model
from whenanime_pipeline.core.learning.network.projection import SHRINKAGE, fit_projection
from whenanime_pipeline.core.learning.pictures import squeezed
from whenanime_pipeline.core.learning.report.moments import (
    Hits,
    Moments,
    edited,
    nearest,
    read_gallery,
    read_queries,
    shortened,
)
from whenanime_pipeline.core.learning.training.batches import GroupBatches
from whenanime_pipeline.core.learning.training.films import (
    FrameSet,
    find_films,
    joined,
    picture_frames,
    read_films,
)
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.train import Trained, train
from whenanime_pipeline.core.sample.library import make_sample_library
from whenanime_pipeline.core.sample.pictures import random_pictures
from whenanime_pipeline.core.search.embedder import Embedder

RECIPE = Recipe(
    name="base",
    network=BASE_NETWORK,
    init="random",
    epochs=40,
    batch_size=128,
    learning_rate=2e-3,
    weight_decay=0.02,
    warmup=0.04,
    spread_weight=1.0,
    averaging=0.99,
)
STEPS = 100  # batches an epoch
SIDE = 192  # of the training frames: larger than the input, so that crops stay sharp
SAMPLE_SEED = 1  # not the demo's
SAMPLE_EPISODES = 2
DRAWN = 2000
FITTED = 4000  # frames for the last layer, at most
DRAWN_SIZE = (320, 180)
SEED = 0


def gather(films: list[Path]) -> FrameSet:
    """Return what the base model learns from: open films, the sample library, drawn pictures."""
    with TemporaryDirectory() as folder:
        make_sample_library(
            Path(folder), size=DRAWN_SIZE, seed=SAMPLE_SEED, episodes=SAMPLE_EPISODES
        )
        sample = read_films(find_films(Path(folder)), side=SIDE)
    drawn = random_pictures(DRAWN, DRAWN_SIZE, SEED)
    return joined(
        [read_films(films, side=SIDE), sample, picture_frames(drawn, side=SIDE, name="drawn")]
    )


def finish(
    trained: Trained,
    frames: FrameSet,
    films: list[Path],
    strangers: list[Path],
    out: Path,
) -> tuple[str, dict[str, Any]]:
    """Fit the last layer, measure, and write the model.

    Returns:
        The model's id, and its metrics and calibration.
    """
    chosen = np.linspace(0, len(frames) - 1, min(FITTED, len(frames))).astype(int)
    fit_projection(trained.network.cpu(), frames.pictures[chosen])
    exported = export(
        trained.network,
        np.stack([squeezed(one, BASE_NETWORK.size) for one in frames.pictures[::800]]),
    )
    provenance: dict[str, Any] = {
        "training": {
            "films": sorted(path.name for path in films),
            "frames": len(frames),
            "sample_library": {"seed": SAMPLE_SEED, "episodes": SAMPLE_EPISODES},
            "drawn_pictures": {"count": DRAWN, "seed": SEED},
            "projection": {"frames": len(chosen), "shrinkage": SHRINKAGE},
        },
        "recipe": {
            **RECIPE.to_json(),
            "steps": STEPS,
            "done": {
                "steps": trained.steps,
                "pictures": trained.pictures,
                "seconds": round(trained.seconds),
            },
        },
    }
    with TemporaryDirectory() as folder:
        write_model(Path(folder), exported, provenance)
        measured = measure(Path(folder), films, strangers)
    return write_model(out, exported, provenance | measured), measured


def measure(folder: Path, films: list[Path], strangers: list[Path]) -> dict[str, Any]:
    """Return metrics and calibration of a model on films and on films that match nothing.

    The films are those it was trained on: the figures say how well it indexes, not how well it
    transfers.

    Args:
        folder: of the model.
        films: gallery and queries.
        strangers: videos of which no picture is in the films; none: no calibration.
    """
    embedder = Embedder.load(folder)
    gallery, queries = read_gallery(films), read_queries(films)
    vectors = embedder.embed(gallery.pictures)
    found = embedder.embed(queries.pictures)

    def hits(views: Moments) -> Hits:
        return nearest(views, gallery, embedder.embed(views.pictures), vectors)

    half = embedder.dimension // 2
    mild = hits(edited(queries, size=BASE_NETWORK.size, mild=1.0))
    metrics = {
        "gallery": len(gallery.pictures),
        "queries": len(queries.pictures),
        "top1_clean": nearest(queries, gallery, found, vectors).top1,
        "top1_clean_half_dimension": nearest(
            queries, gallery, shortened(found, half), shortened(vectors, half)
        ).top1,
        "top1_mild": mild.top1,
        "top1_edited": hits(edited(queries, size=BASE_NETWORK.size, mild=0.0)).top1,
    }
    calibration: dict[str, Any] | None = None
    if strangers:
        absent = embedder.embed(read_gallery(strangers).pictures)
        calibration = {
            "unrelated": quantiles((absent @ vectors.T).max(1), (50, 90, 99, 99.9)),
            "related": quantiles(mild.similarity[mild.right], (1, 10, 50)),
        }
    return {"metrics": metrics, "calibration": calibration}


def quantiles(values: NDArray[np.float32], percents: tuple[float, ...]) -> dict[str, float]:
    """Return percentiles under names such as `p99.9`."""
    return {f"p{percent}": round(float(np.percentile(values, percent)), 4) for percent in percents}


def main(
    films: Annotated[Path, typer.Option(help="Folder of open films to learn from.")],
    out: Annotated[Path, typer.Option(help="Folder of the model to write.")],
    strangers: Annotated[
        Path | None, typer.Option(help="Folder of films that match nothing, for the calibration.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Time to train, at most.")] = 30,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Folder to save to on the way; default: beside --out.")
    ] = None,
) -> None:
    """Train, measure and write the base model."""
    torch.manual_seed(SEED)
    paths = find_films(films)
    frames = gather(paths)
    print(f"{len(frames)} frames of {len(set(frames.names))} sources", flush=True)
    trained = train(
        EmbeddingNetwork(BASE_NETWORK).to(best_device()),
        GroupBatches(frames, RECIPE, steps=STEPS),
        RECIPE,
        folder=checkpoint or out.with_name(f"{out.name}.training"),
        minutes=minutes,
        on_progress=_Printer(),
    )
    others = find_films(strangers) if strangers else []
    name, measured = finish(trained, frames, paths, others, out)
    print(f"{name}: {measured}", flush=True)


class _Printer:
    """Prints how training goes, now and then."""

    def __init__(self) -> None:
        self._printed = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._printed > 20:
            self._printed = time.monotonic()
            speed = progress.pictures / progress.seconds
            print(
                f"step {progress.step}, {progress.share:.0%}, loss {progress.loss:.3f}, "
                f"{speed:.0f} pictures/s",
                file=sys.stderr,
                flush=True,
            )


if __name__ == "__main__":
    typer.run(main)
