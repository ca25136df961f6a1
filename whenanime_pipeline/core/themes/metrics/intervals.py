"""Parts of time as sorted, disjoint intervals."""

from collections.abc import Iterable, Sequence

Interval = tuple[float, float]
"""Beginning and end in seconds."""


def unite(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the union of intervals as sorted, disjoint ones; empty ones are left out."""
    united: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def measure(intervals: Iterable[Interval]) -> float:
    """Return the seconds that intervals cover; what several cover counts once."""
    return sum(end - start for start, end in unite(intervals))


def measure_overlap(some: Sequence[Interval], others: Sequence[Interval]) -> float:
    """Return the seconds that two unions of intervals share."""
    left, right = unite(some), unite(others)
    seconds, i, j = 0.0, 0, 0
    while i < len(left) and j < len(right):
        seconds += max(0.0, min(left[i][1], right[j][1]) - max(left[i][0], right[j][0]))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return seconds


def measure_outside(some: Sequence[Interval], others: Sequence[Interval]) -> float:
    """Return the seconds of a union of intervals that lie outside another one."""
    return max(0.0, measure(some) - measure_overlap(some, others))
