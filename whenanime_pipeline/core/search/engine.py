"""A picture in, scenes out: the whole query over one snapshot."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.borders import trim_borders
from whenanime_pipeline.core.media.pictures import decode_small
from whenanime_pipeline.core.search.distinct import signature
from whenanime_pipeline.core.search.embedder import Embedder
from whenanime_pipeline.core.search.episodes import EpisodeRecord
from whenanime_pipeline.core.search.errors import ContentGoneError, SnapshotError
from whenanime_pipeline.core.search.index import HnswIndex, Labels
from whenanime_pipeline.core.search.labels import labels_of, split_label
from whenanime_pipeline.core.search.scenes import Hit, Stretch, stretches
from whenanime_pipeline.core.search.snapshot import Snapshot
from whenanime_pipeline.core.search.vectors import Vectors, unit

CANDIDATES = 64
"""Nearest frames that are looked at closely."""
_MEAN_WEIGHT, _MEAN_HALF = 0.5, 4.0
"""What equal pixels add to a cosine, and the gray levels of mean difference at which it is half.
Between neighbouring frames this settles which moment it is; between any two pictures, some 40
levels apart, the embeddings decide. By measurement on 1,000 clean frames of open films: 96.2 %
right by the cosine alone, 99.4 % so; a steep fall-off (e^-x) has 98.4 %, as it leaves a fast
motion, where no stored frame is near, to the cosine."""
_CELL_WEIGHT, _CELL_HALF = 0.1, 16.0
"""The same for the cell that differs most: a mouth changes one cell, and by more than this."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of an episode: seconds of its first and last frame."""

    episode: EpisodeRecord
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One answer.

    Attributes:
        episode: where it is.
        start, at, end: seconds; the stretch that resembles the query, and the best moment in it.
        similarity: 0–1: the embeddings' cosine, and of what that lacks as much as the pixels say.
        frame: the ordinal of the stored frame at `at`, for its picture.
        also: where else the very picture is on screen.
    """

    episode: EpisodeRecord
    start: float
    at: float
    end: float
    similarity: float
    frame: int
    also: tuple[Moment, ...]


class SearchEngine:
    """A snapshot with its model and index in memory. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder, index: HnswIndex) -> None:
        self.snapshot = snapshot
        self._embedder = embedder
        self._index = index

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0) -> Self:
        """Open a snapshot for searching.

        Args:
            folder: the snapshot.
            threads: for the network; 0: one a core.

        Raises:
            SearchError: it is incomplete, damaged or from a newer version.
        """
        snapshot = Snapshot(folder)
        embedder = Embedder.load(folder, threads=threads)
        if embedder.model_id != snapshot.manifest.model_id:
            raise SnapshotError(f"{folder}: holds another model than its manifest says")
        return cls(snapshot, embedder, snapshot.load_index())

    def search(
        self,
        picture: NDArray[np.uint8],
        *,
        limit: int = 10,
        series: Collection[str] | None = None,
        anilist: int | None = None,
    ) -> list[Scene]:
        """Find the scenes a picture may come from.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            limit: how many scenes at most.
            series: search these series only, exactly.
            anilist: search the series of this AniList number only.

        Returns:
            Scenes, best first; empty when nothing is indexed or no series is left.
        """
        # Bars around a picture are no part of the film; with and without are both looked at.
        views = [picture]
        trimmed = trim_borders(picture)
        if trimmed.shape != picture.shape:
            views.append(trimmed)
        labels, cosines = self._nearest(self._embedder.embed(views), self._chosen(series, anilist))
        best: dict[int, float] = {}
        for label, cosine in zip(labels.ravel().tolist(), cosines.ravel().tolist(), strict=True):
            best[label] = max(cosine, best.get(label, -1.0))
        nearest = sorted(best, key=lambda label: -best[label])[:CANDIDATES]
        cells = [signature(view) for view in views]
        hits = [hit for label in nearest for hit in self._hits(label, best[label], cells)]
        scenes = [scene for stretch in stretches(hits) for scene in self._scenes(stretch)]
        return scenes[:limit]

    def _chosen(self, series: Collection[str] | None, anilist: int | None) -> Labels | None:
        """Return the labels of the episodes that a filter leaves; None without a filter."""
        if series is None and anilist is None:
            return None
        contents = sorted(
            {
                episode.content
                for episode in self.snapshot.episodes
                if (series is None or episode.series in series)
                and (anilist is None or episode.anilist == anilist)
            }
        )
        parts = [labels_of(ordinal, self.snapshot.contents[ordinal].frames) for ordinal in contents]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def _nearest(self, queries: Vectors, chosen: Labels | None) -> tuple[Labels, Vectors]:
        """Return labels and cosines, `(queries, ≤ CANDIDATES)`, nearest first."""
        queries = unit(queries[:, : self.snapshot.manifest.dimension])
        if chosen is None:
            return self._index.search(queries, CANDIDATES)
        if not len(chosen):
            empty = (len(queries), 0)
            return np.empty(empty, np.uint64), np.empty(empty, np.float32)
        cosines = queries @ self._index.vectors(chosen).T
        order = np.argsort(-cosines, axis=1)[:, :CANDIDATES]
        return chosen[order], np.take_along_axis(cosines, order, axis=1)

    def _hits(self, label: int, cosine: float, cells: list[NDArray[np.uint8]]) -> list[Hit]:
        """Return a stored frame's time runs as hits, after a look at its picture."""
        content, frame = split_label(label)
        try:
            stored = signature(decode_small(self.snapshot.picture(content, frame)))
        except ContentGoneError:
            return []  # newer snapshots do not hold it any more
        same, score = max(_compared(stored, view) for view in cells)
        cosine = min(1.0, max(0.0, cosine))
        similarity = cosine + (1 - cosine) * same
        step = 1 / self.snapshot.contents[content].fps
        return [
            Hit(content, frame, start, end, step, cosine + score, cosine, similarity)
            for start, end in self.snapshot.runs(content, frame)
        ]

    def _scenes(self, stretch: Stretch) -> list[Scene]:
        """Return a stretch as an answer for each episode that shows its content."""
        best = stretch.best
        runs = self.snapshot.runs(best.content, best.frame)
        elsewhere = [run for run in runs if run[0] > stretch.end or run[1] < stretch.start]
        episodes = self.snapshot.by_content[stretch.content]
        return [
            Scene(
                episode=episode,
                start=stretch.start,
                at=stretch.at,
                end=stretch.end,
                similarity=best.similarity,
                frame=best.frame,
                also=tuple(Moment(episode, start, end) for start, end in elsewhere),
            )
            for episode in episodes
        ]


def _compared(stored: NDArray[np.uint8], asked: NDArray[np.uint8]) -> tuple[float, float]:
    """Compare two signatures.

    Returns:
        How much they are one picture, 1 for equal ones and some 0.1 for any two; and what they
        add to a cosine.
    """
    difference = cv2.absdiff(stored, asked)
    same = 1 / (1 + float(difference.mean()) / _MEAN_HALF)
    cell = 1 / (1 + float(difference.max()) / _CELL_HALF)
    return same, _MEAN_WEIGHT * same + _CELL_WEIGHT * cell
