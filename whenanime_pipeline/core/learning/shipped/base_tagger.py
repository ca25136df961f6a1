"""Makes the tagger of themes that ships, from drawn episodes alone.

Run from a checkout: `python -m whenanime_pipeline.core.learning.shipped.base_tagger`. It takes
about ten minutes on one core; the same seed gives the same tagger on equal machines.
"""

import argparse
from pathlib import Path

import torch

from whenanime_pipeline.core.learning.themes.drawn_episodes import draw_training_episodes
from whenanime_pipeline.core.learning.themes.tagger_batches import TaggerBatches
from whenanime_pipeline.core.learning.themes.tagger_export import write_tagger
from whenanime_pipeline.core.learning.themes.tagger_training import (
    TaggerProgress,
    TaggerRecipe,
    train_tagger,
)
from whenanime_pipeline.core.themes.tagger.model_files import base_tagger_folder

_SEED = 1
_SONGS, _OTHERS = 110, 36
_REPORT_EVERY = 100


def make_base_tagger(
    folder: Path, recipe: TaggerRecipe, *, episodes: int, work: Path | None = None
) -> str:
    """Train a tagger on drawn episodes and write its folder.

    Args:
        folder: to write; the base tagger's to replace the one that ships.
        recipe: of the training.
        episodes: number of drawn episodes.
        work: folder of the checkpoint; None to keep none.

    Returns:
        The tagger's id.
    """
    drawn = draw_training_episodes(_SEED, episodes, songs=_SONGS, others=_OTHERS)

    def tell(progress: TaggerProgress) -> None:
        if progress.step % _REPORT_EVERY == 0:
            print(f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}")

    ensemble = train_tagger(
        lambda member: TaggerBatches(
            drawn, size=recipe.batch, crop=recipe.crop, seed=recipe.seed + member
        ),
        recipe,
        folder=work,
        on_progress=tell,
    )
    provenance = {"training": {"drawn": episodes, "seed": _SEED}, "recipe": recipe.to_json()}
    return write_tagger(folder, ensemble, provenance)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=base_tagger_folder())
    parser.add_argument("--work", type=Path, help="folder of the checkpoint, to go on after a stop")
    parser.add_argument("--episodes", type=int, default=600)
    parser.add_argument("--steps", type=int, default=TaggerRecipe().steps)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    recipe = TaggerRecipe(steps=chosen.steps)
    print(make_base_tagger(chosen.folder, recipe, episodes=chosen.episodes, work=chosen.work))


if __name__ == "__main__":
    main()
