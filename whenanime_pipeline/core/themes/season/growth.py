"""Gathers the blocks of all pairs to groups: each the same theme, placed in many episodes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.themes.season.blocks import Block

_SAME_PLACE = 0.6
"""Seconds within which two appearances in one episode are one."""
_LONGEST_GAP = 8.0
"""Seconds between two groups that the same episodes show at the same distance."""
_COMMON = 0.7
"""Share of the appearances that two such groups have in common."""
_LEAST_OVERLAP = 0.4
"""Share of the shorter of two blocks in one episode that they share, when they show one theme."""
_LEAST_SHARE = 0.25
"""Share of a appearance that a block has to hold to place the theme in another episode."""
_LONG_ENOUGH = 12.0
"""Seconds from which a block places it whatever its share, as in a file that begins inside it."""


@dataclass(slots=True)
class Appearance:
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
    """Appearances that show the same.

    Attributes:
        appearances: sorted by episode and shift; two or more.
        blocks: what joins them.
    """

    appearances: tuple[Appearance, ...]
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
    """Return the group of a block: what overlaps its appearances, best links first."""
    appearances = [Appearance(seed.first, 0.0, seed.start, seed.end)]
    taken: list[Block] = []
    waiting = list(by_episode[seed.first])
    while (best := _take_best(waiting, appearances, used)) is not None:
        link, at = best
        used.add(id(link.block))
        taken.append(link.block)
        start, end = link.start - at.shift, link.end - at.shift
        shift = at.shift + link.offset
        _widen(at, start, end)
        known = _find_appearance(appearances, link.there, shift)
        if known is None:
            if all(one.episode != link.there for one in appearances):
                waiting += by_episode[link.there]
            appearances.append(Appearance(link.there, shift, start, end))
        else:
            _widen(known, start, end)
    return Group(tuple(sorted(appearances, key=lambda one: (one.episode, one.shift))), tuple(taken))


def _take_best(
    waiting: list[_Link], appearances: Sequence[Appearance], used: set[int]
) -> tuple[_Link, Appearance] | None:
    """Return the weightiest unused link that fits a appearance of its episode."""
    waiting[:] = [link for link in waiting if id(link.block) not in used]
    waiting.sort(key=lambda link: -link.block.weight)
    at_episode: dict[int, list[Appearance]] = defaultdict(list)
    for appearance in appearances:
        at_episode[appearance.episode].append(appearance)
    for link in waiting:
        for appearance in at_episode[link.here]:
            if _is_fitting(at_episode[link.there], appearance, link):
                return link, appearance
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
    first = {appearance.episode: appearance for appearance in one.appearances}
    second = {appearance.episode: appearance for appearance in other.appearances}
    common = first.keys() & second.keys()
    has_twice = len(first) < len(one.appearances) or len(second) < len(other.appearances)
    if has_twice or len(common) < max(2, _COMMON * max(len(first), len(second))):
        return None
    distances = [second[episode].shift - first[episode].shift for episode in sorted(common)]
    middle = sorted(distances)[len(distances) // 2]
    if sum(abs(distance - middle) < _SAME_PLACE for distance in distances) < _COMMON * len(
        distances
    ):
        return None
    start = min(appearance.start for appearance in other.appearances) + middle
    end = max(appearance.end for appearance in other.appearances) + middle
    before = start - max(appearance.end for appearance in one.appearances)
    after = min(appearance.start for appearance in one.appearances) - end
    return middle if -_LONGEST_GAP < max(before, after) <= _LONGEST_GAP else None


def _join(one: Group, other: Group, distance: float) -> Group:
    """Return both groups on the axis of the first."""
    moved = [
        Appearance(
            appearance.episode,
            appearance.shift - distance,
            appearance.start + distance,
            appearance.end + distance,
        )
        for appearance in other.appearances
    ]
    appearances = [
        Appearance(own.episode, own.shift, own.start, own.end) for own in one.appearances
    ]
    for appearance in moved:
        known = _find_appearance(appearances, appearance.episode, appearance.shift)
        if known is None:
            appearances.append(appearance)
        else:
            _widen(known, appearance.start, appearance.end)
    return Group(
        tuple(sorted(appearances, key=lambda own: (own.episode, own.shift))),
        (*one.blocks, *other.blocks),
    )


def _is_fitting(appearances: Iterable[Appearance], at: Appearance, link: _Link) -> bool:
    """Tell whether a link that begins at a appearance joins the same theme elsewhere."""
    start, end = link.start - at.shift, link.end - at.shift
    overlap = min(end, at.end) - max(start, at.start)
    if overlap <= _LEAST_OVERLAP * min(end - start, at.end - at.start):
        return False
    shift = at.shift + link.offset
    for other in appearances:
        if other.episode == link.there:
            if abs(other.shift - shift) <= _SAME_PLACE:
                return True
            low, high = other.start + other.shift, other.end + other.shift
            if min(link.end + link.offset, high) > max(link.start + link.offset, low):
                return False  # a chorus, a beat or a card that stands still resembles itself
    return end - start >= min(_LONG_ENOUGH, _LEAST_SHARE * (at.end - at.start))


def _find_appearance(
    appearances: Iterable[Appearance], episode: int, shift: float
) -> Appearance | None:
    for appearance in appearances:
        if appearance.episode == episode and abs(appearance.shift - shift) <= _SAME_PLACE:
            return appearance
    return None


def _widen(appearance: Appearance, start: float, end: float) -> None:
    appearance.start, appearance.end = min(appearance.start, start), max(appearance.end, end)
