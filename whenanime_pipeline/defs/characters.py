"""The faces of episodes that can be searched for already."""

import dagster as dg

from whenanime_pipeline.core.characters.detector_process import DetectorProcess
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.faces.ensure import FacesResult, ensure_faces
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.defs.episode_processing import (
    log_materialization,
    process_episodes,
    raise_failures,
)
from whenanime_pipeline.defs.metadata import Metadata, float_value, throughput_metadata
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN, episode_partitions
from whenanime_pipeline.defs.resources import Library, Reporter
from whenanime_pipeline.defs.search import features

GROUP = "characters"

faces = dg.AssetSpec(
    "faces",
    deps=[features],
    group_name=GROUP,
    skippable=True,
    description="Faces of anime characters in the episode: one frame a shot and one a second, as "
    "tracks with crops. Off until `[characters] enabled = true`; then made once the episode can "
    "be searched for.",
)


@dg.multi_asset(
    specs=[faces],
    partitions_def=episode_partitions,
    backfill_policy=dg.BackfillPolicy.multi_run(EPISODES_PER_RUN),
    pool="faces",
)
def episode_faces(
    context: dg.AssetExecutionContext,
    library: dg.ResourceParam[Library],
    reporter: dg.ResourceParam[Reporter],
) -> None:
    """Find each episode's faces, one episode after the other; one that fails, fails alone.

    Its pool is its own: no other work waits for it.
    """
    workspace = library.open()
    try:
        detector = DetectorProcess(workspace.home)
    except DetectorError as error:
        raise dg.Failure(str(error), allow_retries=False) from error

    def ensure(status: EpisodeStatus) -> None:
        done = ensure_faces(
            workspace.home,
            status,
            detector,
            workspace.embedder,
            progress=reporter.on_faces_progress,
        )
        log_materialization(context, faces.key, status.episode.key, _describe(status, done))

    with detector:
        failures = process_episodes(
            workspace, context.partition_keys, reporter, ensure, with_features=True
        )
    raise_failures(failures)


def _describe(status: EpisodeStatus, done: FacesResult) -> Metadata:
    report = done.report
    described: Metadata = {
        "file": dg.MetadataValue.text(status.episode.path),
        "frames looked at": dg.MetadataValue.int(report.looks),
        "faces": dg.MetadataValue.int(done.faces),
        "tracks": dg.MetadataValue.int(report.tracks),
        "detector": dg.MetadataValue.text(report.detector),
        "megabytes": float_value(done.bytes / 1e6, 2),
    }
    if report.failed:
        described["frames at which the detector failed"] = dg.MetadataValue.int(report.failed)
    return described | throughput_metadata(done.seconds, report.looks)
