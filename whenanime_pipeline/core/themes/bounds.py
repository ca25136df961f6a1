"""Finds where a shared part begins and ends, to less than a row of the features.

The bound of a part is one place on its axis, for all that show it whole. Around it their pictures,
and their sound in fine steps, change from alike to different; the cut of the pictures that lies
next to that change is the bound, averaged over the episodes, whose samples lie differently.
In doubt the bound lies inside: what is skipped is never story.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures, Rows
from whenanime_pipeline.core.themes.season.parts import PartSpan, SharedPart

Side = Literal["start", "end"]

_REACH = 3.0
"""Seconds around the first estimate that are looked at."""
_COMPARED = 8
"""Episodes that are compared."""
_BEYOND = 0.5
"""Seconds of an episode beyond a bound, without which it says nothing about the bound."""
_CUT_REACH = 0.45
"""Seconds from a change of the pictures to the cut that made it."""
_CUT_AGREEMENT = 0.16
"""Seconds within which the episodes' cuts are one."""
_LEAST_AGREEING = 0.6
"""Share of the episodes that have the cut."""
_SHARP = 0.3
"""Least difference of mean likeness, inside and outside, of a change that is one."""
_SHARP_DECIBELS = 2.0
"""Likewise for the difference between two sounds."""
_UNLIKE = 8.0
"""Decibels from which sounds differ, by whatever amount."""
_AT_EDGE_ERROR = 0.6
"""Seconds of error of a bound that lies at the edge of files."""
_UNKNOWN_ERROR = 1.0
"""Seconds of error of a bound that one file alone shows."""
_DOUBT = 0.25
"""Seconds that a bound without a sharp change is moved inside."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of a part.

    Attributes:
        second: of its axis.
        error: seconds by which it may be off.
        is_sharp: whether a change in sound or pictures was found there.
    """

    second: float
    error: float
    is_sharp: bool


