"""Searches the inverted files of a library for local features."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.packing import unpack
from whenanime_pipeline.core.search.local.postings import PostingMatches, Postings
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary

NEAREST_WORDS = 4
"""Nearest words searched for each query feature (multiple assignment): JPEG may change the word."""
MAX_DISTANCE = 21
"""Largest Hamming distance of matching codes, of 64 bits; those of unrelated features differ by 32
on average. On hard edits, 21 is slightly better than 23, which adds random matches."""


@dataclass(frozen=True, slots=True)
class KeyframeTable:
    """The k keyframes of an index.

    Attributes:
        content: `(k,)`, ordinal of its content in the snapshot.
        frame: `(k,)`, ordinal of the stored frame in its content.
        feature_count: `(k,)`, number of its features.
    """

    content: NDArray[np.int32]
    frame: NDArray[np.int32]
    feature_count: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, slots=True)
class Matches:
    """Matches of query features with features of the library.

    A query feature may match several features of the same keyframe.

    Attributes:
        query: `(m,)`, index of the query feature.
        keyframe: `(m,)`, index in the table of keyframes.
        points: `(m, 2)`, position of the library's feature, in widths of its frame.
        sizes: `(m,)`, diameter of the library's feature, in widths of its frame.
        distance: `(m,)`, Hamming distance of the codes.
    """

    query: NDArray[np.int32]
    keyframe: NDArray[np.int32]
    points: NDArray[np.float32]
    sizes: NDArray[np.float32]
    distance: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.query)


class LocalIndex:
    """The local features of a library. Searching is thread-safe."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        postings: Sequence[Postings],
        contents: Collection[int],
        left_out: Mapping[int, Sequence[tuple[int, int]]] | None = None,
    ) -> None:
        """Combine inverted files.

        Args:
            vocabulary: vocabulary that they were made with.
            postings: inverted files.
            contents: ordinals of the contents in the library; others in the files are ignored.
            left_out: content → ranges of its frames that are ignored, each as the first frame and
                the one after the last.
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
        for content, ranges in (left_out or {}).items():
            own = self.keyframes.content == content
            for first, last in ranges:
                inside = (first <= self.keyframes.frame) & (self.keyframes.frame < last)
                live &= ~(own & inside)
        self._live = None if live.all() else live

    def search(
        self,
        features: LocalFeatures,
        *,
        contents: Collection[int] | None = None,
        nearest: int = NEAREST_WORDS,
        max_distance: int = MAX_DISTANCE,
    ) -> Matches:
        """Find matches of a query's features.

        Args:
            features: features of the query, or of its mirror image (`LocalFeatures.mirror`).
            contents: ordinals of the contents to search; None for all.
            nearest: number of words to search for each feature.
            max_distance: largest Hamming distance of codes, of 64 bits.

        Returns:
            The matches, sorted by file and then by query feature.
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
