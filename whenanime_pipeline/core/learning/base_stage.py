"""One stage of the base model's training: its films, its options, and what `meta.json` says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from whenanime_pipeline.core.learning.network.projection import SHRINKAGE
from whenanime_pipeline.core.learning.training.drawn import DRAWN_SIZE
from whenanime_pipeline.core.learning.training.films import FrameSet, find_films
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.train import Trained

SEED = 0
STEPS = 100
"""Batches that are called an epoch."""


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
        fitted: frames that the last layer was fitted on in the end, 0 when it was not.
    """

    recipe: Recipe
    films: Films
    scenes: int
    side: int
    init: str | None
    fitted: int

    def provenance(self, trained: Trained, frames: FrameSet) -> dict[str, Any]:
        """Return what `meta.json` says of the training."""
        return {
            "training": {
                "films": sorted(path.name for path in self.films.learnt),
                "without": sorted(self.films.without),
                "init": self.init,
                "frames": len(frames),
                "drawn": {"scenes": self.scenes, "seed": SEED, "size": list(DRAWN_SIZE)},
                "projection": {"frames": self.fitted, "shrinkage": SHRINKAGE},
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
