"""Counts the episodes to embed before a snapshot can switch models: graphs do not mix models."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.library.errors import FingerprintError
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.status import EpisodeStatus


def count_waiting(
    home: Home, statuses: Iterable[EpisodeStatus], published: Iterable[EpisodeRecord]
) -> int:
    """Count the published episodes that the next snapshot would lack.

    Args:
        home: home of the library.
        statuses: statuses of all episodes.
        published: episodes of the published snapshot.

    Returns:
        Their number; 0 if none of them can be indexed now, for example because their disk is
        missing: they are indexed when it is back.
    """
    served = {row.fingerprint for row in published}
    waiting = [s for s in statuses if s.is_pending and s.episode.fingerprint in served]
    return len(waiting) if _can_be_indexed(home, waiting) else 0


def _can_be_indexed(home: Home, waiting: Sequence[EpisodeStatus]) -> bool:
    """Return whether any of them can be indexed: from stored frames, or from its video."""
    if any(status.has_frames for status in waiting):
        return True
    folder = load_catalogue(home.catalogue_file).folder if waiting else None
    return folder is not None and any(
        _is_video_unchanged(Path(folder), status) for status in waiting
    )


def _is_video_unchanged(videos: Path, status: EpisodeStatus) -> bool:
    """Return whether a video is readable and is the one in the catalogue."""
    try:
        return all(fingerprint_file(videos, f.state) == f.fingerprint for f in status.episode.files)
    except FingerprintError:
        return False
