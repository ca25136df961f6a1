"""Batches of a tagger's training: crops of episodes, a third of them of episodes without themes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.themes.tagger_data import TaggedEpisode, hash_episodes
from whenanime_pipeline.core.themes.tagger.features import (
    FEATURE_NAMES,
    MASK_COLUMNS,
    PICTURE_COLUMNS,
    SOUND_COLUMNS,
    TEXT_COLUMNS,
)

NEGATIVE_SHARE = 1 / 3
"""Share of the crops that come from episodes without themes, however many of those there are."""
_DROPPED = ((SOUND_COLUMNS, 0, 0.1), (PICTURE_COLUMNS, 1, 0.35), (TEXT_COLUMNS, 2, 0.3))
"""Columns of a track, its mask, and how often it is dropped; never sound and pictures both."""
_VECTORS_DROPPED = 0.5
"""How often the embeddings are dropped: what they show of one series does not hold for others."""
_GAIN, _OFFSET, _NOISE = 0.25, 0.3, 0.15
"""Standard deviations of the changes to each feature: a gain and an offset a crop, and noise."""
_COLUMNS_DROPPED = 0.15
"""How often a feature is dropped: none is to be relied on alone in strange material."""


@dataclass(frozen=True, slots=True)
class TaggerBatch:
    """Crops of equal length; rows behind the end of an episode are unknown.

    Attributes:
        features: `(N, T, F)`.
        vectors: `(N, T, dimension)`; None for networks that take none.
        classes: `(N, T)`.
        bounds: `(N, T, 2)`.
        offsets: `(N, T, 2)`.
        known: `(N, T)` bool.
    """

    features: Tensor
    vectors: Tensor | None
    classes: Tensor
    bounds: Tensor
    offsets: Tensor
    known: Tensor


class TaggerBatches:
    """A seeded source of batches: batch `i` is the same whenever it is asked for."""

    def __init__(
        self,
        episodes: Sequence[TaggedEpisode],
        *,
        size: int,
        crop: int,
        dimension: int = 0,
        seed: int = 0,
    ) -> None:
        """Sort the episodes.

        Args:
            episodes: to learn from.
            size: crops a batch.
            crop: seconds a crop.
            dimension: of the embeddings that the network takes; 0 for none.
            seed: decides which crops come when.

        Raises:
            TrainingError: no episode has themes.
        """
        self._with = [one for one in episodes if one.has_themes]
        self._without = [one for one in episodes if not one.has_themes]
        if not self._with:
            raise TrainingError("no episode has an opening or ending to learn from: add labels")
        self._size, self._crop, self._dimension, self._seed = size, crop, dimension, seed
        self.id = hash_episodes(episodes)

    def batch(self, number: int) -> TaggerBatch:
        """Return a batch by its number."""
        rng = np.random.default_rng([self._seed, number])
        crops = [
            self._cut(rng, is_negative=rng.random() < NEGATIVE_SHARE) for _ in range(self._size)
        ]
        columns = [torch.from_numpy(np.stack(each)) for each in zip(*crops, strict=True)]
        features, vectors, classes, bounds, offsets, known = columns
        return TaggerBatch(
            features, vectors if self._dimension else None, classes, bounds, offsets, known
        )

    def _cut(self, rng: np.random.Generator, *, is_negative: bool) -> tuple[np.ndarray, ...]:
        """Return a crop: story of an episode with themes serves where there are no others."""
        pool = self._without if is_negative and self._without else self._with
        episode = pool[int(rng.integers(len(pool)))]
        length = len(episode.classes)
        if is_negative and not self._without:
            low = _find_story(rng, episode, self._crop)
        else:
            low = _choose_start(rng, episode, self._crop)
        part = slice(low, min(length, low + self._crop))
        pad = self._crop - (part.stop - part.start)
        features, is_blind = _augment(rng, episode.features[part])
        vectors = np.zeros((part.stop - part.start, self._dimension), np.float32)
        found = episode.vectors
        keeps = not is_blind and rng.random() >= _VECTORS_DROPPED
        if found is not None and found.shape[1] == self._dimension and keeps:
            vectors = found[part]
        arrays = (
            features, vectors, episode.classes[part], episode.bounds[part], episode.offsets[part],
            np.ones(part.stop - part.start, np.bool_),
        )  # fmt: skip
        return tuple(np.pad(each, ((0, pad), *((0, 0),) * (each.ndim - 1))) for each in arrays)


def _choose_start(rng: np.random.Generator, episode: TaggedEpisode, crop: int) -> int:
    """Return where a crop begins: at the start, at the end or around a boundary, or anywhere."""
    room = max(0, len(episode.classes) - crop)
    draw = rng.random()
    if draw < 0.25:
        return 0
    if draw < 0.5:
        return room
    bounds = np.flatnonzero((episode.offsets >= 0).any(1))
    if draw < 0.8 and len(bounds):
        at = int(rng.choice(bounds)) - int(rng.integers(crop))
        return int(np.clip(at, 0, room))
    return int(rng.integers(room + 1))


def _find_story(rng: np.random.Generator, episode: TaggedEpisode, crop: int) -> int:
    """Return the beginning of the crop with the fewest theme seconds of a few random ones."""
    room = max(0, len(episode.classes) - crop)
    starts = rng.integers(room + 1, size=12)
    counts = [int((episode.bounds[low : low + crop] > 0.5).sum()) for low in starts]
    counts = [
        count + int(np.isin(episode.classes[low : low + crop], (1, 2)).sum())
        for count, low in zip(counts, starts, strict=True)
    ]
    return int(starts[int(np.argmin(counts))])


def _augment(rng: np.random.Generator, features: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return changed features with a track or two dropped, and whether pictures were."""
    count = len(FEATURE_NAMES) - (MASK_COLUMNS.stop - MASK_COLUMNS.start)
    changed = features.copy()
    gain = rng.normal(1, _GAIN, count)
    offset = rng.normal(0, _OFFSET, count) * (rng.random(count) < 0.5)
    changed[:, :count] = features[:, :count] * gain + offset
    changed[:, :count] += rng.normal(0, _NOISE, (len(features), count))
    changed[:, :count] *= rng.random(count) >= _COLUMNS_DROPPED
    draws = [rng.random() < share for _, _, share in _DROPPED]
    draws[1] &= not draws[0]
    masks = changed[:, MASK_COLUMNS]
    for (columns, mask, _), dropped in zip(_DROPPED, draws, strict=True):
        if dropped:
            masks[:, mask] = 0
        changed[:, columns] *= masks[:, mask : mask + 1]
    return changed.astype(np.float32), draws[1]
