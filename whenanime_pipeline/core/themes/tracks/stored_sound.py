"""Stores the sound track of a content, also that it has none, so that it is read once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.npz_file import NpzError, decode_json, encode_json, read_npz, write_npz
from whenanime_pipeline.core.themes.tracks import sound_bands
from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, SOUND_HOP, SoundTrack
from whenanime_pipeline.core.themes.tracks.errors import TrackError

CODE_VERSION = 1
"""Incremented whenever the same constants store another track."""
_STEP = 0.5
"""Decibels of a stored level: less than an encoder changes."""
_MIDDLE = -64.0
"""Decibels stored as 0: int8 then reaches from -128 to -0.5."""
_KINDS: dict[str, tuple[type[np.generic], int]] = {
    "bands": (np.int8, 2),
    "fine": (np.int8, 2),
    "loudness": (np.int8, 1),
    "is_missing": (np.bool_, 1),
    "about": (np.uint8, 1),
}


@dataclass(frozen=True, slots=True)
class StoredSound:
    """What came of reading the sound of a video.

    Attributes:
        track: None for a video without sound.
        frame_rate: frames a second of its pictures, found in the same header; None if unknown.
        warnings: sentences for the operator.
    """

    track: SoundTrack | None
    frame_rate: float | None = None
    warnings: tuple[str, ...] = ()


def sound_track_id(reading: FileReading) -> str:
    """Return the id of everything that decides what the track of a content holds.

    Args:
        reading: how its file is read.
    """
    return hash_json(
        {
            "code": CODE_VERSION,
            "rate": sound_bands.SOUND_RATE,
            "hops": [SOUND_HOP, FINE_HOP],
            "windows": [sound_bands.WINDOW, sound_bands.FINE_WINDOW],
            "bands": [sound_bands.BANDS, sound_bands.FINE_BANDS],
            "hertz": [sound_bands.LOWEST, sound_bands.HIGHEST],
            "levels": [_STEP, _MIDDLE, sound_bands.FLOOR],
            "reading": reading.id,
        }
    )


def write_sound(path: Path, sound: StoredSound) -> None:
    """Write what came of reading a sound, atomically; levels are rounded to half a decibel.

    Raises:
        OSError: the file cannot be written.
    """
    track = sound.track or _NOTHING
    about = {
        "has_sound": sound.track is not None,
        "language": track.language,
        "frame_rate": sound.frame_rate,
        "warnings": sound.warnings,
    }
    arrays = {
        "bands": _quantise(track.bands),
        "fine": _quantise(track.fine),
        "loudness": _quantise(track.loudness),
        "is_missing": track.is_missing,
        "about": encode_json(about),
    }
    write_npz(path, arrays)


def read_sound(path: Path) -> StoredSound:
    """Read what `write_sound` wrote, verifying checksums.

    Raises:
        TrackError: the file is missing or damaged.
    """
    try:
        found = read_npz(path, _KINDS)
        about = decode_json(found["about"])
        has_sound, language = bool(about["has_sound"]), str(about["language"])
        frame_rate, warnings = about["frame_rate"], tuple(about["warnings"])
    except (NpzError, KeyError, TypeError) as error:
        raise TrackError(
            f"{path}: not a whole sound track; delete it and index again ({error})"
        ) from error
    if not has_sound:
        return StoredSound(None, frame_rate, warnings)
    track = SoundTrack(
        bands=_restore(found["bands"]),
        fine=_restore(found["fine"]),
        loudness=_restore(found["loudness"]),
        is_missing=found["is_missing"],
        language=language,
    )
    if not len(track.bands) == len(track.loudness) == len(track.is_missing):
        raise TrackError(f"{path}: its rows do not fit each other; delete it and index again")
    return StoredSound(track, frame_rate, warnings)


_NOTHING = SoundTrack(
    bands=np.empty((0, sound_bands.BANDS), np.float32),
    fine=np.empty((0, sound_bands.FINE_BANDS), np.float32),
    loudness=np.empty(0, np.float32),
    is_missing=np.empty(0, np.bool_),
    language="",
)


def _quantise(levels: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.clip(np.round((levels - _MIDDLE) / _STEP), -128, 127).astype(np.int8)


def _restore(levels: NDArray[np.int8]) -> NDArray[np.float32]:
    return levels.astype(np.float32) * np.float32(_STEP) + np.float32(_MIDDLE)
