"""Training data of the tagger: episodes as features, with the class of each second."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.segments import SegmentType
from whenanime_pipeline.core.themes.tagger.features import compute_features
from whenanime_pipeline.core.themes.tagger.model_files import ENDING, OPENING, OTHER
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

_CLASS_OF: dict[SegmentType, int] = {"opening": OPENING, "ending": ENDING}
BOUND_SPREAD = 0.7
"""Standard deviation in seconds of the target of the coarse boundary head."""


@dataclass(frozen=True, slots=True)
class TaggedEpisode:
    """An episode to learn from, a row a second.

    Attributes:
        id: names it.
        features: `(T, F)` float32.
        vectors: `(T, dimension)` float32; None without pictures.
        classes: `(T,)` int64.
        bounds: `(T, 2)` float32, how much a segment begins, and ends, in the second, from 0 to 1.
        offsets: `(T, 2)` float32, where in the second; negative where nothing begins or ends.
    """

    id: str
    features: NDArray[np.float32]
    vectors: NDArray[np.float32] | None
    classes: NDArray[np.int64]
    bounds: NDArray[np.float32]
    offsets: NDArray[np.float32]

    @property
    def has_themes(self) -> bool:
        """Whether it has an opening or an ending."""
        return bool(np.isin(self.classes, (OPENING, ENDING)).any())


def tag_episode(
    tracks: EpisodeTracks, segments: Iterable[TrueSegment], shift: float = 0.0
) -> TaggedEpisode:
    """Return an episode to learn from.

    Args:
        tracks: of the episode.
        segments: what is known of it; the rest is story.
        shift: second at which the first row begins, from -1 to 0.
    """
    features = compute_features(tracks, shift)
    centres = features.grid.centres
    classes = np.zeros(len(centres), np.int64)
    bounds = np.zeros((len(centres), 2), np.float32)
    offsets = np.full((len(centres), 2), -1, np.float32)
    for segment in segments:
        kind = _CLASS_OF.get(segment.type, OTHER)
        classes[(centres >= segment.start) & (centres < segment.end)] = kind
        if kind == OTHER:
            continue
        for side, second in enumerate((segment.start, segment.end)):
            distance = (centres - second) / BOUND_SPREAD
            bounds[:, side] = np.maximum(bounds[:, side], np.exp(-0.5 * distance**2))
            cell = min(int(second - shift), len(centres) - 1)
            offsets[cell, side] = min(second - shift - cell, 1.0)
    return TaggedEpisode(
        f"{tracks.fingerprint}{shift:+g}",
        features.values, features.vectors, classes, bounds, offsets,
    )  # fmt: skip


def hash_episodes(episodes: Sequence[TaggedEpisode]) -> str:
    """Return an id of what is learnt from: equal ids mean equal data."""
    return hash_json(
        [
            [one.id, one.classes.tolist(), round(float(one.features.astype(np.float64).sum()), 3)]
            for one in episodes
        ]
    )
