"""Retrieval of positive pairs, by embeddings alone or by the whole search."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.retrieval.indexed_homes import index_and_open
from benchmarks.support.retrieval.picture_films import (
    configure_sampling,
    picture_at,
    write_picture_films,
)
from benchmarks.support.retrieval.positive_pairs import PositivePair
from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.evaluation import (
    MRR_AT,
    Ranks,
    RetrievalMetrics,
    bootstrap_scores,
    compute_ranks,
)
from whenanime_pipeline.core.search.embedding.embedder import Embedder

Picture = NDArray[np.uint8]
Positions = NDArray[np.int64]


class PairRetriever(Protocol):
    """Retrieves pictures from a gallery.

    Attributes:
        name: name of the system in reports.
    """

    name: str

    def rank_positives(
        self, queries: Sequence[Picture], gallery: Sequence[Picture], positives: Positions
    ) -> Ranks:
        """Return the rank at which each query retrieves its positive.

        Args:
            queries: RGB pictures to search for.
            gallery: RGB pictures to search in.
            positives: `(queries,)`, index in the gallery of each query's positive.

        Returns:
            `(queries,)`, ranks from 1; more than 20 if it is not among the first 20.
        """
        ...


class EmbeddingRetriever:
    """Exhaustive search by a network's embeddings."""

    def __init__(self, name: str, model: Path, *, threads: int) -> None:
        """Load a model's folder."""
        self.name = name
        self._embedder = Embedder.load(model, threads=threads)

    def rank_positives(
        self, queries: Sequence[Picture], gallery: Sequence[Picture], positives: Positions
    ) -> Ranks:
        """Return the rank at which each query retrieves its positive."""
        return compute_ranks(
            self._embedder.embed(queries), self._embedder.embed(gallery), positives
        )


class EngineRetriever:
    """Our whole search, over a gallery written as films and indexed by `whenanime index`."""

    def __init__(self, name: str, model: Path, root: Path, *, threads: int) -> None:
        """Set the options.

        Args:
            name: name of the system in reports.
            model: folder of the model.
            root: folder of films and homes.
            threads: threads of the network when searching.
        """
        self.name = name
        self._model, self._root, self._threads = model, root, threads

    def rank_positives(
        self, queries: Sequence[Picture], gallery: Sequence[Picture], positives: Positions
    ) -> Ranks:
        """Return the rank at which each query retrieves its positive.

        Raises:
            BenchmarkError: indexing failed.
        """
        own = hash_json([picture[::16, ::16].tolist() for picture in gallery])
        videos, home = self._root / own / "videos", Home(self._root / own / "home")
        films = write_picture_films(gallery, videos)
        configure_sampling(home)
        engine = index_and_open(home, videos, self._model, threads=self._threads)
        found = np.full(len(queries), MRR_AT + 1, np.int64)
        for row, (query, counterpart) in enumerate(zip(queries, positives, strict=True)):
            scenes = engine.search(query, limit=MRR_AT)
            numbers = [picture_at(films, scene.episode.path, scene.at) for scene in scenes]
            if int(counterpart) in numbers:
                found[row] = numbers.index(int(counterpart)) + 1
        return found


def evaluate_pairs(
    pairs: Sequence[PositivePair], retriever_of: Callable[[str], PairRetriever]
) -> RetrievalMetrics:
    """Return how well pictures and augmented views retrieve each other, with intervals.

    Args:
        pairs: pairs; the gallery of each query is the other side of all pairs.
        retriever_of: series of a query → retriever.
    """
    originals = [pair.original for pair in pairs]
    views = [pair.view for pair in pairs]
    groups: dict[int, tuple[PairRetriever, list[int]]] = {}
    for row, pair in enumerate(pairs):
        retriever = retriever_of(pair.series)
        groups.setdefault(id(retriever), (retriever, []))[1].append(row)
    forth, back = np.empty(len(pairs), np.int64), np.empty(len(pairs), np.int64)
    for retriever, rows in groups.values():
        own = np.array(rows)
        forth[own] = retriever.rank_positives([views[row] for row in rows], originals, own)
        back[own] = retriever.rank_positives([originals[row] for row in rows], views, own)
    return RetrievalMetrics(bootstrap_scores(forth), bootstrap_scores(back))
