"""Embedding channel: retrieves stored frames that look like the query as a whole."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from itertools import groupby

import numpy as np

from whenanime_pipeline.core.media.picture_codec import decode_stored_frame_gray
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex, Labels
from whenanime_pipeline.core.search.embedding.labels import split_label
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows
from whenanime_pipeline.core.search.errors import ContentGoneError
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.transform import Transform
from whenanime_pipeline.core.search.geometry.warping import Gray
from whenanime_pipeline.core.search.query.regions import QueryRegion
from whenanime_pipeline.core.search.snapshot.indexed_frames import list_labels
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

NEAREST_FRAMES = 64
"""Nearest stored frames of a region from which candidate segments are built."""
_DEFAULT_ASPECT = 9 / 16
_MAX_GAP = 6
"""Stored frames between two neighbours of one segment, at most."""
_MARGIN = 1
"""Stored frames before and after the retrieved ones that are compared as well."""
_MAX_LENGTH = 24
"""Stored frames of a segment, at most: those around its most similar frame."""


class FrameChannel:
    """Embedding search over the frames of a snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder, index: HnswIndex) -> None:
        """Combine a snapshot with its model and its index.

        Args:
            snapshot: snapshot to search.
            embedder: the snapshot's model.
            index: index of the snapshot's embeddings.
        """
        self._snapshot = snapshot
        self._embedder = embedder
        self._index = index
        self._aspects: dict[int, float] = {}

    @cached_property
    def frame_counts(self) -> dict[int, int]:
        """Number of stored frames by content."""
        return {ordinal: one.frames for ordinal, one in self._snapshot.contents.items()}

    def select_labels(self, contents: Collection[int] | None) -> Labels | None:
        """Return the labels of all frames of some contents that are in the index.

        Args:
            contents: ordinals of the contents; None for no restriction.

        Returns:
            `(frames,)`; None for no restriction.
        """
        if contents is None:
            return None
        known = self._snapshot.contents
        parts = [list_labels(known[ordinal]) for ordinal in contents]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def find_segments(
        self, regions: Sequence[QueryRegion], allowed: Labels | None
    ) -> list[CandidateSegment]:
        """Return segments of the stored frames nearest to any of some regions, most similar first.

        Args:
            regions: regions of the query, or all of its mirror image.
            allowed: labels of the frames to search, exhaustively; None for approximate search
                over all frames.
        """
        return self.find_segments_of_each([regions], allowed)[0]

    def find_segments_of_each(
        self, groups: Sequence[Sequence[QueryRegion]], allowed: Labels | None
    ) -> list[list[CandidateSegment]]:
        """Return the segments of each of several groups of regions, embedded in one batch.

        Args:
            groups: regions of a picture each, as for `find_segments`.
            allowed: as for `find_segments`.
        """
        vectors = self._embedder.embed([one.picture for regions in groups for one in regions])
        labels, cosines = self._search_vectors(vectors, allowed)
        ends = np.cumsum([len(regions) for regions in groups])[:-1]
        return [
            build_segments(regions, own_labels, own_cosines, self.frame_counts, self.aspect)
            for regions, own_labels, own_cosines in zip(
                groups, np.split(labels, ends), np.split(cosines, ends), strict=True
            )
        ]

    def read_gray(self, content: int, frame: int, *, half: bool) -> Gray | None:
        """Return a stored frame in gray levels; None when no snapshot has it any more.

        Args:
            content: the content's ordinal.
            frame: the stored frame's ordinal.
            half: whether to decode it at half its size.
        """
        try:
            return decode_stored_frame_gray(self._snapshot.picture(content, frame), half_size=half)
        except ContentGoneError:
            return None

    def aspect(self, content: int) -> float:
        """Return the height of a content's stored frames, in their widths."""
        aspect = self._aspects.get(content)
        if aspect is None:
            first = self.read_gray(content, 0, half=False)
            aspect = _DEFAULT_ASPECT if first is None else first.shape[0] / first.shape[1]
            self._aspects[content] = aspect
        return aspect

    def _search_vectors(self, queries: Vectors, allowed: Labels | None) -> tuple[Labels, Vectors]:
        """Return labels and cosines, `(queries, ≤ NEAREST_FRAMES)`, nearest first."""
        queries = normalise_rows(queries[:, : self._snapshot.manifest.dimension])
        if allowed is None:
            return self._index.search(queries, NEAREST_FRAMES)
        if not len(allowed):
            empty = (len(queries), 0)
            return np.empty(empty, np.uint64), np.empty(empty, np.float32)
        cosines = queries @ self._index.vectors(allowed).T
        order = np.argsort(-cosines, axis=1)[:, :NEAREST_FRAMES]
        return allowed[order], np.take_along_axis(cosines, order, axis=1)


