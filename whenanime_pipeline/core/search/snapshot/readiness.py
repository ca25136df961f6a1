"""A new model's vectors and the old one's share no graph: who must be ready before the change."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import FingerprintError
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.status import EpisodeStatus


def count_waiting(
    home: Home, statuses: Iterable[EpisodeStatus], published: Iterable[EpisodeRecord]
) -> int:
    """Count the episodes that the published snapshot answers for and the next one could not yet.

    Args:
        home: of the library.
        statuses: all its episodes.
        published: the published snapshot's.

    Returns:
        How many there are; 0 as well when work can be done for none of them, as when their disk
        was taken away: they come back with it.
    """
    served = {row.fingerprint for row in published}
    waiting = [s for s in statuses if s.is_pending and s.episode.fingerprint in served]
    return len(waiting) if _can_be_indexed(home, waiting) else 0


def _can_be_indexed(home: Home, waiting: Sequence[EpisodeStatus]) -> bool:
    """Tell whether work can be done for any of them: with its frames it needs no video."""
    if any(status.has_frames for status in waiting):
        return True
    folder = load_catalogue(home.catalogue_file).folder if waiting else None
    return folder is not None and any(
        _is_video_unchanged(Path(folder), status) for status in waiting
    )


def _is_video_unchanged(videos: Path, status: EpisodeStatus) -> bool:
    """Tell whether a video is the one that is catalogued, and can be read."""
    episode = status.episode
    try:
        found = fingerprint_file(videos, FileState(episode.path, episode.size, episode.mtime_ns))
    except FingerprintError:
        return False
    return found == episode.fingerprint
