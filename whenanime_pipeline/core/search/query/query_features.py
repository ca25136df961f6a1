"""Local features of a query and of its mirror image.

Looked up in the index they propose clusters of keyframes; matched with one reference frame they
give the exact transform.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.descriptor_matching import (
    compute_search_window,
    match_descriptors,
)
from whenanime_pipeline.core.search.geometry.hypotheses import (
    KeyframeCluster,
    PoseHypothesis,
    cluster_keyframes,
)
from whenanime_pipeline.core.search.geometry.pixel_comparison import Gray
from whenanime_pipeline.core.search.geometry.spatial_voting import find_keyframe_candidates
from whenanime_pipeline.core.search.local.detector import (
    QUERY_SETTINGS,
    REFERENCE_SETTINGS,
    detect,
    detect_in_box,
)
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.local_index import LocalIndex

MAX_QUERY_FEATURES = 300
"""Features of a query that are looked up in the index; all are matched with single frames."""


class QueryFeatures:
    """Local features of a query, extracted when they are first needed."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        """Keep the query.

        Args:
            picture: RGB, `(height, width, 3)`.
        """
        self._picture = picture

    def find_clusters(
        self,
        index: LocalIndex,
        frame_counts: Mapping[int, int],
        contents: Collection[int] | None = None,
        *,
        mirrored: bool,
    ) -> list[KeyframeCluster]:
        """Find clusters of keyframes with spatially consistent matches.

        Args:
            index: index of the snapshot's local features.
            frame_counts: number of stored frames by content.
            contents: ordinals of the contents to search; None for all.
            mirrored: whether to search for the query's mirror image.

        Returns:
            Clusters, by descending vote weight.
        """
        top = self._select(mirrored=mirrored).take_first(MAX_QUERY_FEATURES)
        matches = index.search(top, contents=contents)
        candidates = find_keyframe_candidates(top, matches, index.keyframes, mirrored=mirrored)
        return cluster_keyframes(candidates, frame_counts)

    def match_frame(
        self, reference: Gray, initial: PoseHypothesis, *, mirrored: bool
    ) -> PoseHypothesis | None:
        """Refine a hypothesis by matching descriptors on its frame.

        Args:
            reference: the frame, `(height, width)`, gray levels.
            initial: hypothesis to refine.
            mirrored: whether it is one of the query's mirror image.

        Returns:
            The hypothesis with its refined transform and inliers; None where too few match.
        """
        features = self._select(mirrored=mirrored)
        box = compute_search_window(initial.transform, features.aspect)
        reference_features = (
            detect(reference, REFERENCE_SETTINGS)
            if box is None
            else detect_in_box(reference, box, REFERENCE_SETTINGS)
        )
        matched = match_descriptors(features, reference_features, initial.transform)
        if matched is None:
            return None
        transform, inliers = matched
        return replace(initial, transform=transform, descriptor_inliers=inliers)

    def _select(self, *, mirrored: bool) -> LocalFeatures:
        """Return the features of the query or of its mirror image."""
        return self._mirrored if mirrored else self._upright

    @cached_property
    def _upright(self) -> LocalFeatures:
        return detect(self._picture, QUERY_SETTINGS)

    @cached_property
    def _mirrored(self) -> LocalFeatures:
        return self._upright.mirror()
