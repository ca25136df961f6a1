"""Votes of single feature matches for keyframes that may show the query.

A pair of upright patches alone says where the whole screenshot would lie, and how large. Pairs of
one key frame that say the same are no coincidence: a handful is enough, also where only a seventh
of the frame is left. (The one-point form of spatial verification, Philbin et al. 2007.)
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
"""Typical Hamming distance of one feature after an edit; vote weights fall off with it."""
_POSITION_TOLERANCE, _OCTAVE_TOLERANCE = 0.06, 0.6
"""Widths and octaves within which two matches are consistent. Generous: a photo of a screen is seen
from an angle, and sizes of patches come in steps."""
_MIN_MATCHES = 3
"""Fewest consistent matches of a candidate."""


@dataclass(frozen=True, slots=True)
class KeyframeCandidate:
    """A keyframe that may show the query.

    Attributes:
        content: the content's ordinal.
        frame: the stored frame's ordinal.
        mirrored: whether it is the screenshot's mirror image that lies there.
        correspondences: patches of the screenshot, or of its mirror image, that say the same.
        vote_weight: what these pairs are worth together.
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
        features: of the screenshot, or of its mirror image.
        matches: what the index found for them.
        keyframes: of the index.
        mirrored: whether they are of the mirror image.
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
        agree, support = _find_consistent_set(pairs)
        if agree.sum() < _MIN_MATCHES:
            continue
        key = int(matches.keyframe[group[0]])
        found.append(
            KeyframeCandidate(
                int(keyframes.content[key]),
                int(keyframes.frame[key]),
                mirrored,
                pairs.select(agree),
                support,
            )
        )
    return sorted(found, key=lambda candidate: -candidate.vote_weight)


def _best_pairs(matches: Matches) -> NDArray[np.int64]:
    """Return the best match of each feature per keyframe: one feature, one vote."""
    # The fewer bits differ the more a pair is worth; one number of all sorts faster than three.
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
    """Return the largest set of matches consistent with one of them, and its weight."""
    scales, points, targets = pairs.scales, pairs.points, pairs.targets
    shifts = targets - scales[:, None] * points
    errors = scales[:, None, None] * points + shifts[:, None] - targets
    octaves = np.log2(scales)
    same = (np.abs(errors).max(axis=2) < _POSITION_TOLERANCE) & (
        np.abs(octaves[:, None] - octaves[None]) < _OCTAVE_TOLERANCE
    )
    worth = same @ pairs.weights
    best = int(worth.argmax())
    return same[best], float(worth[best])
