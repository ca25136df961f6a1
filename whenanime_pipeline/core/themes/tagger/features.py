"""Turns an episode's tracks into numbers a second for the tagger.

A track that is missing is a mask, never zeros that look like silence.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tagger.picture_features import (
    PICTURE_NAMES,
    compute_picture_features,
)
from whenanime_pipeline.core.themes.tagger.second_grid import SecondGrid, Values, smooth
from whenanime_pipeline.core.themes.tagger.sound_features import (
    SOUND_NAMES,
    compute_sound_features,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks, TextTrack

FEATURES_VERSION = 1
"""Incremented whenever the same tracks give other features."""
TEXT_NAMES = ("text", "text 15")
POSITION_NAMES = (
    "from start", "to end", "from start, linear", "to end, linear", "relative", "duration",
)  # fmt: skip
MASK_NAMES = ("sound known", "pictures known", "text known")
FEATURE_NAMES = (*SOUND_NAMES, *PICTURE_NAMES, *TEXT_NAMES, *POSITION_NAMES, *MASK_NAMES)
SOUND_COLUMNS = slice(0, len(SOUND_NAMES))
PICTURE_COLUMNS = slice(SOUND_COLUMNS.stop, SOUND_COLUMNS.stop + len(PICTURE_NAMES))
TEXT_COLUMNS = slice(PICTURE_COLUMNS.stop, PICTURE_COLUMNS.stop + len(TEXT_NAMES))
MASK_COLUMNS = slice(len(FEATURE_NAMES) - len(MASK_NAMES), len(FEATURE_NAMES))
_NEAR = 300.0
"""Seconds from an end of the episode up to which a feature grows linearly with the distance."""
_TEXT_REACH = 6.0
"""Seconds from a sample of text beyond which nothing is known."""


@dataclass(frozen=True, slots=True)
class TaggerFeatures:
    """An episode as the tagger sees it.

    Attributes:
        grid: seconds that the rows describe.
        values: `(cells, len(FEATURE_NAMES))` float32.
        vectors: `(cells, dimension)` float32, mean embedding of each second less the episode's
            mean, 0 where nothing is known; None without pictures.
    """

    grid: SecondGrid
    values: Values
    vectors: Values | None


def compute_features(tracks: EpisodeTracks, shift: float = 0.0) -> TaggerFeatures:
    """Return an episode's features, one row a second.

    Args:
        tracks: of the episode.
        shift: second at which the first row begins, from -1 to 0.
    """
    grid = SecondGrid.over(tracks.duration, shift)
    sound, heard = np.zeros((grid.cells, len(SOUND_NAMES)), np.float32), _nowhere(grid)
    if tracks.sound is not None:
        sound, heard = compute_sound_features(tracks.sound, grid)
    pictures, seen = np.zeros((grid.cells, len(PICTURE_NAMES)), np.float32), _nowhere(grid)
    vectors = None
    if tracks.pictures is not None and len(tracks.pictures.vectors):
        found = compute_picture_features(tracks.pictures, grid)
        pictures, seen, vectors = found.values, found.is_known, found.vectors
    text, read = np.zeros((grid.cells, len(TEXT_NAMES)), np.float32), _nowhere(grid)
    if tracks.text is not None and len(tracks.text.seconds):
        text, read = _describe_text(tracks.text, grid)
    masks = np.stack([heard, seen, read], 1).astype(np.float32)
    values = np.concatenate(
        [sound, pictures, text, _describe_position(tracks.duration, grid), masks], 1
    )
    return TaggerFeatures(grid, values.astype(np.float32), vectors)


def _nowhere(grid: SecondGrid) -> NDArray[np.bool_]:
    return np.zeros(grid.cells, np.bool_)


def _describe_text(track: TextTrack, grid: SecondGrid) -> tuple[Values, NDArray[np.bool_]]:
    """Return the share of text at the nearest sample and over 15 s, and where it is known."""
    after = np.clip(np.searchsorted(track.seconds, grid.centres), 1, max(1, len(track.seconds) - 1))
    before = after - 1
    after = np.minimum(after, len(track.seconds) - 1)
    distance = np.abs(track.seconds[np.stack([before, after])] - grid.centres)
    nearest = np.where(distance[0] <= distance[1], before, after)
    is_known = distance.min(0) <= _TEXT_REACH
    share = np.sqrt(np.where(is_known, track.share[nearest], 0)).astype(np.float32) * 5
    values = np.stack([share, smooth(share, 15)], 1)
    values[~is_known] = 0
    return values, is_known


def _describe_position(duration: float, grid: SecondGrid) -> Values:
    """Return where each second lies, from the start, from the end and relative to both."""
    at = np.clip(grid.centres, 0, duration)
    left = np.maximum(0, duration - at)
    columns = [
        np.log1p(at) / 3 - 1,
        np.log1p(left) / 3 - 1,
        np.minimum(at, _NEAR) / _NEAR * 2 - 1,
        np.minimum(left, _NEAR) / _NEAR * 2 - 1,
        at / max(duration, 1) * 2 - 1,
        np.full(len(at), np.log1p(duration) / 2 - 3),
    ]
    return np.stack(columns, 1).astype(np.float32)
