"""What can be run by name, and which runs are of the index and which of learning."""

import dagster as dg

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

INDEX_EPISODES = "index_episodes"
FRAMES = "bring_frames"
PUBLISH = "publish"
TRAINING_FRAMES = "bring_training_frames"
TRAIN = "train"

_learnt = [dataset, dataset_stats, validation_views, retrieval_model, model_report]
_LEARNING = {key for asset in (training_frames, *_learnt, model_in_use) for key in asset.keys}

jobs = [
    dg.define_asset_job(INDEX_EPISODES, selection=[episode_frames]),
    dg.define_asset_job(FRAMES, selection=[frames.key]),
    dg.define_asset_job(PUBLISH, selection=[index, published_index]),
    dg.define_asset_job(TRAINING_FRAMES, selection=[training_frames]),
    dg.define_asset_job(
        TRAIN,
        selection=_learnt,
        description="From the training frames that are there to a model and its report.",
    ),
]


def learns(run: dg.DagsterRun) -> bool:
    """Tell whether a run is of learning, which may take hours and leaves the index alone."""
    if run.asset_selection:
        return run.asset_selection <= _LEARNING
    return run.job_name in {TRAINING_FRAMES, TRAIN}
