"""From videos to the published index."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from whenanime_pipeline.core.search.episode_indexing import (
    discard_damaged,
    ensure_features,
    ensure_frames,
)
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.ensure import (
    ensure_pictures,
    ensure_sound,
    ensure_text,
)
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.automation import inputs_changed, new_or_replaced_episode
from whenanime_pipeline.defs.checks import (
    FEATURES_CHECK_SPECS,
    INDEX_CHECK_SPECS,
    check_features,
    check_index,
)
from whenanime_pipeline.defs.episode_processing import (
    log_materialization,
    process_episodes,
    raise_failures,
)
from whenanime_pipeline.defs.library import MODEL_IN_USE_KEY, catalogue, video
from whenanime_pipeline.defs.metadata import (
    features_metadata,
    frames_metadata,
    snapshot_metadata,
)
from whenanime_pipeline.defs.partitions import EPISODES_PER_RUN, episode_partitions
from whenanime_pipeline.defs.resources import Library, Reporter

GROUP = "search"

frames = dg.AssetSpec(
    "frames",
    deps=[video],
    group_name=GROUP,
    skippable=True,
    automation_condition=new_or_replaced_episode,
    description="Distinct pictures of the episode with their time runs. "
    "What searches reads these and never the video. In the same run its sound is read as numbers "
    "over time, in which themes are found.",
)
features = dg.AssetSpec(
    "features",
    deps=[frames, MODEL_IN_USE_KEY],
    group_name=GROUP,
    skippable=True,
    automation_condition=new_or_replaced_episode,
    description="An embedding of each distinct picture, by the model in use; and the local "
    "features of its key frames, which come from no model and stay when it changes.",
)


@dg.multi_asset(
    specs=[frames, features],
    check_specs=FEATURES_CHECK_SPECS,
    partitions_def=episode_partitions,
    backfill_policy=dg.BackfillPolicy.multi_run(EPISODES_PER_RUN),
    can_subset=True,
    pool="video",
)
def episode_frames(
    context: dg.AssetExecutionContext,
    library: dg.ResourceParam[Library],
    reporter: dg.ResourceParam[Reporter],
) -> Iterator[dg.AssetCheckResult]:
    """Extract each episode's frames and features, one episode after the other.

    An episode is recorded in Dagster as soon as it is done, so that a run which dies keeps what it
    did. One that cannot be read fails alone; the run fails at its end and names it.
    """
    workspace = library.open()
    embedded: dict[str, tuple[Path, int]] = {}

    def ensure(status: EpisodeStatus) -> None:
        rows = _ensure_selected(context, workspace, status, reporter)
        if rows is not None:
            embedded[status.episode.path] = status.features_file, rows

    embeds = features.key in context.selected_asset_keys
    failures = process_episodes(
        workspace, context.partition_keys, reporter, ensure, with_features=embeds
    )
    if embeds:
        yield from check_features(embedded)
    raise_failures(failures)


@dg.asset(
    deps=[features, catalogue, dg.AssetKey("themes")],
    group_name=GROUP,
    check_specs=INDEX_CHECK_SPECS,
    automation_condition=inputs_changed,
    pool="index",
)
def index(library: dg.ResourceParam[Library]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Build the next snapshot from all episodes that are ready; only what changed is read."""
    workspace = library.open()
    built = workspace.build_snapshot()
    return dg.MaterializeResult(
        metadata=snapshot_metadata(workspace, built), check_results=check_index(workspace, built)
    )


@dg.asset(deps=[index], group_name=GROUP, automation_condition=inputs_changed, pool="index")
def published_index(library: dg.ResourceParam[Library]) -> dg.MaterializeResult[None]:
    """Verify the built snapshot and make it the one that answers; the app swaps to it."""
    workspace = library.open()
    built, new = workspace.publish_snapshot()
    return dg.MaterializeResult(
        metadata=snapshot_metadata(workspace, built) | {"published": dg.MetadataValue.bool(new)}
    )


def _ensure_selected(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    status: EpisodeStatus,
    reporter: Reporter,
) -> int | None:
    """Ensure the selected assets of one episode, and record them at once.

    Returns:
        The number of embedded frames; None when only frames were asked for.

    Raises:
        EpisodeError: it cannot be indexed.
    """
    home, key = workspace.home, status.episode.key
    try:
        if frames.key in context.selected_asset_keys:
            stored = ensure_frames(
                home, workspace.videos_folder, status, progress=reporter.on_video_progress
            )
            sound = ensure_sound(home, workspace.videos_folder, status)
            metadata = frames_metadata(status, stored, sound)
            log_materialization(context, frames.key, key, metadata)
        if features.key not in context.selected_asset_keys:
            return None
        done = ensure_features(
            home,
            status,
            workspace.embedder,
            progress=reporter.on_embedding_progress,
            local_progress=reporter.on_local_features_progress,
        )
        ensure_pictures(home, status, workspace.embedder)
        detector = workspace.themes.text_detector
        if detector is not None:
            ensure_text(home, status, detector)
        log_materialization(context, features.key, key, features_metadata(status, done))
    except FramesError as error:
        raise discard_damaged(status.frames_file, status.episode.path, error) from error
    return done.rows
