"""Divides a group's axis where what is shared, or by whom, changes.

An opening that some episodes follow with a sponsor card, an ending that a preview with a constant
jingle follows: one group holds both, and who takes part in what distinguishes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import HOP
from whenanime_pipeline.core.themes.season.consensus import SOUND, Consensus
from whenanime_pipeline.core.themes.season.presence import (
    SHORTEST,
    find_presence,
    find_state,
    list_runs,
)

_TOGETHER = round(0.75 / HOP)
"""Rows within which appearances begin or end together."""
_JOINING = 0.25
"""Share of the appearances that begin or end together where the axis is divided."""
_SHARE = 0.2
"""Share of a part that an appearance shows at least: files may begin or end within it."""
_EDGE = 1.5
"""Seconds within which a appearance's edge is that of the part."""
_LONGEST_TAIL = 35.0
"""Seconds of what follows a theme to the same music or to a jingle, as a preview does."""
_TAIL_SHARE = 0.7
"""Its length as a share of the theme's."""
_LONGEST_GAP = 8.0
"""Seconds that nobody shares within a theme, such as a gag that differs each time."""
_THEME = 17.0
"""Seconds of the longer side of such a gap."""
_SECOND_HALF = 4.0
"""Seconds of the shorter side."""
_LONGEST_VARIATION = 15.0
"""Seconds of other pictures, or other sound, within a part that it stays one part over."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a appearance shows a part: seconds of the axis.

    Attributes:
        appearance: ordinal in the group.
        start: second at which it begins to share the part.
        end: second at which it ends to.
    """

    appearance: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a group's axis that the same appearances share in the same way.

    Attributes:
        start: second of the axis.
        end: second at which it ends.
        state: bits `SOUND` and `PICTURES` of what is mostly shared.
        spans: the appearances that show it.
    """

    start: float
    end: float
    state: int
    spans: tuple[Span, ...]


def divide(consensus: Consensus) -> list[Part]:
    """Return the parts of a group, in order of its axis.

    Args:
        consensus: of the group.
    """
    present = find_presence(consensus)
    state = find_state(consensus.states, present)
    bounds = sorted(
        {0, present.shape[1], *_find_state_changes(state), *_find_joint_edges(present)}
        | set(_find_joint_cuts(consensus, state, present))
    )
    pieces = [
        (low, high)
        for low, high in pairwise(bounds)
        if high - low >= SHORTEST and (present[:, low:high].mean(1) > _SHARE).sum() >= 2
    ]
    pieces = _join_variations(pieces, state, present)
    return [_make_part(consensus, state, present, low, high) for low, high in pieces]


def _find_state_changes(state: NDArray[np.uint8]) -> list[int]:
    return (np.flatnonzero(np.diff(state)) + 1).tolist()


def _find_joint_edges(present: NDArray[np.bool_]) -> list[int]:
    """Return rows at which several appearances begin or end, while others go on."""
    steps = np.diff(present.astype(np.int8), axis=1)
    window = np.ones(2 * _TOGETHER + 1)
    found: list[int] = []
    for sign in (1, -1):
        edges = (steps == sign).sum(0)
        together = np.convolve(edges, window, "same")
        going_on = (present[:, :-1] & present[:, 1:]).sum(0)
        least = np.maximum(2, _JOINING * (going_on + together))
        for low, high in list_runs((together >= least).astype(np.uint8)):
            if together[low] < least[low]:
                continue
            places = np.repeat(np.arange(low, high), edges[low:high])
            middle = int(np.median(places)) if len(places) else (low + high) // 2
            if going_on[low:high].max() >= 2:
                found.append(middle + 1)
    return found


def _find_joint_cuts(
    consensus: Consensus,
    state: NDArray[np.uint8],
    present: NDArray[np.bool_],
) -> list[int]:
    """Return rows at which nearly all cut, where they share the sound but not the pictures.

    Pictures that differ have their cuts in common only where the programme itself changes.
    """
    if len(consensus.cuts) < 3:
        return []
    rows = present.shape[1]
    has_cut = np.zeros(present.shape, np.bool_)
    for place, seconds in enumerate(consensus.cuts):
        at = np.round((seconds - consensus.start) / HOP).astype(np.int64)
        for step in (-1, 0, 1):
            near = at + step
            has_cut[place, near[(near >= 0) & (near < rows)]] = True
    shared = present & (state == SOUND)
    cutting = (has_cut & shared).sum(0)
    least = np.maximum(3, 0.8 * np.maximum(shared.sum(0), 1))
    found: list[int] = []
    for low, high in list_runs((cutting >= least).astype(np.uint8)):
        if cutting[low] >= least[low]:
            found.append(low + int(np.argmax(cutting[low:high])))
    return [row for row in found if _is_before_tail(row, state)]


def _is_before_tail(row: int, state: NDArray[np.uint8]) -> bool:
    """Tell whether a row divides a theme from the shorter part that follows it."""
    low, high = next((low, high) for low, high in list_runs(state) if low <= row < high)
    before, after = (row - low) * HOP, (high - row) * HOP
    return before >= _THEME and after <= min(_LONGEST_TAIL, _TAIL_SHARE * before)


def _join_variations(
    pieces: list[tuple[int, int]], state: NDArray[np.uint8], present: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Join a part, a short stretch of other pictures or other sound, and its continuation."""
    joined = list(pieces)
    place = 1
    while place < len(joined) - 1:
        before, middle, after = joined[place - 1 : place + 2]
        touching = before[1] == middle[0] and middle[1] == after[0]
        is_variation = (middle[1] - middle[0]) * HOP <= _LONGEST_VARIATION
        same = _state_of(state, before) == _state_of(state, after)
        is_shown_by_all = all(_have_same_members(present, before, one) for one in (middle, after))
        if touching and is_variation and same and is_shown_by_all:
            joined[place - 1 : place + 2] = [(before[0], after[1])]
            place = max(1, place - 1)
        else:
            place += 1
    return _join_over_gaps(joined, state, present)


