"""A picture in, scenes out: the whole query over one snapshot."""

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.pictures import decode_small_gray
from whenanime_pipeline.core.search.blas_threads import one_thread_each
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex, Labels
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.vectors import Vectors, unit
from whenanime_pipeline.core.search.errors import ContentGoneError, SnapshotError
from whenanime_pipeline.core.search.geometry.hypotheses import Lead
from whenanime_pipeline.core.search.geometry.pixel_comparison import Gray
from whenanime_pipeline.core.search.geometry.verification import Verified
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.query.cascade import NEXT, Inquiry
from whenanime_pipeline.core.search.query.confidence import Confidence, Judge
from whenanime_pipeline.core.search.query.filters import EVERYTHING, Filter
from whenanime_pipeline.core.search.query.frame_channel import (
    View,
    inset_views,
    known_leads,
    more_alike,
    views_of,
)
from whenanime_pipeline.core.search.query.scenes import Scene, scenes_of
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

NEAREST = 64
"""Stored frames that look most alike, from which leads are made."""
KNOWN, DOUBLES = 4, 10
"""Leads of whole frames that are followed up; and at most, where they look all the same."""


class SearchEngine:
    """A snapshot with its model and indexes. Safe to share between threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        index: HnswIndex,
        local: LocalIndex | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            snapshot: that is searched.
            embedder: its model.
            index: its embeddings.
            local: its local features; None: parts of frames are not found.
        """
        one_thread_each()
        self.snapshot = snapshot
        self.embedder = embedder
        self._index = index
        self._local = local
        self._confidence = Confidence.load()
        self._aspects: dict[int, float] = {}

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0, ef: int | None = None) -> Self:
        """Open a snapshot for searching.

        Args:
            folder: the snapshot.
            threads: for the network; 0: one a core.
            ef: candidates while searching; None for as many as the library's options say.

        Raises:
            SearchError: it is incomplete, damaged or from a newer version.
        """
        snapshot = Snapshot(folder)
        embedder = Embedder.load(folder, threads=threads)
        if embedder.model_id != snapshot.manifest.model_id:
            raise SnapshotError(f"{folder}: holds another model than its manifest says")
        return cls(snapshot, embedder, snapshot.load_index(ef=ef), snapshot.load_local())

    def search(
        self,
        picture: NDArray[np.uint8],
        *,
        limit: int = 10,
        only: Filter = EVERYTHING,
    ) -> list[Scene]:
        """Find the scenes a picture may come from.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            limit: how many scenes at most.
            only: the episodes that are searched, exactly.

        Returns:
            Scenes, best first; empty when nothing is indexed or no episode is left.
        """
        answers = self.inquire(picture, self._chosen(only), self._confidence)
        scenes = [
            scene
            for answer in answers
            for scene in scenes_of(
                answer,
                self.snapshot,
                picture.shape,
                self._confidence,
                self._aspect(answer.lead.content),
            )
            # One content may be several episodes, and not all of them asked for.
            if only.admits(scene.episode)
        ]
        return scenes[:limit]

    def inquire(
        self, picture: NDArray[np.uint8], contents: Collection[int] | None, confidence: Judge
    ) -> list[Verified]:
        """Find where a picture may lie, with all that is measured of it.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            contents: ordinals of the only contents that are searched, exactly; all when None.
            confidence: says which answer is better, and when no other need be looked for.

        Returns:
            Places, the most credible first.
        """
        inquiry = Inquiry(picture, self._gray, confidence)
        chosen = self._labels(contents)
        views = views_of(picture)
        known = self._look_for_frames(inquiry, views, chosen)
        if self._local is not None and not inquiry.settled:
            inquiry.confirm(self._frames)
        if not inquiry.settled:
            self._look_for_frames(inquiry, inset_views(picture), chosen)
        if self._local is not None and not inquiry.settled:
            inquiry.look_for_patches(self._local, self._frames, contents)
            if not inquiry.settled:
                inquiry.slide(views[-1], known)
            if not inquiry.settled:
                inquiry.confirm(self._frames, NEXT)
        inquiry.pinpoint()
        return inquiry.answers()

    def _look_for_frames(
        self, inquiry: Inquiry, views: Sequence[View], chosen: Labels | None
    ) -> list[Lead]:
        """Look for views that are whole frames, and for their mirror images if they are not.

        Returns:
            The leads that were considered, the most alike first.
        """
        if not views:
            return []
        upright = self._known(views, chosen)
        inquiry.follow(upright, KNOWN, DOUBLES)
        if inquiry.settled:
            return upright
        turned = self._known([view.turned() for view in views], chosen)
        mirrored = more_alike(turned, upright)
        inquiry.follow(mirrored, KNOWN, DOUBLES)
        return [*mirrored, *upright]

    def _known(self, views: Sequence[View], chosen: Labels | None) -> list[Lead]:
        """Return leads of the stored frames that look most like one of some views."""
        vectors = self.embedder.embed([view.picture for view in views])
        labels, cosines = self._nearest(vectors, chosen)
        return known_leads(views, labels, cosines, self._frames, self._aspect)

    @cached_property
    def _frames(self) -> dict[int, int]:
        return {ordinal: one.frames for ordinal, one in self.snapshot.contents.items()}

    def _chosen(self, only: Filter) -> list[int] | None:
        """Return the contents of the episodes that a filter leaves; None when it leaves all."""
        if not only.narrows:
            return None
        return sorted(
            {episode.content for episode in self.snapshot.episodes if only.admits(episode)}
        )

    def _labels(self, contents: Collection[int] | None) -> Labels | None:
        if contents is None:
            return None
        parts = [labels_of(ordinal, self._frames[ordinal]) for ordinal in contents]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def _nearest(self, queries: Vectors, chosen: Labels | None) -> tuple[Labels, Vectors]:
        """Return labels and cosines, `(queries, ≤ NEAREST)`, nearest first."""
        queries = unit(queries[:, : self.snapshot.manifest.dimension])
        if chosen is None:
            return self._index.search(queries, NEAREST)
        if not len(chosen):
            empty = (len(queries), 0)
            return np.empty(empty, np.uint64), np.empty(empty, np.float32)
        cosines = queries @ self._index.vectors(chosen).T
        order = np.argsort(-cosines, axis=1)[:, :NEAREST]
        return chosen[order], np.take_along_axis(cosines, order, axis=1)

    def _gray(self, content: int, frame: int, *, half: bool) -> Gray | None:
        """Return a stored frame in gray levels; None when no snapshot holds it any more."""
        try:
            return decode_small_gray(self.snapshot.picture(content, frame), half=half)
        except ContentGoneError:
            return None

    def _aspect(self, content: int) -> float:
        """Return the height of a content's stored pictures, in their widths."""
        found = self._aspects.get(content)
        if found is None:
            first = self._gray(content, 0, half=False)
            found = 9 / 16 if first is None else first.shape[0] / first.shape[1]
            self._aspects[content] = found
        return found
