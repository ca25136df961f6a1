"""Compares all appearances of a group with each other, along the group's axis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures, Rows
from whenanime_pipeline.core.themes.match.pairs import (
    MODALITIES,
    PICTURES_ALIKE,
    SOUND_ALIKE,
)
from whenanime_pipeline.core.themes.match.runs import smooth
from whenanime_pipeline.core.themes.season.growth import Appearance, Group

SOUND, PICTURES = 1, 2
"""Bits of the states of `Consensus.states`."""
NEIGHBOURS = 6
"""Appearances on either side, in order of the season, that a appearance is compared with."""
_SPARE = 16
"""Rows of a window beyond the axis: its shift is still to be aligned."""
_STRETCH = 16
"""Appearances of a long season that are compared in one go, with their neighbours."""
_MARGIN = 6.0
"""Seconds of the axis before and after what the group shares."""
_QUORUM = 0.3
"""Share of the compared appearances that have to agree."""
_TRIED = ((-1.0, -0.5, 0.0, 0.5, 1.0), (-0.375, -0.25, -0.125, 0.0, 0.125, 0.25, 0.375))
"""Rows by which a appearance's shift is varied, in two rounds, to align it with the others."""


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the appearances of a group share, along its axis.

    Attributes:
        start: second of the axis of the first row; rows are `HOP` seconds apart.
        shifts: `(m,)`, seconds to add to the axis to find the appearance's second, aligned to a
            small part of a row.
        cuts: of each appearance's episode near it, in seconds of the axis.
        states: `(m, t)` uint8, bits `SOUND` and `PICTURES` where a appearance is like others.
        is_known: `(m, t)` bool, whether the appearance's episode has evidence of any kind there.
        sound: `(m, t)` float32, mean likeness of the sound to those that are alike; 0 elsewhere.
        pictures: `(m, t)` float32, likewise.
        sound_partners: `(m, t)` uint8, appearances whose sound is alike.
        picture_partners: `(m, t)` uint8, likewise.
    """

    start: float
    shifts: NDArray[np.float64]
    cuts: tuple[NDArray[np.float64], ...]
    states: NDArray[np.uint8]
    is_known: NDArray[np.bool_]
    sound: NDArray[np.float32]
    pictures: NDArray[np.float32]
    sound_partners: NDArray[np.uint8]
    picture_partners: NDArray[np.uint8]

    def row_of(self, second: float) -> int:
        """Return the row that begins at or before a second of the axis."""
        return int(np.floor((second - self.start) / HOP))


@dataclass(slots=True)
class _Support:
    """What speaks for a modality: sums over the compared appearances, `(m, t)` each."""

    compared: NDArray[np.float32]
    partners: NDArray[np.uint8]
    likeness: NDArray[np.float32]


def find_consensus(group: Group, features: Sequence[EpisodeFeatures]) -> Consensus:
    """Compare the appearances of a group.

    Those of a long season are compared in stretches, so that memory does not grow with it.

    Args:
        group: of a season's blocks.
        features: of the season's episodes, by ordinal.
    """
    start = min(one.start for one in group.appearances) - _MARGIN
    end = max(one.end for one in group.appearances) + _MARGIN
    rows = np.arange(round((end - start) / HOP))
    seconds = np.asarray(start + (rows + 0.5) * HOP, np.float64)
    parts = [
        _compare_stretch(group.appearances, stretch, features, seconds)
        for stretch in _list_stretches(len(group.appearances))
    ]
    return Consensus(
        start,
        np.concatenate([one.shifts for one in parts]),
        tuple(cuts for one in parts for cuts in one.cuts),
        np.concatenate([one.states for one in parts]),
        np.concatenate([one.is_known for one in parts]),
        np.concatenate([one.sound for one in parts]),
        np.concatenate([one.pictures for one in parts]),
        np.concatenate([one.sound_partners for one in parts]),
        np.concatenate([one.picture_partners for one in parts]),
    )


def _list_stretches(count: int) -> list[range]:
    """Return ranges that divide so many appearances; short groups are one."""
    if count <= _STRETCH + 2 * NEIGHBOURS:
        return [range(count)]
    return [range(low, min(count, low + _STRETCH)) for low in range(0, count, _STRETCH)]


def _compare_stretch(
    appearances: Sequence[Appearance],
    stretch: range,
    features: Sequence[EpisodeFeatures],
    seconds: NDArray[np.float64],
) -> Consensus:
    """Compare the appearances of a stretch with each other and with their neighbours."""
    low = max(0, stretch.start - NEIGHBOURS)
    compared = appearances[low : stretch.stop + NEIGHBOURS]
    kept = slice(stretch.start - low, stretch.stop - low)
    start, length = float(seconds[0] - HOP / 2), len(seconds)
    episodes, before = _cut_windows(compared, features, start, float(seconds[-1]) + HOP / 2)
    shifts = _align(episodes, np.array([one.shift for one in compared]) - before, seconds)
    sound = [cut_rows(one.sound, seconds + by) for one, by in zip(episodes, shifts, strict=True)]
    pictures = [
        cut_rows(one.pictures, seconds + by) for one, by in zip(episodes, shifts, strict=True)
    ]
    heard = _compare(sound, length, SOUND_ALIKE)
    seen = _compare(pictures, length, PICTURES_ALIKE)
    states = SOUND * _reaches_quorum(heard) + PICTURES * _reaches_quorum(seen)
    known = [
        _has_evidence(one, length) | _has_evidence(other, length)
        for one, other in zip(sound, pictures, strict=True)
    ]
    cuts = [one.cuts - by for one, by in zip(episodes, shifts, strict=True)]
    return Consensus(
        start,
        (shifts + before)[kept],
        tuple(cuts[kept]),
        states.astype(np.uint8)[kept],
        np.array(known)[kept],
        _average_likeness(heard)[kept],
        _average_likeness(seen)[kept],
        heard.partners[kept],
        seen.partners[kept],
    )


def _cut_windows(
    appearances: Sequence[Appearance],
    features: Sequence[EpisodeFeatures],
    start: float,
    end: float,
) -> tuple[list[EpisodeFeatures], NDArray[np.float64]]:
    """Return what the episodes have around the axis, and the second at which each window begins.

    Episodes are asked for one by one, so that those of a long season need not be held together.
    """
    windows: list[EpisodeFeatures] = []
    before: list[float] = []
    for one in appearances:
        episode = features[one.episode]
        low = max(0, floor((start + one.shift) / HOP) - _SPARE)
        high = max(low, ceil((end + one.shift) / HOP) + _SPARE)
        cuts = episode.cuts[(episode.cuts >= low * HOP) & (episode.cuts < high * HOP)]
        windows.append(
            replace(
                episode,
                sound=_slice_rows(episode.sound, low, high),
                pictures=_slice_rows(episode.pictures, low, high),
                fine=None,
                cuts=cuts - low * HOP,
            )
        )
        before.append(low * HOP)
    return windows, np.array(before)


def _slice_rows(rows: Rows | None, low: int, high: int) -> Rows | None:
    if rows is None or len(rows) - low < 2:
        return None
    return Rows(rows.values[low:high].copy(), rows.is_known[low:high].copy())


def cut_rows(rows: Rows | None, seconds: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """Return the rows at some seconds of an episode, interpolated; zero outside of it.

    Args:
        rows: features of the episode; None where it has none.
        seconds: `(t,)`, evenly spaced.

    Returns:
        `(t, d)`, of unit length or zero.
    """
    if rows is None:
        return None
    places = seconds / HOP - 0.5
    whole = np.floor(places).astype(np.int64)
    share = (places - whole).astype(np.float32)[:, None]
    inside = (whole >= 0) & (whole < len(rows) - 1)
    low = np.clip(whole, 0, len(rows) - 2)
    mixed = (1 - share) * rows.values[low] + share * rows.values[low + 1]
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    cut: NDArray[np.float32] = np.where(
        inside[:, None] & (lengths > 0.3), mixed / np.maximum(lengths, 0.3), 0
    ).astype(np.float32)
    return cut


def _align(
    episodes: Sequence[EpisodeFeatures], shifts: NDArray[np.float64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the shifts at which each appearance is most like the others' mean.

    Sound decides where there is any: pictures stand still for several rows.
    """
    for steps in _TRIED:
        for modality in MODALITIES[::-1]:
            rows = [getattr(one, modality) for one in episodes]
            if sum(one is not None for one in rows) >= 2:
                shifts = _align_modality(rows, shifts, seconds, steps)
    return shifts