def build_segments(
    regions: Sequence[QueryRegion],
    labels: Labels,
    cosines: Vectors,
    frame_counts: Mapping[int, int],
    aspect_of: Callable[[int], float],
) -> list[CandidateSegment]:
    """Group retrieved frames that are close in time into candidate segments, most similar first.

    Args:
        regions: regions of the query, or all of its mirror image.
        labels: `(regions, n)`, nearest stored frames of each region.
        cosines: `(regions, n)`, cosines of their embeddings with the region's.
        frame_counts: number of stored frames by content.
        aspect_of: returns the height of a content's stored frames, in their widths.
    """
    hypotheses: dict[tuple[int, int], list[PoseHypothesis]] = {}
    for number, region in enumerate(regions):
        transforms: dict[int, Transform] = {}
        for label, cosine in zip(labels[number].tolist(), cosines[number].tolist(), strict=True):
            content, frame = split_label(label)
            if content not in transforms:
                scale = np.diag((1.0, aspect_of(content), 1.0))
                transforms[content] = scale @ region.to_unit_square
            hypothesis = PoseHypothesis(frame, transforms[content], 0, 0.0, cosine)
            hypotheses.setdefault((content, frame), []).append(hypothesis)
    mirrored = any(region.mirrored for region in regions)
    segments = [
        _make_segment(content, frames, hypotheses, frame_counts[content], mirrored=mirrored)
        for content, group in groupby(sorted(hypotheses), key=lambda key: key[0])
        for frames in _split_at_gaps([frame for _, frame in group])
    ]
    return sorted(segments, key=lambda segment: -segment.cosine)


def keep_more_similar(
    segments: Sequence[CandidateSegment], others: Sequence[CandidateSegment]
) -> list[CandidateSegment]:
    """Return the segments whose cosine is above that of every other one."""
    highest = max((segment.cosine for segment in others), default=-1.0)
    return [segment for segment in segments if segment.cosine > highest]


def _split_at_gaps(frames: Sequence[int]) -> list[list[int]]:
    """Split rising ordinals, at least one, wherever two are more than `_MAX_GAP` apart."""
    runs = [[frames[0]]]
    for frame in frames[1:]:
        if frame - runs[-1][-1] > _MAX_GAP:
            runs.append([])
        runs[-1].append(frame)
    return runs


def _make_segment(
    content: int,
    frames: Sequence[int],
    hypotheses: Mapping[tuple[int, int], list[PoseHypothesis]],
    count: int,
    *,
    mirrored: bool,
) -> CandidateSegment:
    ranked = sorted(
        (one for frame in frames for one in hypotheses[content, frame]),
        key=lambda one: -one.cosine,
    )
    middle = ranked[0].frame
    first = max(0, frames[0] - _MARGIN, middle - _MAX_LENGTH // 2)
    last = min(count - 1, frames[-1] + _MARGIN, middle + _MAX_LENGTH // 2)
    return CandidateSegment(content, first, last, tuple(ranked), mirrored=mirrored)
