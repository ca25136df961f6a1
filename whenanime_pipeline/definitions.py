"""The whole graph on one screen."""

import os

import dagster as dg

from whenanime_pipeline.defs.library import catalogue, video
from whenanime_pipeline.defs.resources import LibraryResource, LogReporter
from whenanime_pipeline.defs.search import episode_frames, index, published_index
from whenanime_pipeline.defs.sensors import automation, resume_work, watch_videos

INDEX_EPISODES = "index_episodes"
PUBLISH = "publish"


@dg.definitions
def definitions() -> dg.Definitions:
    """Return the graph: videos → frames → features → index → published index."""
    return dg.Definitions(
        assets=[video, catalogue, episode_frames, index, published_index],
        jobs=[
            dg.define_asset_job(INDEX_EPISODES, selection=["frames", "features"]),
            dg.define_asset_job(PUBLISH, selection=["index", "published_index"]),
        ],
        sensors=[watch_videos, resume_work, automation],
        # Dagster's own default starts a process a step: 3.5 s each, and the model loaded again.
        executor=dg.in_process_executor,
        resources={
            "library": LibraryResource(
                home_folder=os.environ.get("WHENANIME_HOME", ".whenanime"),
                videos_folder=os.environ.get("WHENANIME_VIDEOS", "videos"),
            ),
            "reporter": LogReporter(),
        },
    )
