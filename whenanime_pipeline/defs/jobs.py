"""What can be run by name, and which runs are of the index and which of learning."""

import dagster as dg

from whenanime_pipeline.defs.characters import episode_faces
from whenanime_pipeline.defs.learning import (
    dataset,
    dataset_stats,
    model_in_use,
    model_report,
    retrieval_model,
    training_frames,
    validation_views,
)
from whenanime_pipeline.defs.search import episode_frames, frames, index, published_index
from whenanime_pipeline.defs.theme_learning import theme_tagger
from whenanime_pipeline.defs.themes import themes

INDEX_EPISODES_JOB = "index_episodes"
FRAMES_JOB = "bring_frames"
PUBLISH_JOB = "publish"
TRAINING_FRAMES_JOB = "bring_training_frames"
TRAIN_JOB = "train"
TRAIN_TAGGER_JOB = "train_theme_tagger"
FACES_JOB = "find_faces"

_training_assets = [dataset, dataset_stats, validation_views, retrieval_model, model_report]
_LEARNING_KEYS = {
    key
    for asset in (training_frames, *_training_assets, model_in_use, theme_tagger)
    for key in asset.keys
}

jobs = [
    dg.define_asset_job(INDEX_EPISODES_JOB, selection=[episode_frames]),
    dg.define_asset_job(FRAMES_JOB, selection=[frames.key]),
    dg.define_asset_job(PUBLISH_JOB, selection=[themes, index, published_index]),
    dg.define_asset_job(
        FACES_JOB,
        selection=[episode_faces],
        tags={"dagster/priority": "-1"},
        description="The faces of episodes; the index does without them.",
    ),
    dg.define_asset_job(TRAINING_FRAMES_JOB, selection=[training_frames]),
    dg.define_asset_job(
        TRAIN_JOB,
        selection=_training_assets,
        description="From the training frames that are there to a model and its report.",
    ),
    dg.define_asset_job(
        TRAIN_TAGGER_JOB,
        selection=[theme_tagger],
        description="From what is known of the library's themes to a tagger and its report.",
    ),
]


def is_learning_run(run: dg.DagsterRun) -> bool:
    """Tell whether a run is of learning, which may take hours and leaves the index alone."""
    if run.asset_selection:
        return run.asset_selection <= _LEARNING_KEYS
    return run.job_name in {TRAINING_FRAMES_JOB, TRAIN_JOB, TRAIN_TAGGER_JOB}


def is_faces_run(run: dg.DagsterRun) -> bool:
    """Tell whether a run is of faces alone, which the index does without."""
    if run.asset_selection:
        return run.asset_selection <= episode_faces.keys
    return run.job_name == FACES_JOB
