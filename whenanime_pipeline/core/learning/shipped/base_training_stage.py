"""A stage of the base model's training: its films, options and provenance."""

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
"""Seed of the weights, the drawn scenes and the batches."""
STEPS = 100
"""Batches per epoch."""


@dataclass(frozen=True)
class FilmSplit:
    """Open films for training and for evaluation.

    Attributes:
        training: films to train on.
        held_out: films left out for evaluation.
        excluded_folders: names of the folders of the films left out.
    """

    training: tuple[Path, ...]
    held_out: tuple[Path, ...]
    excluded_folders: tuple[str, ...]


def split_films(folder: Path | None, excluded_folders: list[str]) -> FilmSplit:
    """Split the films of a folder.

    Args:
        folder: folder of the films; None for no films.
        excluded_folders: names of folders below it to leave out.

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
    """Options of one stage.

    Attributes:
        recipe: recipe of the training.
        films: films for training and evaluation.
        scenes: number of drawn scenes.
        side: side of the views in pixels.
        init: id of the initial model, None for random weights.
        projection_frames: number of frames that the projection is fitted on, 0 for no fit.
    """

    recipe: Recipe
    films: FilmSplit
    scenes: int
    side: int
    init: str | None
    projection_frames: int

    def build_provenance(self, trained: TrainingResult, frames: FrameSet) -> dict[str, Any]:
        """Return the fields of `meta.json` about the training."""
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
