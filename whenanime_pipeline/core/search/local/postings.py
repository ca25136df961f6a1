"""An inverted file: for each word, which key frames of the library have a feature of it.

Plain arrays, so that they can be mapped: what is not asked for is not read.
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
"""A content's ordinal, and what reads its features."""
_Kind = type[np.generic]
_Array = TypeVar("_Array", NDArray[Any], np.memmap[Any, Any])
_AT_ONCE = 4 << 20
"""Features sorted at once: some 200 MB, however large the file becomes."""
_SHORT = 128
"""Features of a word up to which, on average, it takes longer to turn to another word than to
gather what is to be compared: in small libraries, and in the last few episodes of large ones."""
_OF_FEATURES: dict[str, _Kind] = {"codes": np.uint64, "keys": np.uint32, "geometry": np.uint32}
_OF_KEYS = ("contents", "frames", "counts")


@dataclass(frozen=True, slots=True)
class PostingMatches:
    """Features of the library that look like features of a picture.

    Attributes:
        query: `(m,)`, rows of what was searched for, rising.
        keyframe: `(m,)`, rows of the key table.
        geometry: `(m,)`, where they lie in their key frames, packed.
        distance: `(m,)`, bits by which the codes differ.
    """

    query: NDArray[np.int32]
    keyframe: NDArray[np.int32]
    geometry: PackedGeometry
    distance: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Postings:
    """Features sorted by word, and the table of the key frames they are of.

    Attributes:
        starts: `(words + 1,)`, where each word's features begin.
        codes, keys, geometry: `(n,)` of each feature: its code, its row of the key table, its
            place.
        contents, frames, counts: `(k,)` of each key frame: the ordinal of its content, the stored
            frame, how many features it has.
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
        """Make an inverted file in memory.

        Args:
            parts: the contents, in the order in which their key frames shall stand.
            words: of the vocabulary.

        Raises:
            FramesError: stored features are damaged.
        """
        return cls(**_fill_arrays(parts, words, lambda _, count, kind: np.empty(count, kind)))

    @classmethod
    def write(cls, folder: Path, parts: Sequence[FeatureSource], words: int) -> None:
        """Make an inverted file on the disk, in little memory.

        Args:
            folder: where its arrays go; made here. The publisher ensures that it is
                not read before it is whole.
            parts: the contents, in the order in which their key frames shall stand.
            words: of the vocabulary.

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
        """Map an inverted file that was written.

        Raises:
            SnapshotError: it is missing or damaged.
        """
        try:
            # Plain arrays over the mapping: slices of a memmap take three times as long.
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
        """Find the features whose word is one of a feature's, and whose code is near its own.

        Args:
            words: `(n, k)`, the words of each feature, no word twice.
            codes: `(n, k)`, its code within each.
            max_distance: bits by which codes may differ.
            wanted: `(keys,)`, which key frames count; all when None.
        """
        own, asked = words.ravel().astype(np.int64), codes.ravel()
        begins = self.starts[own]
        sizes = self.starts[own + 1] - begins
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        apart = self._hamming_distances(asked, begins, sizes, bounds)
        near = np.flatnonzero(apart <= max_distance)
        lists = np.searchsorted(bounds, near, side="right") - 1
        at = near + (begins - bounds[:-1])[lists]
        found = PostingMatches(
            query=(lists // max(words.shape[1], 1)).astype(np.int32),
            keyframe=self.keys[at].astype(np.int32),
            geometry=self.geometry[at],
            distance=apart[near],
        )
        return found if wanted is None else _filter_matches(found, wanted[found.keyframe])

    def _hamming_distances(
        self,
        asked: Codes,
        begins: NDArray[np.int64],
        sizes: NDArray[np.int64],
        bounds: NDArray[np.int64],
    ) -> NDArray[np.uint8]:
        """Return by how many bits codes differ from those of their lists, list after list.

        Args:
            asked: `(n,)`, the code each list is compared with.
            begins: `(n,)`, where the lists begin.
            sizes: `(n,)`, how long they are.
            bounds: `(n + 1,)`, where they begin in what is returned.
        """
        if bounds[-1] <= _SHORT * len(sizes):
            lists = np.repeat(np.arange(len(sizes)), sizes)
            at = np.arange(len(lists)) + (begins - bounds[:-1])[lists]
            bits: NDArray[np.uint8] = np.bitwise_count(self.codes[at] ^ asked[lists])
            return bits
        apart = np.empty(int(bounds[-1]), np.uint8)
        differing = np.empty(int(sizes.max()), np.uint64)
        ends, lasts = begins + sizes, bounds[1:]
        places = (places.tolist() for places in (begins, ends, bounds[:-1], lasts))
        for begin, end, first, last, code in zip(*places, asked, strict=True):
            own = differing[: end - begin]
            np.bitwise_xor(self.codes[begin:end], code, out=own)
            np.bitwise_count(own, out=apart[first:last])
        return apart

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
        parts: the contents.
        words: of the vocabulary.
        allocate: gives an array of a name, a length and a kind.
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
        if sum(len(features) for _, features in batch) >= _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _filter_matches(found: PostingMatches, chosen: NDArray[np.bool_]) -> PostingMatches:
    return PostingMatches(
        found.query[chosen], found.keyframe[chosen], found.geometry[chosen], found.distance[chosen]
    )
