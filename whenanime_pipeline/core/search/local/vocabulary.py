"""From descriptors to words and short codes, so that a feature takes 10 bytes and not 512.

A word says roughly what a patch looks like; the code says where within the word it lies, a bit a
direction (Hamming embedding, Jégou, Douze & Schmid 2008). The vocabulary ships with the package
and was learned from drawn pictures alone, so it knows no film better than another.
"""

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import hnswlib
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.errors import ModelError

CODE_BITS = 64
"""Of a code."""
VOCABULARY_FILE = "vocabulary.npz"
_LINKS, _BUILD_EFFORT, _EFFORT = 16, 100, 24
"""Of the graph that words are looked up with: 995 in 1,000 nearest words are found, in a third of
the time that comparing with all of them takes; the graph is made in half a second."""

Words = NDArray[np.uint16]
Codes = NDArray[np.uint64]


@dataclass(frozen=True)
class Vocabulary:
    """Words, and how a descriptor is projected before it is compared with them.

    Attributes:
        mean: `(128,)`, taken off a descriptor.
        axes: `(128, dimension)`, its principal directions.
        words: `(words, dimension)`, centres among the projected.
        turn: `(dimension, 64)`, the directions whose signs make a code.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    words: NDArray[np.float32]
    turn: NDArray[np.float32]

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> "Vocabulary":
        """Return the vocabulary that ships, read once a process.

        Raises:
            ModelError: it is missing or damaged.
        """
        return Vocabulary.read(Path(__file__).parent / VOCABULARY_FILE)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a vocabulary from its file.

        Raises:
            ModelError: it is missing or damaged.
        """
        names = [field.name for field in fields(cls)]
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(*(stored[name].astype(np.float32) for name in names))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(f"{path}: not a vocabulary; install whenanime again") from error

    @cached_property
    def id(self) -> str:
        """Names all that decides about words and codes."""
        digest = blake2b(digest_size=6)
        for array in (self.mean, self.axes, self.words, self.turn):
            digest.update(array.tobytes())
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """How many words there are."""
        return len(self.words)

    def quantise(self, descriptors: NDArray[np.float32], nearest: int = 1) -> tuple[Words, Codes]:
        """Find the words of descriptors, and their codes within each. Safe in several threads.

        Args:
            descriptors: `(n, 128)`.
            nearest: how many words each.

        Returns:
            `(n, nearest)` words, the nearest first, and the codes within them.
        """
        if not len(descriptors):
            return np.empty((0, nearest), np.uint16), np.empty((0, nearest), np.uint64)
        projected = (descriptors - self.mean) @ self.axes
        words, _ = self._graph.knn_query(projected, k=nearest, num_threads=1)
        signs = (projected @ self.turn)[:, None, :] > self._turned[words]
        codes = np.packbits(signs, axis=2).view(np.uint64)[:, :, 0]
        return words.astype(np.uint16), codes

    @cached_property
    def _graph(self) -> hnswlib.Index:
        size, dimension = self.words.shape
        graph = hnswlib.Index(space="l2", dim=dimension)
        graph.init_index(size, M=_LINKS, ef_construction=_BUILD_EFFORT, random_seed=100)
        graph.add_items(self.words, num_threads=1)  # with one, always the same graph
        graph.set_ef(_EFFORT)
        return graph

    @cached_property
    def _turned(self) -> NDArray[np.float32]:
        turned: NDArray[np.float32] = self.words @ self.turn
        return turned
