"""The base model that ships: its data, its training, its figures, in one script.

    python -m whenanime_pipeline.core.learning.base_model --out DIR [--films DIR] [--init DIR]

It is trained in stages: from random weights on drawn pictures alone, and from what came of that on
drawn pictures and open films together. Cut off, a stage goes on from its last checkpoint when it
is started again with the same options.
"""

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import torch
import typer

from whenanime_pipeline.core.learning.base_figures import measure
from whenanime_pipeline.core.learning.network.architecture import BASE_NETWORK
from whenanime_pipeline.core.learning.network.devices import best_device
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.export import export, write_model
from whenanime_pipeline.core.learning.network.headers import weights_file
from whenanime_pipeline.core.learning.network.projection import SHRINKAGE, fit_projection
from whenanime_pipeline.core.learning.network.weights import load_weights
from whenanime_pipeline.core.learning.pictures import squeezed
from whenanime_pipeline.core.learning.training.batches import GroupBatches
from whenanime_pipeline.core.learning.training.drawn import DRAWN_SIZE, kept_frames
from whenanime_pipeline.core.learning.training.films import (
    FrameSet,
    find_films,
    joined,
    read_films,
)
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.train import Trained, train
from whenanime_pipeline.core.search.model import read_model

RECIPE = Recipe(
    name="base",
    network=BASE_NETWORK,
    init="random",
    epochs=1000,  # ended by the clock
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
STEPS = 100  # batches an epoch
SIDE = 192  # of the training frames: larger than the input, so that crops stay sharp
SCENES = 4000
FITTED = 4000  # frames for the last layer, at most
SEED = 0


@dataclass(frozen=True)
class Films:
    """The open films at hand.

    Attributes:
        learnt: what is learnt from.
        left: what is left out, to measure by.
        without: names of the folders that are left out.
    """

    learnt: tuple[Path, ...]
    left: tuple[Path, ...]
    without: tuple[str, ...]


def choose_films(folder: Path | None, without: list[str]) -> Films:
    """Return the films of a folder, parted.

    Args:
        folder: of the films; None: there are none.
        without: names of folders below it that are left out.

    Raises:
        typer.BadParameter: no film is in a folder of one of these names.
    """
    films = find_films(folder) if folder is not None else []
    parts = {film: set(film.relative_to(folder).parts) for film in films} if folder else {}
    for name in without:
        if not any(name in some for some in parts.values()):
            raise typer.BadParameter(f"{name}: no film is in a folder of that name in {folder}")
    left = tuple(film for film in films if parts[film].intersection(without))
    return Films(tuple(film for film in films if film not in left), left, tuple(without))


@dataclass(frozen=True)
class Stage:
    """How one stage was trained.

    Attributes:
        recipe: how.
        films: that were at hand.
        scenes: drawn ones.
        side: pixels of the views.
        init: id of the model it began with, None for random weights.
    """

    recipe: Recipe
    films: Films
    scenes: int
    side: int
    init: str | None

    def provenance(self, trained: Trained, frames: FrameSet, fitted: int) -> dict[str, Any]:
        """Return what `meta.json` says of the training."""
        return {
            "training": {
                "films": sorted(path.name for path in self.films.learnt),
                "without": sorted(self.films.without),
                "init": self.init,
                "frames": len(frames),
                "drawn": {"scenes": self.scenes, "seed": SEED, "size": list(DRAWN_SIZE)},
                "projection": {"frames": fitted, "shrinkage": SHRINKAGE},
            },
            "recipe": {
                **self.recipe.to_json(),
                "steps": STEPS,
                "side": self.side,
                "done": {
                    "steps": trained.steps,
                    "pictures": trained.pictures,
                    "seconds": round(trained.seconds),
                },
            },
        }


def finish(
    trained: Trained, frames: FrameSet, stage: Stage, strangers: list[Path], out: Path
) -> tuple[str, dict[str, Any]]:
    """Fit the last layer, measure, and write the model.

    Returns:
        The model's id, and its metrics and calibration, if there are films to measure by.
    """
    chosen = np.linspace(0, len(frames) - 1, min(FITTED, len(frames))).astype(int)
    fit_projection(trained.network.cpu(), frames.pictures[chosen])
    exported = export(
        trained.network,
        np.stack([squeezed(one, BASE_NETWORK.size) for one in frames.pictures[::800]]),
    )
    provenance = stage.provenance(trained, frames, len(chosen))
    measured: dict[str, Any] = {}
    films = [*stage.films.learnt, *stage.films.left]
    if films:
        with TemporaryDirectory() as folder:
            write_model(Path(folder), exported, provenance)
            measured = measure(Path(folder), films, strangers, learnt=stage.films.learnt)
    return write_model(out, exported, provenance | measured), measured


def main(
    out: Annotated[Path, typer.Option(help="Folder of the model to write.")],
    films: Annotated[
        Path | None, typer.Option(help="Folder of open films to learn from too.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Name of a folder of films that is left out.")
    ] = None,
    init: Annotated[
        Path | None, typer.Option(help="Folder of the model to begin with; default: random.")
    ] = None,
    strangers: Annotated[
        Path | None, typer.Option(help="Folder of films that match nothing, for the calibration.")
    ] = None,
    scenes: Annotated[int, typer.Option(help="Drawn scenes to learn from.", min=1)] = SCENES,
    side: Annotated[int, typer.Option(help="Pixels of the views' side.")] = BASE_NETWORK.size,
    minutes: Annotated[float, typer.Option(help="Time to train, at most.")] = 30,
    rate: Annotated[float, typer.Option(help="Learning rate, at its highest.")] = 2e-3,
    members: Annotated[int, typer.Option(help="Neighbouring frames a group.", min=1)] = 1,
    cropped: Annotated[float, typer.Option(help="Share of views that are mere crops.")] = 0.7,
    memory: Annotated[int, typer.Option(help="Pictures of earlier batches to tell apart.")] = 0,
    batch: Annotated[int, typer.Option(help="Pictures a batch.", min=2)] = 128,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Folder to save to on the way; default: beside --out.")
    ] = None,
    drawn: Annotated[
        Path | None, typer.Option(help="Folder that keeps drawn scenes; default: --checkpoint.")
    ] = None,
) -> None:
    """Train, measure and write the base model."""
    torch.manual_seed(SEED)
    recipe = replace(RECIPE, learning_rate=rate, cropped=cropped, memory=memory, batch_size=batch)
    chosen = choose_films(films, without or [])
    saved = checkpoint or out.with_name(f"{out.name}.training")
    parts = [kept_frames(drawn or saved, scenes, side=SIDE, seed=SEED)]
    if chosen.learnt:
        parts.append(read_films(chosen.learnt, side=SIDE))
    frames = joined(parts)
    print(f"{len(frames)} frames of {len(frames.names)} films and scenes", flush=True)
    network = EmbeddingNetwork(BASE_NETWORK)
    if init is not None:
        load_weights(network, weights_file(init))
    trained = train(
        network.to(best_device()),
        GroupBatches(frames, recipe, steps=STEPS, members=members, size=side),
        recipe,
        folder=saved,
        minutes=minutes,
        on_progress=_Printer(),
    )
    others = find_films(strangers) if strangers else []
    began = read_model(init)[0].model_id if init else None
    stage = Stage(recipe, chosen, scenes, side, began)
    name, measured = finish(trained, frames, stage, others, out)
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