def _align_modality(
    rows: Sequence[Rows | None],
    shifts: NDArray[np.float64],
    seconds: NDArray[np.float64],
    steps: Sequence[float],
) -> NDArray[np.float64]:
    cuts = [cut_rows(one, seconds + by) for one, by in zip(rows, shifts, strict=True)]
    total = np.sum([one for one in cuts if one is not None], 0)
    left_out = len(seconds) // 4
    moved = shifts.copy()
    for place, (one, cut) in enumerate(zip(rows, cuts, strict=True)):
        if one is None or cut is None:
            continue
        tried = [cut_rows(one, seconds + shifts[place] + step * HOP) for step in steps]
        agreement = [
            np.sort(np.einsum("td,td->t", rows_there, total - cut))[left_out:].sum()
            for rows_there in tried
            if rows_there is not None
        ]
        if max(agreement) > 1.02 * agreement[len(steps) // 2]:
            moved[place] += steps[int(np.argmax(agreement))] * HOP
    return moved - np.median(moved - shifts)


def _compare(rows: Sequence[NDArray[np.float32] | None], length: int, threshold: float) -> _Support:
    """Count for each appearance and second the neighbours that it is like."""
    shape = len(rows), length
    support = _Support(
        np.zeros(shape, np.float32), np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
    )
    for first in range(len(rows)):
        for second in range(first + 1, min(len(rows), first + NEIGHBOURS + 1)):
            one, other = rows[first], rows[second]
            if one is None or other is None:
                continue
            likeness = np.einsum("td,td->t", one, other)
            is_known = _has_evidence(one, length) & _has_evidence(other, length)
            mean = smooth(likeness, is_known)
            alike = mean > threshold
            for place in (first, second):
                support.compared[place] += is_known
                support.partners[place] += alike
                support.likeness[place] += np.where(alike, mean, 0)
    return support


def _reaches_quorum(support: _Support) -> NDArray[np.bool_]:
    """Tell where enough of the compared appearances are alike."""
    most = support.compared.max(1, initial=0)[:, None]
    needed = np.maximum(1, np.ceil(_QUORUM * most - 1e-6))
    reached: NDArray[np.bool_] = support.partners >= needed
    return reached


def _average_likeness(support: _Support) -> NDArray[np.float32]:
    return (support.likeness / np.maximum(support.partners, 1)).astype(np.float32)


def _has_evidence(rows: NDArray[np.float32] | None, length: int) -> NDArray[np.bool_]:
    return np.zeros(length, np.bool_) if rows is None else np.asarray(rows.any(1))
