"""Chooses which episodes of a season are compared."""

from collections.abc import Iterator

PARTNERS = 10
"""Episodes that one is compared with in a long season: the nearest by number."""


def list_pairs(count: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a season's episodes that are compared, in order.

    Every episode has at least `PARTNERS` partners, or all others.

    Args:
        count: episodes of the season, which are in order.
    """
    for first in range(count):
        for second in range(first + 1, count):
            if min(second - first, _reach_from_edge(first, second, count)) <= PARTNERS // 2:
                yield first, second


def _reach_from_edge(first: int, second: int, count: int) -> int:
    """Return how far two episodes are apart, where one at the season's edge reaches further."""
    half = PARTNERS // 2
    is_at_edge = first < half and second <= PARTNERS
    is_at_end = second >= count - half and first >= count - 1 - PARTNERS
    return half if is_at_edge or is_at_end else second - first
