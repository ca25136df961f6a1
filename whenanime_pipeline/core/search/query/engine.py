"""Searches one snapshot: takes a picture and returns scenes."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.blas_threads import limit_to_one_thread
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex, Labels
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.query.cascade import NARROW_WINDOW, SearchCascade
from whenanime_pipeline.core.search.query.confidence import Confidence, Judge
from whenanime_pipeline.core.search.query.filters import NO_FILTER, Filter
from whenanime_pipeline.core.search.query.frame_channel import FrameChannel, keep_more_similar
from whenanime_pipeline.core.search.query.regions import (
    QueryRegion,
    find_inset_regions,
    find_whole_regions,
)
from whenanime_pipeline.core.search.query.scenes import Scene, build_scenes
from whenanime_pipeline.core.search.query.turning import TURNS, shrink, turn_upright
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

MAX_SEGMENTS, MAX_TIED_SEGMENTS = 4, 10
"""Candidate segments of the embedding channel that are verified, at most; and at most where their
cosines are nearly equal."""
TURNED_MARGIN = 0.2
"""Cosine by which a turned picture must be more similar than the picture itself where a match that
is not certain is to suffice, or to replace one. Of 360 turned frames, the median is 0.45."""


class SearchEngine:
    """Schedule of a search over one snapshot. Safe to share between threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        index: HnswIndex,
        local: LocalIndex | None = None,
    ) -> None:
        """Combine a snapshot with its model and its indexes.

        Args:
            snapshot: snapshot to search.
            embedder: the snapshot's model.
            index: index of the snapshot's embeddings.
            local: index of the snapshot's local features; None: crops are hardly found.
        """
        limit_to_one_thread()
        self.snapshot = snapshot
        self.embedder = embedder
        self._frames = FrameChannel(snapshot, embedder, index)
        self._local = local
        self._confidence = Confidence.load()

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0, ef: int | None = None) -> Self:
        """Open a snapshot for searching.

        Args:
            folder: the snapshot's folder.
            threads: threads of the network; 0: one a core.
            ef: candidates of the graph search; None for the value of the library's options.

        Raises:
            SearchError: the snapshot is incomplete, damaged or from a newer version.
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
            limit: number of scenes, at most.
            only: filter of the episodes to search; they are searched exhaustively.

        Returns:
            Scenes, best first; empty when nothing is indexed or the filter leaves no episode.
        """
        contents, judge = self._select_contents(only), self._confidence
        answers, rotated = self.search_frames(picture, contents, judge), 0
        if not any(judge.is_certain(answer) for answer in answers):
            highest = max((answer.segment.cosine for answer in answers), default=-1.0)
            doubted = any(judge.is_match(answer) for answer in answers)
            found = self.search_turned_frames(
                picture, contents, upright_cosine=highest, must_exceed=doubted
            )
            if found is not None:
                answers, rotated = found
                picture = turn_upright(picture, rotated)
        scenes = [
            scene
            for answer in answers
            for scene in build_scenes(
                answer,
                self.snapshot,
                picture.shape,
                judge,
                self._frames.aspect(answer.segment.content),
                rotated=rotated,
            )
            # Several episodes may share one content, and the filter may leave out some of them.
            if only.admits(scene.episode)
        ]
        return scenes[:limit]

    def search_frames(
        self, picture: NDArray[np.uint8], contents: Collection[int] | None, judge: Judge
    ) -> list[VerifiedFrame]:
        """Find the frames a picture may show, with all that was measured of each.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            contents: ordinals of the contents to search, exhaustively; None for all.
            judge: compares answers and decides when to exit early.

        Returns:
            Verified frames, the most credible first.
        """
        frame_counts = self._frames.frame_counts
        cascade = SearchCascade(picture, self._frames.read_gray, judge)
        allowed = self._frames.select_labels(contents)
        regions = find_whole_regions(picture)
        segments = self._search_regions(cascade, regions, allowed)
        if self._local is not None and not cascade.is_conclusive:
            cascade.match_best_frame(frame_counts)
        if not cascade.is_conclusive:
            self._search_regions(cascade, find_inset_regions(picture), allowed)
        if self._local is not None and not cascade.is_conclusive:
            cascade.search_local_features(self._local, frame_counts, contents)
            if not cascade.is_conclusive:
                cascade.match_templates(regions[-1], segments)
            if not cascade.is_conclusive:
                cascade.match_best_frame(frame_counts, NARROW_WINDOW)
        cascade.refine_best()
        return cascade.rank_verified()

    def search_turned_frames(
        self,
        picture: NDArray[np.uint8],
        contents: Collection[int] | None,
        *,
        upright_cosine: float,
        must_exceed: bool,
    ) -> tuple[list[VerifiedFrame], int] | None:
        """Find the frames that a picture may show turned by 90, 180 or 270 degrees.

        Takes a batch of the network and three look-ups, and the verification of one turn's segments
        where these are more similar than those of the picture itself.

        Args:
            picture: RGB, `(height, width, 3)`, of any size.
            contents: as for `search_frames`.
            upright_cosine: highest cosine of the picture itself.
            must_exceed: whether its turn must be more similar by `TURNED_MARGIN`, as the picture
                itself is a match.

        Returns:
            Verified frames of the picture turned upright, the most credible first, and by how many
            degrees it was turned clockwise; None unless the first is a certain match, or a match
            whose cosine is higher by `TURNED_MARGIN`.
        """
        judge = self._confidence
        small, allowed = shrink(picture), self._frames.select_labels(contents)
        groups = [find_whole_regions(turn_upright(small, turn)) for turn in TURNS]
        segments_by_turn = dict(
            zip(TURNS, self._frames.find_segments_of_each(groups, allowed), strict=True)
        )
        turn = max(TURNS, key=lambda one: _highest_cosine(segments_by_turn[one]))
        cosine = _highest_cosine(segments_by_turn[turn])
        is_clear = cosine > upright_cosine + TURNED_MARGIN
        if not (is_clear or (cosine > upright_cosine and not must_exceed)):
            return None
        cascade = SearchCascade(turn_upright(picture, turn), self._frames.read_gray, judge)
        cascade.verify_segments(segments_by_turn[turn], MAX_SEGMENTS, MAX_TIED_SEGMENTS)
        if self._local is not None and not cascade.is_conclusive:
            cascade.match_best_frame(self._frames.frame_counts)
        answers = cascade.rank_verified()
        if not answers:
            return None
        suffices = judge.is_match if is_clear else judge.is_certain
        return (answers, turn) if suffices(answers[0]) else None

    def _search_regions(
        self, cascade: SearchCascade, regions: Sequence[QueryRegion], allowed: Labels | None
    ) -> list[CandidateSegment]:
        """Search regions as whole frames, then their mirror images unless the first is conclusive.

        Returns:
            The segments that were considered, most similar first.
        """
        if not regions:
            return []
        upright = self._frames.find_segments(regions, allowed)
        cascade.verify_segments(upright, MAX_SEGMENTS, MAX_TIED_SEGMENTS)
        if cascade.is_conclusive:
            return upright
        mirror_images = self._frames.find_segments([one.mirror() for one in regions], allowed)
        mirrored = keep_more_similar(mirror_images, upright)
        cascade.verify_segments(mirrored, MAX_SEGMENTS, MAX_TIED_SEGMENTS)
        return [*mirrored, *upright]

    def _select_contents(self, only: Filter) -> list[int] | None:
        """Return the contents of the episodes that a filter admits; None when it admits all."""
        if not only.is_active:
            return None
        return sorted(
            {episode.content for episode in self.snapshot.episodes if only.admits(episode)}
        )


def _highest_cosine(segments: Sequence[CandidateSegment]) -> float:
    return segments[0].cosine if segments else -1.0
