"""One stage of the base model's training: its films, its options, and what `meta.json` says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from whenanime_pipeline.core.learning.shipped.drawn_frames import DRAWN_SIZE
from whenanime_pipeline.core.learning.shipped.projection_fit import SHRINKAGE
from whenanime_pipeline.core.learning.training.frame_set import FrameSet, find_films
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.train import TrainingResult

SEED = 0
STEPS = 100
"""Batches that are called an epoch."""


@dataclass(frozen=True)
class FilmSplit:
    """The open films at hand.

    Attributes:
        training: what is learnt from.
        held_out: what is left out, to measure by.
        excluded_folders: names of the folders that are left out.
    """

    training: tuple[Path, ...]
    held_out: tuple[Path, ...]
    excluded_folders: tuple[str, ...]


def split_films(folder: Path | None, excluded_folders: list[str]) -> FilmSplit:
    """Return the films of a folder, parted.

    Args:
        folder: of the films; None: there are none.
        excluded_folders: names of folders below it that are left out.

    Raises:
        typer.BadParameter: no film is in a folder of one of these names.
    """
    films = find_films(folder) if folder is not None else []
    parts = {film: set(film.relative_to(folder).parts) for film in films} if folder else {}
    for name in excluded_folders:
        if not any(name in some for some in parts.values()):
            raise typer.BadParameter(f"{name}: no film is in a folder of that name in {folder}")
    left = tuple(film for film in films if parts[film].intersection(excluded_folders))
    return FilmSplit(
        tuple(film for film in films if film not in left), left, tuple(excluded_folders)
    )


@dataclass(frozen=True)
class TrainingStage:
    """How one stage was trained.

    Attributes:
        recipe: how.
        films: that were at hand.
        scenes: drawn ones.
        side: pixels of the views.
        init: id of the model it began with, None for random weights.
        projection_frames: frames that the last layer was fitted on in the end, 0 when it was not.
    """

    recipe: Recipe
    films: FilmSplit
    scenes: int
    side: int
    init: str | None
    projection_frames: int

    def build_provenance(self, trained: TrainingResult, frames: FrameSet) -> dict[str, Any]:
        """Return what `meta.json` says of the training."""
        return {
            "training": {
                "films": sorted(path.name for path in self.films.training),
                "without": sorted(self.films.excluded_folders),
                "init": self.init,
                "frames": len(frames),
                "drawn": {"scenes": self.scenes, "seed": SEED, "size": list(DRAWN_SIZE)},
                "projection": {"frames": self.projection_frames, "shrinkage": SHRINKAGE},
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
