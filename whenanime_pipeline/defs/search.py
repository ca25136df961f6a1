"""From videos to the published index."""

from collections.abc import Iterator

import dagster as dg

from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.search.work import EpisodeError, bring_features, bring_frames
from whenanime_pipeline.defs.automation import after_inputs, per_episode
from whenanime_pipeline.defs.checks import (
    FEATURES_CHECKS,
    INDEX_CHECKS,
    features_checks,
    index_checks,
)
from whenanime_pipeline.defs.library import catalogue, video
from whenanime_pipeline.defs.metadata import (
    Metadata,
    failures_table,
    features_metadata,
    frames_metadata,
    snapshot_metadata,
)
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN, episodes
from whenanime_pipeline.defs.resources import LibraryResource, Reporter

GROUP = "search"

frames = dg.AssetSpec(
    "frames",
    deps=[video],
    group_name=GROUP,
    skippable=True,
    automation_condition=per_episode,
    description="Distinct pictures of the episode with their time runs. "
    "Everything after reads these and never the video.",
)
features = dg.AssetSpec(
    "features",
    deps=[frames],
    group_name=GROUP,
    skippable=True,
    automation_condition=per_episode,
    description="An embedding of each distinct picture, by the model in use.",
)


@dg.multi_asset(
    specs=[frames, features],
    check_specs=FEATURES_CHECKS,
    partitions_def=episodes,
    backfill_policy=dg.BackfillPolicy.multi_run(EPISODES_PER_RUN),
    can_subset=True,
    pool="video",
)
def episode_frames(
    context: dg.AssetExecutionContext,
    library: LibraryResource,
    reporter: dg.ResourceParam[Reporter],
) -> Iterator[dg.AssetCheckResult]:
    """Bring each episode's frames and features, one episode after the other.

    An episode is told to Dagster as soon as it is done, so that a run which dies keeps what it
    did. One that cannot be read fails alone; the run fails at its end and names it.
    """
    workspace = library.open()
    failures: dict[str, str] = {}
    done: list[EpisodeStatus] = []
    for status in workspace.statuses(context.partition_keys):
        episode = status.episode
        reporter.begin(episode.path)
        try:
            if frames.key in context.selected_asset_keys:
                frames_done = bring_frames(
                    workspace.home, workspace.videos, status, progress=reporter.reading
                )
                _tell(context, frames.key, episode.key, frames_metadata(status, frames_done))
            if features.key in context.selected_asset_keys:
                features_done = bring_features(
                    workspace.home, status, workspace.embedder, progress=reporter.embedding
                )
                _tell(context, features.key, episode.key, features_metadata(status, features_done))
                done.append(status)
        except EpisodeError as error:
            failures[error.path] = error.reason
            reporter.failed(error.path, error.reason)
        else:
            reporter.finished(episode.path)
    if features.key in context.selected_asset_keys:
        yield from features_checks(done)
    if failures:
        raise dg.Failure(
            "\n".join(f"{path}: {reason}" for path, reason in sorted(failures.items())),
            metadata={"failed": failures_table(failures)},
            allow_retries=False,
        )


@dg.asset(
    deps=[features, catalogue],
    group_name=GROUP,
    check_specs=INDEX_CHECKS,
    automation_condition=after_inputs,
    pool="index",
)
def index(library: LibraryResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Build the next snapshot from all episodes that are ready; only what changed is read."""
    workspace = library.open()
    built = workspace.build()
    return dg.MaterializeResult(
        metadata=snapshot_metadata(workspace, built), check_results=index_checks(workspace, built)
    )


@dg.asset(deps=[index], group_name=GROUP, automation_condition=after_inputs, pool="index")
def published_index(library: LibraryResource) -> dg.MaterializeResult[None]:
    """Verify the built snapshot and make it the one that answers; the app swaps to it."""
    workspace = library.open()
    built, new = workspace.publish()
    return dg.MaterializeResult(
        metadata=snapshot_metadata(workspace, built) | {"published": dg.MetadataValue.bool(new)}
    )


def _tell(
    context: dg.AssetExecutionContext, asset: dg.AssetKey, key: str, metadata: Metadata
) -> None:
    """Record one finished episode at once."""
    context.log_event(dg.AssetMaterialization(asset, partition=key, metadata=metadata))
