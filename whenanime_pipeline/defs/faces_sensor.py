"""Finds faces while `whenanime up` runs and there is nothing else to do."""

from time import time

import dagster as dg
from pydantic import BaseModel

from whenanime_pipeline.core.characters.detector import identify_detector
from whenanime_pipeline.core.characters.errors import CharactersError
from whenanime_pipeline.core.characters.faces.ensure import list_pending_faces
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.settings import SettingsError
from whenanime_pipeline.defs.jobs import FACES_JOB, is_learning_run
from whenanime_pipeline.defs.orphaned_runs import UNFINISHED_STATUSES
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.defs.resources import LibraryResource

FACES_INTERVAL = 120
"""Seconds between looks; a run takes one episode."""
RETRY_INTERVAL = 86400.0
"""Seconds until an episode is tried again whose faces could not be found."""


class _FacesCursor(BaseModel):
    """What `find_faces` remembers.

    Attributes:
        tried: when each episode was tried last, in seconds since 1970, by key.
    """

    tried: dict[str, float] = {}


@dg.sensor(
    job_name=FACES_JOB,
    minimum_interval_seconds=FACES_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Finds the faces of episodes that can be searched for, one after the other, while "
    "nothing else runs. Off until `[characters] enabled = true`.",
)
def find_faces(
    context: dg.SensorEvaluationContext, library: LibraryResource
) -> dg.SensorResult | dg.SkipReason:
    """Ask for the faces of one episode when everything else is done."""
    workspace, instance = library.open(), context.instance
    try:
        if not workspace.settings.characters.enabled:
            return dg.SkipReason("off: [characters] enabled = true in config.toml")
        unfinished = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED_STATUSES))
        if not all(map(is_learning_run, unfinished)):
            return dg.SkipReason("work is going on")
        detector_id = identify_detector(workspace.home)
        statuses = workspace.load_statuses()
        if any(one.is_pending for one in statuses) or workspace.measure_pending_changes():
            return dg.SkipReason("episodes wait to be indexed")
        pending = list_pending_faces(workspace.home, statuses, detector_id)
    except (CharactersError, SettingsError, SearchError) as error:
        return dg.SkipReason(str(error))
    known = set(instance.get_dynamic_partitions(EPISODE_PARTITIONS))
    keys = [status.episode.key for status in pending if status.episode.key in known]
    last = _FacesCursor.model_validate_json(context.cursor) if context.cursor else _FacesCursor()
    tried = {key: when for key, when in last.tried.items() if key in keys}
    due = [key for key in keys if time() - tried.get(key, 0.0) >= RETRY_INTERVAL]
    if not due:
        return dg.SkipReason(f"{len(keys)} episodes without faces; they were tried")
    cursor = _FacesCursor(tried=tried | {due[0]: time()})
    return dg.SensorResult(
        run_requests=[dg.RunRequest(partition_key=due[0])], cursor=cursor.model_dump_json()
    )
