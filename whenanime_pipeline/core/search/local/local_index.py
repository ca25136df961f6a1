"""What a picture's local features find in the library."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.packing import unpack
from whenanime_pipeline.core.search.local.postings import PostingMatches, Postings
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary

NEAREST_WORDS = 4
"""Words in which a feature of a picture is looked for: its own may be the next one after JPEG."""
MAX_DISTANCE = 21
"""Bits of 64 by which two codes of one patch differ at most; those of two others differ by 32 on
average. Measured on hard edits, 21 finds a little more than 23, which lets more chance in."""


@dataclass(frozen=True, slots=True)
class KeyframeTable:
    """The key frames of an index, numbered from 0.

    Attributes:
        content: `(k,)`, ordinals as in the snapshot.
        frame: `(k,)`, ordinals of stored frames within the content.
        feature_count: `(k,)`, how many each has.
    """

    content: NDArray[np.int32]
    frame: NDArray[np.int32]
    feature_count: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of a picture's feature and one of the library that looks like it.

    A pair of feature and key frame may stand there several times, with several features of the
    key frame.

    Attributes:
        query: `(m,)`, rows of the picture's features.
        keyframe: `(m,)`, rows of the index's key table.
        points: `(m, 2)`, where the library's feature lies, in units of its picture's width.
        sizes: `(m,)`, in the same unit.
        distance: `(m,)`, bits by which the codes differ.
    """

    query: NDArray[np.int32]
    keyframe: NDArray[np.int32]
    points: NDArray[np.float32]
    sizes: NDArray[np.float32]
    distance: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.query)


class LocalIndex:
    """The local features of a library. Searching is safe from several threads."""

    def __init__(
        self, vocabulary: Vocabulary, postings: Sequence[Postings], contents: Collection[int]
    ) -> None:
        """Put inverted files together.

        Args:
            vocabulary: the one they were made with.
            postings: the files.
            contents: ordinals of those that are in the library; the files may hold others too,
                which are not found.
        """
        self._vocabulary = vocabulary
        self._postings = tuple(postings)
        self._offsets = np.cumsum([0, *(len(one.frames) for one in postings)])
        none = np.empty(0, np.int32)
        self.keyframes = KeyframeTable(
            np.concatenate([none, *(one.contents for one in postings)]),
            np.concatenate([none, *(one.frames for one in postings)]),
            np.concatenate([none, *(one.counts for one in postings)]),
        )
        live = np.isin(self.keyframes.content, _ordinals(contents))
        self._live = None if live.all() else live

    def search(
        self,
        features: LocalFeatures,
        *,
        contents: Collection[int] | None = None,
        nearest: int = NEAREST_WORDS,
        max_distance: int = MAX_DISTANCE,
    ) -> Matches:
        """Find what a picture's features look like.

        Args:
            features: of the picture; of its mirror image, see `LocalFeatures.mirrored`.
            contents: ordinals of the only ones that count; all when None.
            nearest: words looked into for each feature.
            max_distance: bits of 64 by which codes may differ.

        Returns:
            The matches, file after file, in each by rising rows of the features.
        """
        words, codes = self._vocabulary.quantise(features.descriptors, nearest)
        wanted = self._wanted(contents)
        found = []
        for postings, first, last in zip(
            self._postings, self._offsets[:-1], self._offsets[1:], strict=True
        ):
            own = None if wanted is None else wanted[first:last]
            if own is None or own.any():
                found.append((first, postings.search(words, codes, max_distance, own)))
        return _concatenate_matches(found)

    def _wanted(self, contents: Collection[int] | None) -> NDArray[np.bool_] | None:
        if contents is None:
            return self._live
        chosen = np.isin(self.keyframes.content, _ordinals(contents))
        return chosen if self._live is None else chosen & self._live


def _ordinals(contents: Collection[int]) -> NDArray[np.int64]:
    return np.fromiter(contents, np.int64, len(contents))


def _concatenate_matches(found: Sequence[tuple[int, PostingMatches]]) -> Matches:
    none = np.empty(0, np.int32)
    geometry = np.concatenate([np.empty(0, np.uint32), *(one.geometry for _, one in found)])
    points, sizes = unpack(geometry)
    return Matches(
        query=np.concatenate([none, *(one.query for _, one in found)]),
        keyframe=np.concatenate([none, *(one.keyframe + np.int32(first) for first, one in found)]),
        points=points,
        sizes=sizes,
        distance=np.concatenate([np.empty(0, np.uint8), *(one.distance for _, one in found)]),
    )
