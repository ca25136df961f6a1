"""From matches of single patches to key frames on which the screenshot may lie.

A pair of upright patches alone says where the whole screenshot would lie, and how large. Pairs of
one key frame that say the same are no coincidence: a handful is enough, also where only a seventh
of the frame is left. (The one-point form of spatial verification, Philbin et al. 2007.)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import Pairs
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.local_index import KeyTable, Matches

EXAMINED = 60
"""Key frames with the most votes that are examined for agreement."""
_BITS = 0.18 * 64
"""Bits by which the codes of one patch typically differ after an edit; votes fall off with it."""
_NEAR, _OCTAVES = 0.06, 0.6
"""Widths and octaves within which two pairs say the same. Generous: a photo of a screen is seen
from an angle, and sizes of patches come in steps."""
_LEAST = 3
"""Pairs without which nothing is believed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key frame on which the screenshot may lie.

    Attributes:
        content: the content's ordinal.
        frame: the stored frame's ordinal.
        mirrored: whether it is the screenshot's mirror image that lies there.
        pairs: patches of the screenshot, or of its mirror image, that say the same.
        support: what these pairs are worth together.
    """

    content: int
    frame: int
    mirrored: bool
    pairs: Pairs
    support: float


def candidates(
    features: LocalFeatures, matches: Matches, keys: KeyTable, *, mirrored: bool
) -> list[Candidate]:
    """Return the key frames on which the screenshot may lie, best first.

    Args:
        features: of the screenshot, or of its mirror image.
        matches: what the index found for them.
        keys: of the index.
        mirrored: whether they are of the mirror image.
    """
    if not len(matches.query):
        return []
    weights = np.exp(-np.square(matches.distance / _BITS)).astype(np.float32)
    rows = _best_pairs(matches)
    totals = np.bincount(matches.key[rows], weights[rows], minlength=len(keys.content))
    top = _largest(totals, EXAMINED)
    chosen = rows[np.isin(matches.key[rows], top)]
    by_key = chosen[np.argsort(matches.key[chosen], kind="stable")]
    found: list[Candidate] = []
    for group in np.split(by_key, np.flatnonzero(np.diff(matches.key[by_key])) + 1):
        if len(group) < _LEAST:
            continue
        query = matches.query[group]
        pairs = Pairs(
            features.points[query],
            matches.points[group],
            matches.sizes[group] / features.sizes[query],
            weights[group],
        )
        agree, support = _agreeing(pairs)
        if agree.sum() < _LEAST:
            continue
        key = int(matches.key[group[0]])
        found.append(
            Candidate(
                int(keys.content[key]), int(keys.frame[key]), mirrored, pairs.chosen(agree), support
            )
        )
    return sorted(found, key=lambda candidate: -candidate.support)


def _best_pairs(matches: Matches) -> NDArray[np.int64]:
    """Return the rows that are the best of their patch in their key frame: one patch, one vote."""
    # The fewer bits differ the more a pair is worth; one number of all sorts faster than three.
    rank = (matches.key.astype(np.int64) << 20 | matches.query) << 8 | matches.distance
    order = np.argsort(rank, kind="stable")
    pair = rank[order] >> 8
    first = np.concatenate([[True], pair[1:] != pair[:-1]])
    best: NDArray[np.int64] = order[first]
    return best


def _largest(values: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return where the largest values are, in no order."""
    if len(values) <= count:
        return np.flatnonzero(values)
    return np.argpartition(values, -count)[-count:]


def _agreeing(pairs: Pairs) -> tuple[NDArray[np.bool_], float]:
    """Return the largest set of pairs that say the same as one of them, and its worth."""
    scales, points, targets = pairs.scales, pairs.points, pairs.targets
    shifts = targets - scales[:, None] * points
    errors = scales[:, None, None] * points + shifts[:, None] - targets
    octaves = np.log2(scales)
    same = (np.abs(errors).max(axis=2) < _NEAR) & (
        np.abs(octaves[:, None] - octaves[None]) < _OCTAVES
    )
    worth = same @ pairs.weights
    best = int(worth.argmax())
    return same[best], float(worth[best])
