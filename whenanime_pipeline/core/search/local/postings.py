"""An inverted file: for each visual word, the features of keyframes that have it.

It is a set of plain, memory-mapped arrays, so that a search reads only the lists it needs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.local.packing import PackedGeometry
from whenanime_pipeline.core.search.local.stored import VideoFeatures
from whenanime_pipeline.core.search.local.vocabulary import Codes, Words

FeatureSource = tuple[int, Callable[[], VideoFeatures]]
"""Ordinal of a content, and a function that reads its features."""
_Kind = type[np.generic]
_Array = TypeVar("_Array", NDArray[Any], np.memmap[Any, Any])
_CHUNK = 4 << 20
"""Features sorted at once, which takes about 200 MB for a file of any size."""
_SHORT = 128
"""Mean length of lists up to which gathering all codes for one comparison is faster than a loop
over the lists: in small libraries, and in small segments of large ones."""
_OF_FEATURES: dict[str, _Kind] = {"codes": np.uint64, "keys": np.uint32, "geometry": np.uint32}
_OF_KEYS = ("contents", "frames", "counts")


@dataclass(frozen=True, slots=True)
class PostingMatches:
    """Matches of query features in an inverted file.

    Attributes:
        query: `(m,)`, index of the query feature, ascending.
        keyframe: `(m,)`, index in the table of keyframes.
        geometry: `(m,)`, packed position and size of the library's feature.
        distance: `(m,)`, Hamming distance of the codes.
    """

    query: NDArray[np.int32]
    keyframe: NDArray[np.int32]
    geometry: PackedGeometry
    distance: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Postings:
    """Features sorted by word, and the table of their keyframes.

    Attributes:
        starts: `(words + 1,)`, offsets of the words' lists of features.
        codes: `(n,)`, code of each feature.
        keys: `(n,)`, index of each feature's keyframe in the table.
        geometry: `(n,)`, packed position and size of each feature.
        contents: `(k,)`, ordinal of each keyframe's content.
        frames: `(k,)`, ordinal of each keyframe's stored frame.
        counts: `(k,)`, number of each keyframe's features.
    """

    starts: NDArray[np.int64]
    codes: Codes
    keys: NDArray[np.uint32]
    geometry: PackedGeometry
    contents: NDArray[np.int32]
    frames: NDArray[np.int32]
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def build(cls, parts: Sequence[FeatureSource], words: int) -> Self:
        """Build an inverted file in memory.

        Args:
            parts: contents, in the order of their keyframes in the table.
            words: size of the vocabulary.

        Raises:
            FramesError: stored features are damaged.
        """
        return cls(**_fill_arrays(parts, words, lambda _, count, kind: np.empty(count, kind)))

    @classmethod
    def write(cls, folder: Path, parts: Sequence[FeatureSource], words: int) -> None:
        """Build an inverted file on disk, in bounded memory.

        Args:
            folder: folder of the arrays, made here. The publisher ensures that it is not read
                before it is complete.
            parts: contents, in the order of their keyframes in the table.
            words: size of the vocabulary.

        Raises:
            FramesError: stored features are damaged.
            OSError: the disk is full or cannot be written.
        """
        folder.mkdir(parents=True)

        def mapped(name: str, count: int, kind: _Kind) -> np.memmap[Any, Any]:
            path = folder / f"{name}.npy"
            return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(count,))

        for array in _fill_arrays(parts, words, mapped).values():
            array.flush()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Memory-map an inverted file.

        Raises:
            SnapshotError: a file is missing or damaged.
        """
        try:
            # As plain arrays, because slicing a memmap takes three times as long.
            arrays = {
                field.name: np.asarray(np.load(folder / f"{field.name}.npy", mmap_mode="r"))
                for field in fields(cls)
            }
        except (OSError, ValueError, EOFError) as error:
            raise SnapshotError(f"{folder}: damaged; index again ({error})") from error
        found = cls(**arrays)
        if not found._is_consistent():
            raise SnapshotError(f"{folder}: its parts do not fit each other; index again")
        return found

    def search(
        self,
        words: Words,
        codes: Codes,
        max_distance: int,
        wanted: NDArray[np.bool_] | None = None,
    ) -> PostingMatches:
        """Find the features with one of a query feature's words and a similar code.

        Args:
            words: `(n, k)`, distinct words of each query feature.
            codes: `(n, k)`, its code for each word.
            max_distance: largest Hamming distance of codes.
            wanted: `(keyframes,)`, keyframes to search; None for all.
        """
        own, query_codes = words.ravel().astype(np.int64), codes.ravel()
        begins = self.starts[own]
        sizes = self.starts[own + 1] - begins
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        distances = self._hamming_distances(query_codes, begins, sizes, bounds)
        near = np.flatnonzero(distances <= max_distance)
        lists = np.searchsorted(bounds, near, side="right") - 1
        at = near + (begins - bounds[:-1])[lists]
        found = PostingMatches(
            query=(lists // max(words.shape[1], 1)).astype(np.int32),
            keyframe=self.keys[at].astype(np.int32),
            geometry=self.geometry[at],
            distance=distances[near],
        )
        return found if wanted is None else _filter_matches(found, wanted[found.keyframe])

    def _hamming_distances(
        self,
        query_codes: Codes,
        begins: NDArray[np.int64],
        sizes: NDArray[np.int64],
        bounds: NDArray[np.int64],
    ) -> NDArray[np.uint8]:
        """Return the Hamming distances of all codes in some lists to a query code per list.

        Args:
            query_codes: `(n,)`, query code of each list.
            begins: `(n,)`, offsets of the lists.
            sizes: `(n,)`, lengths of the lists.
            bounds: `(n + 1,)`, offsets of the lists in the result.

        Returns:
            `(bounds[-1],)`, list by list.
        """
        if bounds[-1] <= _SHORT * len(sizes):
            lists = np.repeat(np.arange(len(sizes)), sizes)
            at = np.arange(len(lists)) + (begins - bounds[:-1])[lists]
            bits: NDArray[np.uint8] = np.bitwise_count(self.codes[at] ^ query_codes[lists])
            return bits
        distances = np.empty(int(bounds[-1]), np.uint8)
        differing = np.empty(int(sizes.max()), np.uint64)
        ends, lasts = begins + sizes, bounds[1:]
        places = (places.tolist() for places in (begins, ends, bounds[:-1], lasts))
        for begin, end, first, last, code in zip(*places, query_codes, strict=True):
            own = differing[: end - begin]
            np.bitwise_xor(self.codes[begin:end], code, out=own)
            np.bitwise_count(own, out=distances[first:last])
        return distances

    def _is_consistent(self) -> bool:
        return (
            len(self.starts) > 1
            and len(self.codes) == len(self.keys) == len(self.geometry) == int(self.starts[-1])
            and len(self.contents) == len(self.frames) == len(self.counts)
        )


def _fill_arrays(
    parts: Sequence[FeatureSource], words: int, allocate: Callable[[str, int, _Kind], _Array]
) -> dict[str, _Array]:
    """Fill the arrays of an inverted file, a few contents at a time.

    Args:
        parts: contents.
        words: size of the vocabulary.
        allocate: returns an array, given its name, length and type.
    """
    sizes, frames = np.zeros(words, np.int64), 0
    for _, read in parts:
        features = read()
        sizes += np.bincount(features.words, minlength=words)
        frames += len(features.frames)
    made = {"starts": allocate("starts", words + 1, np.int64)}
    made |= {name: allocate(name, int(sizes.sum()), kind) for name, kind in _OF_FEATURES.items()}
    made |= {name: allocate(name, frames, np.int32) for name in _OF_KEYS}
    made["starts"][0] = 0
    np.cumsum(sizes, out=made["starts"][1:])
    cursor, key = made["starts"][:-1].copy(), 0
    for batch in _batches(parts):
        owners = []
        for content, features in batch:
            more = slice(key, key + len(features.frames))
            made["contents"][more] = content
            made["frames"][more] = features.frames
            made["counts"][more] = features.counts
            owners.append(np.repeat(np.arange(more.start, more.stop), features.counts))
            key = more.stop
        of_word = np.concatenate([features.words for _, features in batch])
        order = np.argsort(of_word, kind="stable")
        sizes = np.bincount(of_word, minlength=words)
        at = np.repeat(cursor - np.cumsum(sizes) + sizes, sizes) + np.arange(len(order))
        made["codes"][at] = np.concatenate([features.codes for _, features in batch])[order]
        made["geometry"][at] = np.concatenate([features.geometry for _, features in batch])[order]
        made["keys"][at] = np.concatenate(owners)[order]
        cursor += sizes
    return made


def _batches(parts: Sequence[FeatureSource]) -> Iterator[list[tuple[int, VideoFeatures]]]:
    batch: list[tuple[int, VideoFeatures]] = []
    for content, read in parts:
        batch.append((content, read()))
        if sum(len(features) for _, features in batch) >= _CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def _filter_matches(found: PostingMatches, chosen: NDArray[np.bool_]) -> PostingMatches:
    return PostingMatches(
        found.query[chosen], found.keyframe[chosen], found.geometry[chosen], found.distance[chosen]
    )
