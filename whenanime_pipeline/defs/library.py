"""Reports outside changes to Dagster: of the videos, the catalogue, the model."""

from dataclasses import replace

import dagster as dg

from whenanime_pipeline.core.library.catalogue import Catalogue, compare_by_key
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.models.registry import get_model_by_name, read_name_in_use
from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.metadata import model_metadata
from whenanime_pipeline.defs.moved_partitions import find_moves, move_partitions
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS, episode_partitions

GROUP = "library"
_DATA_VERSION_TAG = "dagster/data_version"

video = dg.AssetSpec(
    "video",
    partitions_def=episode_partitions,
    group_name=GROUP,
    description="A video file of the library. Its data version is the file's fingerprint.",
)
catalogue = dg.AssetSpec(
    "catalogue",
    group_name=GROUP,
    description="Which files are which episodes. Changes when one is renamed or deleted, "
    "or gets other titles.",
)

MODEL_IN_USE_KEY = dg.AssetKey("model_in_use")


def sync_catalogue(instance: dg.DagsterInstance, workspace: Workspace, new: Catalogue) -> None:
    """Tell Dagster what changed in the library, then store the new catalogue.

    In this order an interruption loses nothing: events are reported again, which does no harm. An
    episode whose key changed keeps what Dagster knows of it.

    Args:
        instance: whose partitions and events are brought up to date.
        workspace: of the library; the caller holds its home's lock `catalogue`.
        new: the library as it is now.
    """
    old = workspace.load_catalogue()
    keys = [episode.key for episode in new.episodes]
    known = set(instance.get_dynamic_partitions(EPISODE_PARTITIONS))
    moves = find_moves(known, old, new)
    videos = {e.key: video_materialization(e) for e in new.episodes if e.key in moves}
    move_partitions(instance, moves, videos)
    # Sorted, since one run takes in keys that were added one after the other.
    instance.add_dynamic_partitions(EPISODE_PARTITIONS, sorted(set(keys) - known - moves.keys()))
    for key in sorted(known - set(keys)):
        instance.delete_dynamic_partition(EPISODE_PARTITIONS, key)
    # Before the episodes: features wait for a model.
    report_model_in_use(instance, workspace)
    changes = compare_by_key(old, new)
    news = {episode.key for episode in (*changes.added, *changes.changed)}
    for episode in new.episodes:
        is_news = episode.key in news or episode.key not in known
        if is_news and episode.key not in moves:
            instance.report_runless_asset_event(video_materialization(episode))
    if _has_changed_entries(old, new):
        metadata = {"episodes": len(new.episodes), "removed": len(changes.removed)}
        instance.report_runless_asset_event(dg.AssetMaterialization("catalogue", metadata=metadata))
    if new != old:
        workspace.save_catalogue(new)


def retrigger_pending_work(instance: dg.DagsterInstance, workspace: Workspace) -> int:
    """Have unfinished work started again that a dead run, a lost disk or a new option left.

    Automation does not repeat what failed, and a run that died counts as failed; news of what the
    work depends on makes it look again.

    Returns:
        The number of episodes with work to do, or 1 when only the index is behind.
    """
    pending = [status.episode for status in workspace.load_statuses() if status.is_pending]
    known = set(instance.get_dynamic_partitions(EPISODE_PARTITIONS))
    waiting = [episode for episode in pending if episode.key in known]
    for episode in waiting:
        instance.report_runless_asset_event(video_materialization(episode))
    if waiting or not (workspace.list_pending_seasons() or workspace.measure_pending_changes()):
        return len(waiting)
    instance.report_runless_asset_event(dg.AssetMaterialization("catalogue"))
    return 1


def report_model_in_use(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    """Tell which model is in use when Dagster does not know it: one can be adopted without it."""
    try:
        model_id = workspace.model_meta.model_id
    except ModelError:
        return  # reported where the model is used
    event = instance.get_latest_materialization_event(MODEL_IN_USE_KEY)
    known = event.asset_materialization if event else None
    if known and (known.tags or {}).get(_DATA_VERSION_TAG) == model_id:
        return
    model = get_model_by_name(workspace.home, read_name_in_use(workspace.home))
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            MODEL_IN_USE_KEY, tags={_DATA_VERSION_TAG: model.id}, metadata=model_metadata(model)
        )
    )


def video_materialization(episode: Episode) -> dg.AssetMaterialization:
    """Return the news that an episode's video is there, or is another one."""
    return dg.AssetMaterialization(
        "video",
        partition=episode.key,
        tags={_DATA_VERSION_TAG: episode.fingerprint},
        metadata={
            "file": episode.path,
            "series": episode.name.series,
            "megabytes": round(episode.total_size / 1e6, 1),
        },
    )


def _has_changed_entries(old: Catalogue, new: Catalogue) -> bool:
    """Tell whether an episode that was there is gone, moved, replaced or called otherwise."""
    if old.former_keys != new.former_keys or old.keys_version != new.keys_version:
        return bool(old.episodes)
    now = new.episodes_by_key()
    return any(
        episode.key not in now
        or replace(now[episode.key], size=0, mtime_ns=0) != replace(episode, size=0, mtime_ns=0)
        for episode in old.episodes
    )
