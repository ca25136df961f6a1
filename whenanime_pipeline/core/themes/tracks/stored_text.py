"""Stores the text track of a content."""

from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.npz_file import NpzError, read_npz, write_npz
from whenanime_pipeline.core.themes.tracks import text_detector, text_track
from whenanime_pipeline.core.themes.tracks.episode_tracks import TEXT_HOP, TextTrack
from whenanime_pipeline.core.themes.tracks.errors import TrackError

CODE_VERSION = 1
"""Incremented whenever the same constants store another track."""
_KINDS: dict[str, tuple[type[np.generic], int]] = {
    "seconds": (np.float64, 1),
    "share": (np.float32, 1),
}


def text_track_id(model_id: str, sampling_id: str) -> str:
    """Return the id of everything that decides what the track of a content holds.

    Args:
        model_id: of the text detector.
        sampling_id: of the stored frames.
    """
    return hash_json(
        {
            "code": CODE_VERSION,
            "model": model_id,
            "sampling": sampling_id,
            "hop": TEXT_HOP,
            "reach": text_track.TEXT_REACH,
            "threshold": text_detector.TEXT_THRESHOLD,
        }
    )


def write_text_track(path: Path, track: TextTrack) -> None:
    """Write a text track, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    write_npz(path, {"seconds": track.seconds, "share": track.share})


def read_text_track(path: Path) -> TextTrack:
    """Read a text track, verifying checksums.

    Raises:
        TrackError: the file is missing or damaged.
    """
    try:
        track = TextTrack(**read_npz(path, _KINDS))
        if len(track.seconds) != len(track.share):
            raise NpzError("its samples do not fit each other")
    except NpzError as error:
        raise TrackError(
            f"{path}: not a whole text track; delete it and index again ({error})"
        ) from error
    return track
