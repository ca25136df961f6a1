"""Moves the partitions of episodes whose key changes: what Dagster knows of them goes with them."""

from collections.abc import Collection, Mapping

import dagster as dg

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS

MOVED_ASSETS = (dg.AssetKey("frames"), dg.AssetKey("features"), dg.AssetKey("training_frames"))
"""Assets whose materializations are taken along; that of the video is reported again."""
_DATA_TAGS = ("dagster/data_version", "dagster/input_data_version/")
_MOVED_FROM = "moved from"


def find_moves(known: Collection[str], old: Catalogue, new: Catalogue) -> dict[str, str]:
    """Find the partitions that hold what new ones are to hold.

    Args:
        known: Partitions that Dagster has.
        old: Catalogue before, which may have keys of another spelling than the partitions.
        new: Catalogue now.

    Returns:
        Key of an episode that Dagster does not have, or has with other content, to the partition
        with the same content.
    """
    former = new.list_former_keys()
    before = old.episodes_by_key()
    by_content = {episode.fingerprint: episode.key for episode in old.episodes}
    moves = {}
    for episode in new.episodes:
        if episode.key in known and episode.key not in before:
            continue  # it was moved by a process that ended before it could say so
        same = before.get(episode.key)
        if episode.key in known and same and same.fingerprint == episode.fingerprint:
            continue
        # Keys of parts that are one film now, or of such a film, had other content.
        had_same = [
            key
            for key in reversed(former.get(episode.key, []))
            if not episode.parts
            and (key not in before or before[key].fingerprint == episode.fingerprint)
        ]
        sources = [*had_same, by_content.get(episode.fingerprint)]
        found = [key for key in sources if key is not None and key in known and key != episode.key]
        if found:
            moves[episode.key] = found[0]
    return moves


def move_partitions(
    instance: dg.DagsterInstance,
    moves: Mapping[str, str],
    videos: Mapping[str, dg.AssetMaterialization],
) -> None:
    """Report for new partitions what was known of the old ones.

    A partition is added after its events. So automation never sees an update of it, and starts
    nothing; and what an interruption leaves is gone on with at the next look. The events of the old
    partition stay.

    Args:
        instance: Where partitions and events are.
        moves: Key to the partition with the same content, as of `find_moves`.
        videos: Materialization of each key's video.
    """
    for key, before in moves.items():
        instance.report_runless_asset_event(videos[key])
        for asset in MOVED_ASSETS:
            last = _find_materialization(instance, asset, before)
            if last is not None:
                instance.report_runless_asset_event(_move_materialization(last, key, before))
        instance.add_dynamic_partitions(EPISODE_PARTITIONS, [key])


def _find_materialization(
    instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str
) -> dg.AssetMaterialization | None:
    """Return the last materialization of an asset's partition."""
    wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[partition])
    records = instance.fetch_materializations(wanted, limit=1).records
    return records[0].asset_materialization if records else None


def _move_materialization(
    last: dg.AssetMaterialization, key: str, before: str
) -> dg.AssetMaterialization:
    tags = {name: tag for name, tag in (last.tags or {}).items() if name.startswith(_DATA_TAGS)}
    return dg.AssetMaterialization(
        last.asset_key,
        description=last.description,
        partition=key,
        metadata={**last.metadata, _MOVED_FROM: before},
        tags=tags,
    )
