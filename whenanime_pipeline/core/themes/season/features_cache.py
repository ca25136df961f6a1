"""Features of a season's episodes, computed when asked for and kept for a few."""

from collections.abc import Sequence
from functools import lru_cache
from typing import overload

from whenanime_pipeline.core.themes.match.correlation import Spectra, compute_spectra
from whenanime_pipeline.core.themes.match.features import (
    HOP,
    EpisodeFeatures,
    Projection,
    compute_features,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

_KEPT = 16
"""Episodes whose features are kept: one, and the partners on both sides of it."""


class SeasonFeatures(Sequence[EpisodeFeatures]):
    """Features of all episodes of a season, by ordinal; memory does not grow with the season."""

    def __init__(
        self,
        tracks: Sequence[EpisodeTracks],
        projection: Projection | None,
        speeds: Sequence[float],
        size: int,
    ) -> None:
        """Prepare to compute features.

        Args:
            tracks: of the episodes; read again when their features are not kept any more.
            projection: of the season's embeddings.
            speeds: of the episodes.
            size: length of the transform of their spectra, in rows.
        """
        self._tracks = tracks
        self._projection = projection
        self._speeds = speeds
        self._size = size
        self._features = lru_cache(maxsize=_KEPT)(self._compute_features)
        self._spectra = lru_cache(maxsize=_KEPT)(self._compute_spectra)

    def __len__(self) -> int:
        return len(self._tracks)

    @overload
    def __getitem__(self, index: int) -> EpisodeFeatures: ...

    @overload
    def __getitem__(self, index: slice) -> list[EpisodeFeatures]: ...

    def __getitem__(self, index: int | slice) -> EpisodeFeatures | list[EpisodeFeatures]:
        if isinstance(index, slice):
            return [self._features(one) for one in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._features(index % len(self))

    def spectra(self, index: int) -> Spectra:
        """Return the spectra of an episode."""
        return self._spectra(index)

    def _compute_features(self, index: int) -> EpisodeFeatures:
        return compute_features(self._tracks[index], self._projection, self._speeds[index])

    def _compute_spectra(self, index: int) -> Spectra:
        return compute_spectra(self[index], self._size)


def count_rows(tracks: EpisodeTracks, speed: float) -> int:
    """Return the rows of an episode's features."""
    return int(tracks.duration / speed / HOP)
