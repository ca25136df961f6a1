"""Numbers a second about cuts, motion and change, out of a picture track."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tagger.repetition import find_likeness_elsewhere
from whenanime_pipeline.core.themes.tagger.second_grid import (
    SecondGrid,
    Seconds,
    Values,
    seconds_since,
    sides,
    smooth,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import PICTURE_HOP, PictureTrack

PICTURE_NAMES = (
    "cuts", "cuts 9", "cuts 31", "held", "held 15", "change", "change 15", "flat",
    "since flat", "until flat", "since cut", "picture novelty 6", "picture novelty 20",
    "likeness to the episode", "picture elsewhere", "picture elsewhere 15",
)  # fmt: skip
_LIMIT = 90.0
"""Largest distance in seconds from a flat picture."""
_APART = 100
"""Seconds beyond which another place is no longer in the same theme."""


@dataclass(frozen=True, slots=True)
class PictureFeatures:
    """What is seen in each second.

    Attributes:
        values: `(cells, len(PICTURE_NAMES))`, about from -3 to 3; 0 where nothing is known.
        vectors: `(cells, dimension)`, mean embedding of the second's pictures less that of the
            episode; 0 where nothing is known.
        is_known: `(cells,)`, whether pictures were sampled there.
    """

    values: Values
    vectors: Values
    is_known: NDArray[np.bool_]


def compute_picture_features(track: PictureTrack, grid: SecondGrid) -> PictureFeatures:
    """Return what is seen in each second.

    Args:
        track: pictures of the episode.
        grid: seconds to describe.
    """
    times: Seconds = (np.arange(len(track.frames), dtype=np.float64) + 0.5) * PICTURE_HOP
    sampled = track.frames >= 0
    is_known = grid.count(times[sampled]) >= 2  # of eight rows
    if not is_known.any():
        nothing = np.zeros((grid.cells, len(PICTURE_NAMES)), np.float32)
        vectors = np.zeros((grid.cells, track.vectors.shape[1]), np.float32)
        return PictureFeatures(nothing, vectors, is_known)
    at, shown = times[sampled], track.frames[sampled]
    flat = grid.mean(at, track.is_flat[shown].astype(np.float32))
    vectors = _average_vectors(track, grid, at, shown, is_known)
    columns = [
        _describe_cuts(track.cuts, grid, is_known),
        _describe_motion(track, grid, at, shown),
        _describe_flat(flat),
        _describe_place(vectors, flat, is_known),
    ]
    since_cut = seconds_since(grid.count(track.cuts) > 0, limit=_LIMIT)
    columns.insert(3, (np.log1p(since_cut) / 2)[:, None].astype(np.float32))
    values = np.clip(np.concatenate(columns, 1), -4, 4).astype(np.float32)
    values[~is_known] = 0
    return PictureFeatures(values, vectors, is_known)


def _average_vectors(
    track: PictureTrack,
    grid: SecondGrid,
    at: Seconds,
    shown: NDArray[np.int32],
    is_known: NDArray[np.bool_],
) -> Values:
    vectors = grid.mean(at, track.vectors[shown])
    vectors -= vectors[is_known].mean(0)
    vectors[~is_known] = 0
    return vectors


def _describe_cuts(
    cuts: NDArray[np.float64], grid: SecondGrid, is_known: NDArray[np.bool_]
) -> Values:
    """Return cuts in the second, and cuts around it against the episode's own rate."""
    counts = grid.count(cuts)
    usual = float(counts[is_known].mean()) + 0.05
    rates = [np.log2((smooth(counts, window) + 0.02) / usual) / 2 for window in (9, 31)]
    return np.stack([np.minimum(counts, 3), *rates], 1).astype(np.float32)


def _describe_motion(
    track: PictureTrack, grid: SecondGrid, at: Seconds, shown: NDArray[np.int32]
) -> Values:
    """Return the share of held pictures and how much the picture changes, now and over 15 s."""
    held = np.zeros(len(shown), np.float32)
    held[1:] = shown[1:] == shown[:-1]
    change = np.zeros(len(shown), np.float32)
    change[1:] = 1 - (track.vectors[shown[1:]] * track.vectors[shown[:-1]]).sum(1)
    share, moved = grid.mean(at, held), grid.mean(at, change)
    usual = float(np.median(smooth(moved, 15))) + 0.005
    now = np.log2((moved + 0.002) / usual) / 2
    around = np.log2((smooth(moved, 15) + 0.002) / usual) / 2
    columns = [share, smooth(share, 15) - float(np.median(share)), now, around]
    return np.stack(columns, 1).astype(np.float32)


def _describe_flat(flat: Values) -> Values:
    """Return the share of flat pictures, and how far the nearest before and after are."""
    is_flat = flat > 0.3
    since = seconds_since(is_flat, limit=_LIMIT)
    until = seconds_since(is_flat[::-1], limit=_LIMIT)[::-1]
    return np.stack([flat, np.log1p(since) / 2, np.log1p(until) / 2], 1).astype(np.float32)


def _describe_place(vectors: Values, flat: Values, is_known: NDArray[np.bool_]) -> Values:
    """Return how new the pictures are, and how alike the rest of the episode."""
    usable = is_known & (flat < 0.5)
    spread = float(np.linalg.norm(vectors[usable], axis=1).mean()) if usable.any() else 1.0
    scaled = vectors / max(spread, 1e-3)
    novelty = []
    for window in (6, 20):
        before, after = sides(scaled, window)
        novelty.append(np.linalg.norm(after - before, axis=1) * 1.5)
    elsewhere = find_likeness_elsewhere(vectors, usable, context=1, apart=_APART)
    likeness = np.linalg.norm(smooth(scaled, 31), axis=1).astype(np.float32)
    ranked = [_rank(each, usable) for each in (likeness, elsewhere, smooth(elsewhere, 15))]
    return np.stack([*novelty, *ranked], 1).astype(np.float32)


def _rank(values: Values, usable: NDArray[np.bool_]) -> Values:
    """Return the rank of each second among the usable ones, from -1.5 to 1.5; else 0.

    How alike embeddings are differs from film to film and from model to model; their order less.
    """
    ranks = np.zeros(len(values), np.float32)
    count = int(usable.sum())
    order = np.argsort(np.argsort(values[usable], kind="stable"), kind="stable")
    ranks[usable] = order / max(1, count - 1) * 3 - 1.5
    return ranks
