"""What changes from outside, and how Dagster is told: the videos, the catalogue, the model."""

from dataclasses import replace

import dagster as dg

from whenanime_pipeline.core.library.catalogue import Catalogue, key_changes, save_catalogue
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.models.registry import model_named, name_in_use
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.metadata import model_metadata
from whenanime_pipeline.defs.partitions import EPISODES, episodes

GROUP = "library"
_VERSION = "dagster/data_version"

video = dg.AssetSpec(
    "video",
    partitions_def=episodes,
    group_name=GROUP,
    description="A video file of the library. Its data version is the file's fingerprint.",
)
catalogue = dg.AssetSpec(
    "catalogue",
    group_name=GROUP,
    description="Which files are which episodes. Changes when one is renamed or deleted, "
    "or gets other titles.",
)

MODEL_IN_USE = dg.AssetKey("model_in_use")


def sync(instance: dg.DagsterInstance, workspace: Workspace, new: Catalogue) -> None:
    """Tell Dagster what changed in the library, then store the new catalogue.

    In this order nothing is lost when it is cut off: it is told again, which does no harm.

    Args:
        instance: whose partitions and events are brought up to date.
        workspace: of the library; the caller holds its home's lock `catalogue`.
        new: the library as it is now.
    """
    old = workspace.catalogue()
    keys = [episode.key for episode in new.episodes]
    known = set(instance.get_dynamic_partitions(EPISODES))
    # Sorted, since one run takes in keys that were added one after the other.
    instance.add_dynamic_partitions(EPISODES, sorted(set(keys) - known))
    for key in sorted(known - set(keys)):
        instance.delete_dynamic_partition(EPISODES, key)
    # Before the episodes: features wait for a model.
    tell_model(instance, workspace)
    changes = key_changes(old, new)
    news = {episode.key: episode for episode in (*changes.added, *changes.changed)}
    for episode in new.episodes:
        if episode.key in news or episode.key not in known:
            instance.report_runless_asset_event(video_event(episode))
    if _told_otherwise(old, new):
        metadata = {"episodes": len(new.episodes), "removed": len(changes.removed)}
        instance.report_runless_asset_event(dg.AssetMaterialization("catalogue", metadata=metadata))
    if new != old:
        save_catalogue(new, workspace.home.catalogue)


def wake(instance: dg.DagsterInstance, workspace: Workspace) -> int:
    """Have unfinished work started again that a dead run, a lost disk or a new option left.

    Automation does not repeat what failed, and a run that died counts as failed; news of what the
    work depends on makes it look again.

    Returns:
        The number of episodes with work to do, or 1 when only the index is behind.
    """
    pending = [status.episode for status in workspace.statuses() if status.pending]
    known = set(instance.get_dynamic_partitions(EPISODES))
    waiting = [episode for episode in pending if episode.key in known]
    for episode in waiting:
        instance.report_runless_asset_event(video_event(episode))
    if waiting or not workspace.news():
        return len(waiting)
    instance.report_runless_asset_event(dg.AssetMaterialization("catalogue"))
    return 1


def tell_model(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    """Tell which model is in use when Dagster does not know it: one can be adopted without it."""
    model = model_named(workspace.home, name_in_use(workspace.home))
    event = instance.get_latest_materialization_event(MODEL_IN_USE)
    told = event.asset_materialization if event else None
    if model.meta is None or (told and (told.tags or {}).get(_VERSION) == model.id):
        return  # whoever uses a model tells of a damaged one
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            MODEL_IN_USE, tags={_VERSION: model.id}, metadata=model_metadata(model)
        )
    )


def video_event(episode: Episode) -> dg.AssetMaterialization:
    """Return the news that an episode's video is there, or is another one."""
    return dg.AssetMaterialization(
        "video",
        partition=episode.key,
        tags={_VERSION: episode.fingerprint},
        metadata={
            "file": episode.path,
            "series": episode.name.series,
            "megabytes": round(episode.size / 1e6, 1),
        },
    )


def _told_otherwise(old: Catalogue, new: Catalogue) -> bool:
    """Tell whether an episode that was there is gone, moved, replaced or called otherwise."""
    now = new.by_key()
    return any(
        episode.key not in now
        or replace(now[episode.key], size=0, mtime_ns=0) != replace(episode, size=0, mtime_ns=0)
        for episode in old.episodes
    )