def _join_over_gaps(
    pieces: list[tuple[int, int]], state: NDArray[np.uint8], present: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Join what the same episodes share before and after a few seconds that nobody shares.

    The gag within an opening, the names in credits: as long in every episode, which story is not.
    """
    joined: list[tuple[int, int]] = []
    for piece in pieces:
        if joined and _is_continued(joined[-1], piece, state, present):
            joined[-1] = (joined[-1][0], piece[1])
        else:
            joined.append(piece)
    return joined


def _is_continued(
    before: tuple[int, int],
    after: tuple[int, int],
    state: NDArray[np.uint8],
    present: NDArray[np.bool_],
) -> bool:
    lengths = [(high - low) * HOP for low, high in (before, after)]
    return (
        0 < (after[0] - before[1]) * HOP <= _LONGEST_GAP
        and max(lengths) >= _THEME
        and min(lengths) >= _SECOND_HALF
        and _state_of(state, before) == _state_of(state, after)
        and _have_same_members(present, before, after)
    )


def _state_of(state: NDArray[np.uint8], piece: tuple[int, int]) -> int:
    return int(np.argmax(np.bincount(state[piece[0] : piece[1]], minlength=4)))


def _have_same_members(
    present: NDArray[np.bool_], one: tuple[int, int], other: tuple[int, int]
) -> bool:
    first, second = (present[:, low:high].mean(1) > _SHARE for low, high in (one, other))
    return bool((first & second).sum() >= 0.7 * max(1, (first | second).sum()))


def _make_part(
    consensus: Consensus,
    state: NDArray[np.uint8],
    present: NDArray[np.bool_],
    low: int,
    high: int,
) -> Part:
    """Return a part with what each appearance shows of it."""
    spans: list[tuple[int, int, int]] = []
    reach = round(_EDGE / HOP)
    for place in np.flatnonzero(present[:, low:high].mean(1) > _SHARE).tolist():
        rows = np.flatnonzero(present[place, max(0, low - reach) : high + reach])
        first, last = rows[0] + max(0, low - reach), rows[-1] + max(0, low - reach) + 1
        spans.append((place, int(first), int(last)))
    start = _find_edge([first for _, first, _ in spans], low, later=True)
    end = _find_edge([last for _, _, last in spans], high, later=False)

    def second(row: float) -> float:
        return consensus.start + row * HOP

    return Part(
        second(start),
        second(end),
        _state_of(state, (low, high)),
        tuple(
            Span(
                place,
                second(first if first > start + reach else start),
                second(last if last < end - reach else end),
            )
            for place, first, last in spans
        ),
    )


def _find_edge(rows: Sequence[int], bound: int, *, later: bool) -> float:
    """Return where most appearances begin or end: the median that lies further inside.

    Args:
        rows: of the appearances' edges.
        bound: row at which the axis is divided.
        later: whether the later rows lie further inside.
    """
    near = sorted(row for row in rows if abs(row - bound) <= round(_EDGE / HOP) + 1)
    if not near:
        return bound
    inner = near[len(near) // 2] if later else near[(len(near) - 1) // 2]
    return max(inner, bound) if later else min(inner, bound)
