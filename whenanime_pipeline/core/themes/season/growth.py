"""Gathers the blocks of all pairs to groups: each the same theme, placed in many episodes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.themes.season.blocks import Block

_SAME_PLACE = 0.6
"""Seconds within which two placements in one episode are one."""
_LONGEST_GAP = 8.0
"""Seconds between two groups that the same episodes show at the same distance."""
_COMMON = 0.7
"""Share of the placements that two such groups have in common."""
_LEAST_OVERLAP = 0.4
"""Share of the shorter of two blocks in one episode that they share, when they show one theme."""
_LEAST_SHARE = 0.35
"""Share of a placement that a block has to hold to place the theme in another episode."""
_LONG_ENOUGH = 20.0
"""Seconds from which a block places it whatever its share, as in a file that begins inside it."""


@dataclass(slots=True)
class Placement:
    """Where a group's axis lies in an episode: second `t` of the axis is `t + shift` there.

    Attributes:
        episode: ordinal in the season.
        shift: seconds.
        start: second of the axis from which the episode shares something.
        end: second of the axis until which it does.
    """

    episode: int
    shift: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Group:
    """Placements that show the same.

    Attributes:
        placements: sorted by episode and shift; two or more.
        blocks: what joins them.
    """

    placements: tuple[Placement, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Link:
    """A block as seen from one of its ends."""

    block: Block
    here: int
    there: int
    start: float
    end: float
    offset: float


def group_blocks(blocks: Sequence[Block]) -> list[Group]:
    """Gather blocks to groups, the weightiest first; the result depends on no order.

    Args:
        blocks: of all pairs of a season.
    """
    left = sorted(blocks, key=lambda one: (-one.weight, one.first, one.second, one.start))
    by_episode: dict[int, list[_Link]] = defaultdict(list)
    for block in left:
        here, there = _both_ends(block)
        by_episode[here.here].append(here)
        by_episode[there.here].append(there)
    used: set[int] = set()
    # Growing a group uses up blocks, so that the later ones of `left` are often used by then.
    groups = [_grow(seed, by_episode, used) for seed in left if id(seed) not in used]
    return join_neighbours(groups)


def _both_ends(block: Block) -> tuple[_Link, _Link]:
    return (
        _Link(block, block.first, block.second, block.start, block.end, block.offset),
        _Link(
            block,
            block.second,
            block.first,
            block.start + block.offset,
            block.end + block.offset,
            -block.offset,
        ),
    )


def _grow(seed: Block, by_episode: dict[int, list[_Link]], used: set[int]) -> Group:
    """Return the group of a block: what overlaps its placements, best links first."""
    placements = [Placement(seed.first, 0.0, seed.start, seed.end)]
    taken: list[Block] = []
    waiting = list(by_episode[seed.first])
    while (best := _take_best(waiting, placements, used)) is not None:
        link, at = best
        used.add(id(link.block))
        taken.append(link.block)
        start, end = link.start - at.shift, link.end - at.shift
        shift = at.shift + link.offset
        _widen(at, start, end)
        known = _find_placement(placements, link.there, shift)
        if known is None:
            if all(one.episode != link.there for one in placements):
                waiting += by_episode[link.there]
            placements.append(Placement(link.there, shift, start, end))
        else:
            _widen(known, start, end)
    return Group(tuple(sorted(placements, key=lambda one: (one.episode, one.shift))), tuple(taken))


def _take_best(
    waiting: list[_Link], placements: Sequence[Placement], used: set[int]
) -> tuple[_Link, Placement] | None:
    """Return the weightiest unused link that fits a placement of its episode."""
    waiting[:] = [link for link in waiting if id(link.block) not in used]
    waiting.sort(key=lambda link: -link.block.weight)
    at_episode: dict[int, list[Placement]] = defaultdict(list)
    for placement in placements:
        at_episode[placement.episode].append(placement)
    for link in waiting:
        for placement in at_episode[link.here]:
            if _is_fitting(at_episode[link.there], placement, link):
                return link, placement
    return None


def join_neighbours(groups: Sequence[Group]) -> list[Group]:
    """Join groups that the same episodes show at the same distance, a few seconds apart.

    Args:
        groups: of a season, the weightiest first.
    """
    joined: list[Group] = []
    for group in groups:
        for place, other in enumerate(joined):
            distance = _find_distance(other, group)
            if distance is not None:
                joined[place] = _join(other, group, distance)
                break
        else:
            joined.append(group)
    return joined


def _find_distance(one: Group, other: Group) -> float | None:
    """Return the second group's zero on the axis of the first; None if they do not belong."""
    first = {placement.episode: placement for placement in one.placements}
    second = {placement.episode: placement for placement in other.placements}
    common = first.keys() & second.keys()
    has_twice = len(first) < len(one.placements) or len(second) < len(other.placements)
    if has_twice or len(common) < max(2, _COMMON * max(len(first), len(second))):
        return None
    distances = [second[episode].shift - first[episode].shift for episode in sorted(common)]
    middle = sorted(distances)[len(distances) // 2]
    if sum(abs(distance - middle) < _SAME_PLACE for distance in distances) < _COMMON * len(
        distances
    ):
        return None
    start = min(placement.start for placement in other.placements) + middle
    end = max(placement.end for placement in other.placements) + middle
    before = start - max(placement.end for placement in one.placements)
    after = min(placement.start for placement in one.placements) - end
    return middle if -_LONGEST_GAP < max(before, after) <= _LONGEST_GAP else None


def _join(one: Group, other: Group, distance: float) -> Group:
    """Return both groups on the axis of the first."""
    moved = [
        Placement(
            placement.episode,
            placement.shift - distance,
            placement.start + distance,
            placement.end + distance,
        )
        for placement in other.placements
    ]
    placements = [Placement(own.episode, own.shift, own.start, own.end) for own in one.placements]
    for placement in moved:
        known = _find_placement(placements, placement.episode, placement.shift)
        if known is None:
            placements.append(placement)
        else:
            _widen(known, placement.start, placement.end)
    return Group(
        tuple(sorted(placements, key=lambda own: (own.episode, own.shift))),
        (*one.blocks, *other.blocks),
    )


def _is_fitting(placements: Iterable[Placement], at: Placement, link: _Link) -> bool:
    """Tell whether a link that begins at a placement joins the same theme elsewhere."""
    start, end = link.start - at.shift, link.end - at.shift
    overlap = min(end, at.end) - max(start, at.start)
    if overlap <= _LEAST_OVERLAP * min(end - start, at.end - at.start):
        return False
    shift = at.shift + link.offset
    for other in placements:
        if other.episode == link.there:
            if abs(other.shift - shift) <= _SAME_PLACE:
                return True
            low, high = other.start + other.shift, other.end + other.shift
            if min(link.end + link.offset, high) > max(link.start + link.offset, low):
                return False  # a chorus, a beat or a card that stands still resembles itself
    return end - start >= min(_LONG_ENOUGH, _LEAST_SHARE * (at.end - at.start))


def _find_placement(
    placements: Iterable[Placement], episode: int, shift: float
) -> Placement | None:
    for placement in placements:
        if placement.episode == episode and abs(placement.shift - shift) <= _SAME_PLACE:
            return placement
    return None


def _widen(placement: Placement, start: float, end: float) -> None:
    placement.start, placement.end = min(placement.start, start), max(placement.end, end)
