"""Nearest neighbours among unit vectors: a small interface, and HNSW behind it.

HNSW is Malkov & Yashunin 2016, in the library hnswlib. Labels are 64-bit numbers of the caller's.
"""

from pathlib import Path
from typing import Protocol, Self

import hnswlib
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.settings import IndexOptions

Labels = NDArray[np.uint64]

_AT_ONCE = 4096  # vectors looked up in one call
# A graph that is mostly deleted nodes searches slowly and wastes memory.
_REBUILD_BELOW = 0.5


JITTER = 0.003
"""How far each vector is moved before it is added; it changes a cosine by less than 0.001.
Vectors that are equal to the bit, as those of black or of a logo in every episode, fill each
other's edges and cut the graph apart: with 4 such pictures in each of 300 episodes 14 % of the
other frames could not be found, and with this less than 0.1 %."""


class VectorIndex(Protocol):
    """What the rest needs of an index; a second implementation may stand on a server."""

    def __len__(self) -> int:
        """Return the number of live vectors."""

    def add(self, labels: Labels, vectors: Vectors) -> None:
        """Add vectors `(n, dimension)` of unit length under labels that are not in use."""

    def remove(self, labels: Labels) -> None:
        """Take vectors out."""

    def search(self, vectors: Vectors, count: int) -> tuple[Labels, Vectors]:
        """Return the nearest labels and their cosines, `(queries, ≤ count)`, nearest first."""

    def vectors(self, labels: Labels) -> Vectors:
        """Return stored vectors, `(n, dimension)`."""

    def audit(self, labels: Labels) -> tuple[int, int]:
        """Return how many of `labels` are missing, and how many others can be found."""

    def save(self, path: Path) -> None:
        """Write the index to a file."""


class HnswIndex:
    """An HNSW graph in memory, saved to one file. Searching is safe from several threads."""

    def __init__(self, graph: hnswlib.Index, live: int, options: IndexOptions) -> None:
        self._graph = graph
        self._live = live
        # hnswlib raises ef to the number of neighbours asked for by itself.
        graph.set_ef(options.ef)

    @classmethod
    def create(cls, dimension: int, options: IndexOptions) -> Self:
        """Start an empty index for vectors of `dimension` components."""
        graph = hnswlib.Index(space="ip", dim=dimension)
        graph.init_index(
            max_elements=1024,
            M=options.m,
            ef_construction=options.ef_construction,
            random_seed=100,
            allow_replace_deleted=True,
        )
        return cls(graph, 0, options)

    @classmethod
    def load(cls, path: Path, dimension: int, live: int, options: IndexOptions) -> Self:
        """Read an index from a file.

        Args:
            path: the file.
            dimension: components of a vector.
            live: the number of live vectors the file is said to hold.
            options: `ef` is taken from here; the rest stands in the file.

        Raises:
            SnapshotError: the file is damaged.
        """
        graph = hnswlib.Index(space="ip", dim=dimension)
        try:
            graph.load_index(str(path), allow_replace_deleted=True)
        except RuntimeError as error:
            raise SnapshotError(f"{path}: not an index: {error}") from error
        if graph.get_current_count() < live:
            raise SnapshotError(
                f"{path}: {graph.get_current_count()} vectors; {live} should be there"
            )
        return cls(graph, live, options)

    def __len__(self) -> int:
        return self._live

    @property
    def needs_rebuild(self) -> bool:
        """Whether so much was removed that a new graph is better."""
        return bool(self._live < _REBUILD_BELOW * self._graph.get_current_count())

    def add(self, labels: Labels, vectors: Vectors) -> None:
        """Add vectors `(n, dimension)` of unit length under labels that are not in use.

        The places of removed vectors are used again. With one thread the graph depends on
        nothing but what is added, so that two builds of one library agree. Each vector is moved
        by a hair, see `JITTER`.
        """
        if not len(labels):
            return
        vectors = _add_jitter(labels, vectors)
        deleted = self._graph.get_current_count() - self._live
        needed = self._graph.get_current_count() + max(0, len(labels) - deleted)
        if needed > self._graph.get_max_elements():
            # By a quarter at a time: resizing copies everything.
            self._graph.resize_index(needed + needed // 4)
        reused = min(deleted, len(labels))
        for part, replace in ((slice(0, reused), True), (slice(reused, None), False)):
            if len(labels[part]):
                self._graph.add_items(
                    vectors[part], labels[part], num_threads=1, replace_deleted=replace
                )
        self._live += len(labels)

    def remove(self, labels: Labels) -> None:
        """Take vectors out; their places are used again by later ones."""
        for label in labels.tolist():
            self._graph.mark_deleted(label)
        self._live -= len(labels)

    def restore(self, labels: Labels) -> Labels:
        """Put removed vectors back where their places were not used again.

        Args:
            labels: labels of removed vectors. Adding one under the label of a removed one would
                leave two of it.

        Returns:
            The labels of those that are gone, and can be added.
        """
        gone = []
        for label in labels.tolist():
            try:
                self._graph.unmark_deleted(label)
            except RuntimeError:
                gone.append(label)
        self._live += len(labels) - len(gone)
        return np.array(gone, np.uint64)

    def search(self, vectors: Vectors, count: int) -> tuple[Labels, Vectors]:
        """Return the nearest labels and their cosines, `(queries, ≤ count)`, nearest first."""
        count = min(count, self._live)
        if count == 0:
            shape = (len(vectors), 0)
            return np.empty(shape, np.uint64), np.empty(shape, np.float32)
        while True:
            try:
                labels, distances = self._graph.knn_query(vectors, k=count, num_threads=1)
            except RuntimeError:
                # Replaced nodes can leave parts of a small graph out of reach: then it finds fewer.
                if count == 1:
                    raise
                count //= 2
            else:
                return labels, 1 - distances

    def vectors(self, labels: Labels) -> Vectors:
        """Return stored vectors, `(n, dimension)`."""
        found: Vectors = np.asarray(self._graph.get_items(labels, return_type="numpy"), np.float32)
        return found

    def audit(self, labels: Labels) -> tuple[int, int]:
        """Compare what can be found with what should be; every vector is looked up.

        Args:
            labels: of all vectors that should be there, each once.

        Returns:
            How many of them are missing, and how many live vectors there are under other labels.
        """
        # Removed vectors whose place was not used again are still listed, but cannot be read.
        listed = np.array(self._graph.get_ids_list(), np.uint64)
        others = np.setdiff1d(listed, labels)
        # A label that stands there twice is listed once.
        foreign = self._graph.get_current_count() - len(listed)
        foreign += sum(self._readable(others[at : at + 1]) for at in range(len(others)))
        missing = 0
        for start in range(0, len(labels), _AT_ONCE):
            part = labels[start : start + _AT_ONCE]
            if not self._readable(part):
                missing += sum(not self._readable(part[at : at + 1]) for at in range(len(part)))
        return missing, foreign

    def _readable(self, labels: Labels) -> bool:
        try:
            self._graph.get_items(labels)
        except RuntimeError:
            return False
        return True

    def save(self, path: Path) -> None:
        """Write the index to a file."""
        self._graph.save_index(str(path))


def _add_jitter(labels: Labels, vectors: Vectors) -> Vectors:
    """Move vectors by `JITTER`, each batch in its own directions, the same in every build."""
    noise = np.random.default_rng(int(labels[0])).standard_normal(vectors.shape, np.float32)
    return normalise_rows(vectors + JITTER / np.float32(np.sqrt(vectors.shape[1])) * noise)