def find_bound(
    part: SharedPart,
    side: Side,
    features: Sequence[EpisodeFeatures],
    going_on: Collection[int] = (),
) -> Bound:
    """Find the bound of a part, for the episodes that show it whole.

    Args:
        part: of a season.
        side: which of its bounds.
        features: of the season's episodes, by ordinal.
        going_on: ordinals of episodes in which another part touches it there. They say little of
            the bound, and are asked only when fewer than two others are left.
    """
    rough = part.start if side == "start" else part.end
    spans = _choose_spans(part, side, rough, features)
    alone = [span for span in spans if span.episode not in going_on]
    spans = alone if len(alone) >= 2 else spans
    spans = spans[:: max(1, len(spans) // _COMPARED)][:_COMPARED]
    if len(spans) < 2:
        # A single file goes on there; or files begin or end there, and hide what lies beyond.
        error = _AT_EDGE_ERROR if len(part.spans) > 1 else _UNKNOWN_ERROR
        return Bound(rough + (_DOUBT if side == "start" else -_DOUBT), error, is_sharp=False)
    seen = _find_picture_change(spans, side, rough, features)
    heard = _find_sound_change(spans, side, rough, features)
    inside = 1 if side == "start" else -1
    if seen is not None:
        cut = _find_joint_cut(spans, seen, features)
        if heard is not None and (seen - heard) * inside > _CUT_REACH:
            # Music over black, or over a fade: the pictures come later, or end before.
            earlier = _find_joint_cut(spans, heard, features)
            if _are_flat(spans, heard, seen, features):
                return Bound(heard if earlier is None else earlier, 0.1, is_sharp=True)
        if cut is not None:
            return Bound(cut, 0.07, is_sharp=True)
        return Bound(seen, 0.15, is_sharp=True)
    if heard is not None:
        cut = _find_joint_cut(spans, heard, features)
        return Bound(heard if cut is None else cut, 0.15, is_sharp=True)
    cut = _find_joint_cut(spans, rough, features)
    if cut is not None:
        return Bound(cut, 0.3, is_sharp=False)
    return Bound(rough + inside * _DOUBT, 0.5, is_sharp=False)


def _choose_spans(
    part: SharedPart, side: Side, rough: float, features: Sequence[EpisodeFeatures]
) -> list[PartSpan]:
    """Return spans that reach the bound, and have something beyond it."""
    return [
        span
        for span in part.spans
        if abs((span.start if side == "start" else span.end) - span.shift - rough) < 1.0
        and (
            span.start > _BEYOND
            if side == "start"
            else span.end < features[span.episode].duration - _BEYOND
        )
    ]


def _find_picture_change(
    spans: Sequence[PartSpan], side: Side, rough: float, features: Sequence[EpisodeFeatures]
) -> float | None:
    """Return where pictures change from different to alike, None if they do not sharply."""
    step = HOP / 4
    seconds = rough + np.arange(-_REACH, _REACH, step)
    rows = [_take_nearest(features[span.episode].pictures, seconds + span.shift) for span in spans]
    known = [one for one in rows if one is not None]
    if len(known) < 2:
        return None
    likeness = _mean_of_pairs(known, lambda one, other: np.einsum("td,td->t", one, other))
    return _find_step(seconds, likeness, side, _SHARP)


def _find_sound_change(
    spans: Sequence[PartSpan], side: Side, rough: float, features: Sequence[EpisodeFeatures]
) -> float | None:
    """Return where sound changes from different to alike, None if it does not sharply."""
    hop = min(features[span.episode].fine_hop for span in spans)
    seconds = rough + np.arange(-_REACH, _REACH, hop)
    rows = []
    for span in spans:
        one = features[span.episode]
        if one.fine is not None:
            places = (seconds + span.shift) / one.fine_hop
            rows.append(_interpolate(one.fine, places))
    if len(rows) < 2:
        return None
    likeness = -_mean_of_pairs(rows, _measure_difference)
    return _find_step(seconds, likeness, side, _SHARP_DECIBELS)


def _take_nearest(rows: Rows | None, seconds: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """Return the rows on screen at some seconds, zero outside of the episode."""
    if rows is None:
        return None
    places = np.floor(seconds / HOP).astype(np.int64)
    inside = (places >= 0) & (places < len(rows))
    taken: NDArray[np.float32] = rows.values[np.clip(places, 0, len(rows) - 1)] * inside[:, None]
    return taken


def _interpolate(rows: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float32]:
    whole = np.clip(np.floor(places).astype(np.int64), 0, len(rows) - 2)
    share = np.clip(places - whole, 0, 1).astype(np.float32)[:, None]
    mixed: NDArray[np.float32] = (1 - share) * rows[whole] + share * rows[whole + 1]
    return mixed


def _measure_difference(
    one: NDArray[np.float32], other: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the mean difference of bands in decibels; silence is unlike anything."""
    difference = np.abs(one - other).mean(1)
    limited: NDArray[np.float32] = np.nan_to_num(np.minimum(difference, _UNLIKE), nan=_UNLIKE)
    return limited


def _mean_of_pairs(
    rows: Sequence[NDArray[np.float32]],
    compare: Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return the mean of a comparison over all pairs, `(t,)`."""
    pairs = [
        compare(rows[one], rows[other])
        for one in range(len(rows))
        for other in range(one + 1, len(rows))
    ]
    mean: NDArray[np.float32] = np.mean(pairs, 0)
    return mean


def _find_step(
    seconds: NDArray[np.float64],
    likeness: NDArray[np.float32],
    side: Side,
    least: float,
) -> float | None:
    """Return where a curve steps from low to high (high to low at an end), by least squares.

    Args:
        seconds: `(t,)`, evenly spaced.
        likeness: `(t,)`, higher inside.
        side: of the part.
        least: difference of the levels from which it is a step.
    """
    curve = np.asarray(likeness, np.float64)
    if side == "end":
        curve = curve[::-1]
    count = len(curve)
    margin = count // 12
    sums = np.concatenate([[0.0], np.cumsum(curve)])
    at = np.arange(margin, count - margin)
    low, high = sums[at] / at, (sums[count] - sums[at]) / (count - at)
    gain = at * (count - at) / count**2 * (high - low) ** 2 * np.sign(high - low)
    best = int(np.argmax(gain))
    if high[best] - low[best] < least:
        return None
    place = at[best]
    step = seconds[1] - seconds[0]
    edge = seconds[place] if side == "start" else seconds[count - 1 - place] + step
    return float(edge - step / 2)


def _find_joint_cut(
    spans: Sequence[PartSpan], near: float, features: Sequence[EpisodeFeatures]
) -> float | None:
    """Return the mean place of the cut that the episodes have next to a second of the axis."""
    cuts = []
    for span in spans:
        own = features[span.episode].cuts - HOP / 2 - span.shift
        close = own[np.abs(own - near) <= _CUT_REACH]
        cuts.append(close)
    everything = np.sort(np.concatenate(cuts))
    if not len(everything):
        return None
    votes = [
        (sum(bool((np.abs(one - place) <= _CUT_AGREEMENT / 2).any()) for one in cuts), place)
        for place in everything
    ]
    most = max(count for count, _ in votes)
    if most < max(2, _LEAST_AGREEING * len(spans)):
        return None
    place = min((abs(place - near), place) for count, place in votes if count == most)[1]
    near_place = everything[np.abs(everything - place) <= _CUT_AGREEMENT / 2]
    return float(near_place.mean())


def _are_flat(
    spans: Sequence[PartSpan], one: float, other: float, features: Sequence[EpisodeFeatures]
) -> bool:
    """Tell whether the pictures between two seconds of the axis are flat in all episodes."""
    low, high = sorted((one, other))
    seconds = np.arange(low + HOP, high - HOP, HOP)
    for span in spans:
        rows = _take_nearest(features[span.episode].pictures, seconds + span.shift)
        if rows is not None and len(rows) and np.mean(rows.any(1)) > 0.2:
            return False
    return len(seconds) > 0
