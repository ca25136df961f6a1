"""Metadata of the asset `themes`: what changed and why, with pictures of the seasons."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import dagster as dg

from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.season_changes import describe_reason, list_changes
from whenanime_pipeline.core.themes.season_update import SeasonUpdate
from whenanime_pipeline.core.themes.template_pictures import draw_templates, encode_png
from whenanime_pipeline.core.themes.timeline_picture import draw_timelines
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.metadata import (
    Metadata,
    failures_table_value,
    float_value,
    image_value,
    table_value,
)

_MOST_PICTURES = 4
"""Seasons whose pictures are shown: metadata is sent with every page."""


def themes_metadata(
    workspace: Workspace, updates: Sequence[SeasonUpdate], gone: Sequence[str]
) -> Metadata:
    """Describe a run over the seasons.

    Args:
        workspace: of the library.
        updates: the seasons that were computed.
        gone: ids of seasons that the library has no more.
    """
    failures = {path: why for update in updates for path, why in update.failures.items()}
    metadata: Metadata = {
        "seasons computed": dg.MetadataValue.int(len(updates)),
        "seconds of work": float_value(sum(update.seconds for update in updates), 2),
        **{
            f"{confidence} segments": dg.MetadataValue.int(count)
            for confidence, count in _count_confidences(updates).items()
        },
    }
    if updates:
        metadata["what changed"] = table_value([_describe_update(one) for one in updates])
    if gone:
        metadata["seasons gone"] = dg.MetadataValue.int(len(gone))
    if failures:
        metadata["left out"] = failures_table_value(failures)
    by_fingerprint = {one.episode.fingerprint: one for one in workspace.known_statuses()}
    for update in updates[:_MOST_PICTURES]:
        name = _name_season(update)
        rows = [
            (_name_episode(by_fingerprint[print_]), _last_second(segments), segments)
            for print_, segments in update.after.episodes.items()
            if print_ in by_fingerprint
        ]
        if any(segments for _, _, segments in rows):
            metadata[f"{name}: timelines"] = image_value(encode_png(draw_timelines(rows)))
            sheet = draw_templates(update.after, by_fingerprint)
            if sheet is not None:
                metadata[f"{name}: templates"] = image_value(sheet, "jpeg")
    return metadata


def _count_confidences(updates: Sequence[SeasonUpdate]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for update in updates:
        for segments in update.after.episodes.values():
            counts.update(segment.confidence for segment in segments)
    return counts


def _describe_update(update: SeasonUpdate) -> dict[str, str | int]:
    changes = list_changes(update.before, update.after)
    return {
        "season": _name_season(update),
        "why": describe_reason(update.before, update.after),
        "episodes": len(update.after.episodes),
        "templates": len(update.after.templates),
        "new": sum(change.before is None for change in changes),
        "changed": sum(None not in (change.before, change.after) for change in changes),
        "gone": sum(change.after is None for change in changes),
    }


def _name_season(update: SeasonUpdate) -> str:
    number = update.season.number
    return update.season.series if number is None else f"{update.season.series} S{number:02d}"


def _name_episode(status: EpisodeStatus) -> str:
    """Return what a row is called: its number, as the picture's letters are Latin alone."""
    number = status.episode.name.number
    return PurePosixPath(status.episode.path).stem if number is None else f"episode {number}"


def _last_second(segments: Sequence[object]) -> float:
    return max((float(getattr(segment, "end", 0.0)) for segment in segments), default=1.0)
