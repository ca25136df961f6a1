"""Votes of feature matches for the keyframes that may show the query.

One match of two upright features already fixes scale and translation of the whole query (the
one-point spatial verification of Philbin et al. 2007). Several matches in one keyframe that imply
the same scale and translation are no coincidence: a handful is enough, even if the query shows only
a seventh of the frame.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import Correspondences
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.local_index import KeyframeTable, Matches

SHORTLIST_SIZE = 60
"""Keyframes with the most votes whose matches are checked for consistency."""
_TYPICAL_BITS = 0.18 * 64
"""Typical Hamming distance, of 64 bits, between a feature and itself after an edit; a vote weighs
exp(-(distance / typical)²)."""
_POSITION_TOLERANCE, _OCTAVE_TOLERANCE = 0.06, 0.6
"""Widths and octaves within which two matches are consistent. Generous, as photos of a screen have
perspective and the sizes of features are quantised."""
_MIN_MATCHES = 3
"""Fewest consistent matches of a candidate."""


@dataclass(frozen=True, slots=True)
class KeyframeCandidate:
    """A keyframe that may show the query.

    Attributes:
        content: ordinal of the content.
        frame: ordinal of the reference frame.
        mirrored: whether it matches the query's mirror image.
        correspondences: consistent matches of the query, or of its mirror image.
        vote_weight: sum of the weights of these matches.
    """

    content: int
    frame: int
    mirrored: bool
    correspondences: Correspondences
    vote_weight: float


def find_keyframe_candidates(
    features: LocalFeatures, matches: Matches, keyframes: KeyframeTable, *, mirrored: bool
) -> list[KeyframeCandidate]:
    """Return the keyframes that may show the query, best first.

    Args:
        features: features of the query, or of its mirror image.
        matches: their matches in the inverted file.
        keyframes: keyframes of the inverted file.
        mirrored: whether the features are the mirror image's.
    """
    if not len(matches.query):
        return []
    weights = np.exp(-np.square(matches.distance / _TYPICAL_BITS)).astype(np.float32)
    rows = _best_pairs(matches)
    totals = np.bincount(matches.keyframe[rows], weights[rows], minlength=len(keyframes.content))
    top = _find_largest(totals, SHORTLIST_SIZE)
    chosen = rows[np.isin(matches.keyframe[rows], top)]
    by_key = chosen[np.argsort(matches.keyframe[chosen], kind="stable")]
    found: list[KeyframeCandidate] = []
    for group in np.split(by_key, np.flatnonzero(np.diff(matches.keyframe[by_key])) + 1):
        if len(group) < _MIN_MATCHES:
            continue
        query = matches.query[group]
        pairs = Correspondences(
            features.points[query],
            matches.points[group],
            matches.sizes[group] / features.sizes[query],
            weights[group],
        )
        consistent, vote_weight = _find_consistent_set(pairs)
        if consistent.sum() < _MIN_MATCHES:
            continue
        key = int(matches.keyframe[group[0]])
        found.append(
            KeyframeCandidate(
                int(keyframes.content[key]),
                int(keyframes.frame[key]),
                mirrored,
                pairs.select(consistent),
                vote_weight,
            )
        )
    return sorted(found, key=lambda candidate: -candidate.vote_weight)


def _best_pairs(matches: Matches) -> NDArray[np.int64]:
    """Return the best match of each feature per keyframe: one feature, one vote."""
    # Keyframe, feature and distance packed into one integer: sorts faster than three keys.
    rank = (matches.keyframe.astype(np.int64) << 20 | matches.query) << 8 | matches.distance
    order = np.argsort(rank, kind="stable")
    pair = rank[order] >> 8
    first = np.concatenate([[True], pair[1:] != pair[:-1]])
    best: NDArray[np.int64] = order[first]
    return best


def _find_largest(values: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return the indices of the largest values, unordered."""
    if len(values) <= count:
        return np.flatnonzero(values)
    return np.argpartition(values, -count)[-count:]


def _find_consistent_set(pairs: Correspondences) -> tuple[NDArray[np.bool_], float]:
    """Return the set of matches consistent with one of them that weighs most.

    Returns:
        Which of the n matches belong to it, `(n,)`, and its weight.
    """
    scales, points, targets = pairs.scales, pairs.points, pairs.targets
    shifts = targets - scales[:, None] * points
    errors = scales[:, None, None] * points + shifts[:, None] - targets
    octaves = np.log2(scales)
    consistent = (np.abs(errors).max(axis=2) < _POSITION_TOLERANCE) & (
        np.abs(octaves[:, None] - octaves[None]) < _OCTAVE_TOLERANCE
    )
    totals = consistent @ pairs.weights
    best = int(totals.argmax())
    return consistent[best], float(totals[best])
