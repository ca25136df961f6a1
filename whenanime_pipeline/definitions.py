"""The whole graph on one screen."""

import os
from pathlib import Path

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.defs.characters import episode_faces
from whenanime_pipeline.defs.faces_sensor import find_faces
from whenanime_pipeline.defs.jobs import jobs
from whenanime_pipeline.defs.learning import (
    dataset,
    dataset_stats,
    model_in_use,
    model_report,
    retrieval_model,
    training_frames,
    validation_views,
)
from whenanime_pipeline.defs.library import catalogue, video
from whenanime_pipeline.defs.resources import LibraryResource, LogReporter, LogTrainingReporter
from whenanime_pipeline.defs.search import episode_frames, index, published_index
from whenanime_pipeline.defs.sensors import automation, resume_work, watch_videos
from whenanime_pipeline.defs.theme_learning import theme_tagger
from whenanime_pipeline.defs.themes import themes


@dg.definitions
def definitions() -> dg.Definitions:
    """Return the graph.

    videos → frames → features → themes → index → published index happens by itself;
    videos → training frames → dataset → model → report → model in use is asked for;
    features → faces happens by itself where the options say so, when all else is done.
    """
    home = os.environ.get("WHENANIME_HOME", ".whenanime")
    return dg.Definitions(
        assets=[
            *(video, catalogue, episode_frames, themes, index, published_index),
            *(training_frames, dataset, dataset_stats, validation_views),
            *(retrieval_model, model_report, model_in_use, theme_tagger),
            episode_faces,
        ],
        jobs=jobs,
        sensors=[watch_videos, resume_work, find_faces, automation],
        # Dagster's own default starts a process a step: 3.5 s each, and the model loaded again.
        executor=dg.in_process_executor,
        resources={
            "library": LibraryResource(
                home_folder=home,
                videos_folder=os.environ.get("WHENANIME_VIDEOS", "videos"),
            ),
            "reporter": LogReporter(Home(Path(home))),
            "training_reporter": LogTrainingReporter(),
        },
    )
