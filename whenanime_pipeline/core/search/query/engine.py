"""A picture in, scenes out: the whole query over one snapshot."""

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.picture_codec import decode_stored_frame_gray
from whenanime_pipeline.core.search.blas_threads import limit_to_one_thread
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex, Labels
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows
from whenanime_pipeline.core.search.errors import ContentGoneError, SnapshotError
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment
from whenanime_pipeline.core.search.geometry.pixel_comparison import Gray
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.query.cascade import NARROW_WINDOW, SearchCascade
from whenanime_pipeline.core.search.query.confidence import Confidence, Judge
from whenanime_pipeline.core.search.query.filters import NO_FILTER, Filter
from whenanime_pipeline.core.search.query.frame_channel import (
    QueryRegion,
    find_inset_regions,
    find_whole_regions,
    gather_frame_candidates,
    keep_more_similar,
)
from whenanime_pipeline.core.search.query.scenes import Scene, build_scenes
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

NEAREST_FRAMES = 64
"""Stored frames that look most alike, from which leads are made."""
MAX_SEGMENTS, MAX_TIED_SEGMENTS = 4, 10
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
        limit_to_one_thread()
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
        only: Filter = NO_FILTER,
    ) -> list[Scene]:
        """Find the scenes a picture may come from.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            limit: how many scenes at most.
            only: the episodes that are searched, exactly.

        Returns:
            Scenes, best first; empty when nothing is indexed or no episode is left.
        """
        answers = self.search_frames(picture, self._select_contents(only), self._confidence)
        scenes = [
            scene
            for answer in answers
            for scene in build_scenes(
                answer,
                self.snapshot,
                picture.shape,
                self._confidence,
                self._aspect(answer.segment.content),
            )
            # One content may be several episodes, and not all of them asked for.
            if only.admits(scene.episode)
        ]
        return scenes[:limit]

    def search_frames(
        self, picture: NDArray[np.uint8], contents: Collection[int] | None, judge: Judge
    ) -> list[VerifiedFrame]:
        """Find where a picture may lie, with all that is measured of it.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            contents: ordinals of the only contents that are searched, exactly; all when None.
            judge: says which answer is better, and when no other need be looked for.

        Returns:
            Places, the most credible first.
        """
        inquiry = SearchCascade(picture, self._read_gray, judge)
        chosen = self._select_labels(contents)
        views = find_whole_regions(picture)
        known = self._search_regions(inquiry, views, chosen)
        if self._local is not None and not inquiry.is_conclusive:
            inquiry.match_best_frame(self._frame_counts)
        if not inquiry.is_conclusive:
            self._search_regions(inquiry, find_inset_regions(picture), chosen)
        if self._local is not None and not inquiry.is_conclusive:
            inquiry.search_local_features(self._local, self._frame_counts, contents)
            if not inquiry.is_conclusive:
                inquiry.match_templates(views[-1], known)
            if not inquiry.is_conclusive:
                inquiry.match_best_frame(self._frame_counts, NARROW_WINDOW)
        inquiry.refine_best()
        return inquiry.rank_verified()

    def _search_regions(
        self, cascade: SearchCascade, regions: Sequence[QueryRegion], chosen: Labels | None
    ) -> list[CandidateSegment]:
        """Look for views that are whole frames, and for their mirror images if they are not.

        Returns:
            The leads that were considered, the most alike first.
        """
        if not regions:
            return []
        upright = self._find_segments(regions, chosen)
        cascade.verify_segments(upright, MAX_SEGMENTS, MAX_TIED_SEGMENTS)
        if cascade.is_conclusive:
            return upright
        turned = self._find_segments([view.mirror() for view in regions], chosen)
        mirrored = keep_more_similar(turned, upright)
        cascade.verify_segments(mirrored, MAX_SEGMENTS, MAX_TIED_SEGMENTS)
        return [*mirrored, *upright]

    def _find_segments(
        self, regions: Sequence[QueryRegion], chosen: Labels | None
    ) -> list[CandidateSegment]:
        """Return leads of the stored frames that look most like one of some views."""
        vectors = self.embedder.embed([view.picture for view in regions])
        labels, cosines = self._search_vectors(vectors, chosen)
        return gather_frame_candidates(regions, labels, cosines, self._frame_counts, self._aspect)

    @cached_property
    def _frame_counts(self) -> dict[int, int]:
        return {ordinal: one.frames for ordinal, one in self.snapshot.contents.items()}

    def _select_contents(self, only: Filter) -> list[int] | None:
        """Return the contents of the episodes that a filter leaves; None when it leaves all."""
        if not only.is_active:
            return None
        return sorted(
            {episode.content for episode in self.snapshot.episodes if only.admits(episode)}
        )

    def _select_labels(self, contents: Collection[int] | None) -> Labels | None:
        if contents is None:
            return None
        parts = [labels_of(ordinal, self._frame_counts[ordinal]) for ordinal in contents]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def _search_vectors(self, queries: Vectors, chosen: Labels | None) -> tuple[Labels, Vectors]:
        """Return labels and cosines, `(queries, ≤ NEAREST)`, nearest first."""
        queries = normalise_rows(queries[:, : self.snapshot.manifest.dimension])
        if chosen is None:
            return self._index.search(queries, NEAREST_FRAMES)
        if not len(chosen):
            empty = (len(queries), 0)
            return np.empty(empty, np.uint64), np.empty(empty, np.float32)
        cosines = queries @ self._index.vectors(chosen).T
        order = np.argsort(-cosines, axis=1)[:, :NEAREST_FRAMES]
        return chosen[order], np.take_along_axis(cosines, order, axis=1)

    def _read_gray(self, content: int, frame: int, *, half: bool) -> Gray | None:
        """Return a stored frame in gray levels; None when no snapshot holds it any more."""
        try:
            return decode_stored_frame_gray(self.snapshot.picture(content, frame), half_size=half)
        except ContentGoneError:
            return None

    def _aspect(self, content: int) -> float:
        """Return the height of a content's stored pictures, in their widths."""
        found = self._aspects.get(content)
        if found is None:
            first = self._read_gray(content, 0, half=False)
            found = 9 / 16 if first is None else first.shape[0] / first.shape[1]
            self._aspects[content] = found
        return found
