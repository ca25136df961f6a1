"""A tagger of themes, trained on a library and on drawn episodes. It is asked for."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from whenanime_pipeline.defs.learning import GROUP, POOL
from whenanime_pipeline.defs.metadata import Metadata, float_value
from whenanime_pipeline.defs.model_selection import require_training_packages
from whenanime_pipeline.defs.resources import Library, TrainingReporter
from whenanime_pipeline.defs.search import frames

TAGGER_METADATA_KEY = "tagger"
"""Names a tagger's id in the metadata of what made it."""


class TaggerConfig(dg.Config):
    """What a tagger is trained on, and how long."""

    labels: str | None = Field(
        default=None, description="file of labels; none: what seasons say for certain"
    )
    steps: int = Field(default=650, ge=1, description="batches of each of its networks")
    drawn: int = Field(default=200, ge=0, description="drawn episodes that it learns from as well")
    seed: int = Field(default=0, ge=0, description="another one gives other weights")


@dg.asset(deps=[frames], group_name=GROUP, pool=POOL)
def theme_tagger(
    config: TaggerConfig,
    library: dg.ResourceParam[Library],
    training_reporter: dg.ResourceParam[TrainingReporter],
) -> dg.MaterializeResult[None]:
    """A tagger that suggests openings and endings of lone episodes, judged on unseen ones.

    Cut off, it goes on where it was. It is used only when it is adopted:
    `whenanime models use-tagger ID`. Needs torch: `pip install "whenanime[train]"`.
    """
    require_training_packages()
    from whenanime_pipeline.core.learning.themes.ensure_tagger import ensure_tagger
    from whenanime_pipeline.core.learning.themes.library_tracks import load_known_episodes
    from whenanime_pipeline.core.learning.themes.tagger_training import TaggerRecipe

    workspace, tell = library.open(), training_reporter.on_preparation_progress
    known = load_known_episodes(
        workspace,
        Path(config.labels) if config.labels else None,
        progress=lambda done: tell("tracks", done, 1),
    )
    done = ensure_tagger(
        workspace.home,
        known,
        TaggerRecipe(steps=config.steps, seed=config.seed),
        drawn=config.drawn,
        on_preparation=lambda share: tell("drawn episodes", share, 1),
        on_progress=lambda progress: tell("training", progress.step, progress.steps),
    )
    metadata: Metadata = {
        TAGGER_METADATA_KEY: dg.MetadataValue.text(done.tagger_id),
        "in use": dg.MetadataValue.text(done.rival),
        "episodes": dg.MetadataValue.int(done.episodes),
        "drawn episodes": dg.MetadataValue.int(config.drawn),
        "folder": dg.MetadataValue.path(str(done.folder)),
    }
    for name, found in (("", done.metrics), (" of the one in use", done.rival_metrics)):
        for key, value in (found.to_json() if found else {}).items():
            metadata[f"{key.replace('_', ' ')}{name}"] = float_value(float(value), 4)
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(done.tagger_id))
