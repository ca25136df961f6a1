"""Random draws for a whole batch."""

from collections.abc import Callable

from torch import Generator, Tensor, rand


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Draw `(count,)` numbers uniformly between low and high."""
    values = rand(count, generator=generator, device=generator.device)
    return low + (high - low) * values


def draw_mask(count: int, share: float, generator: Generator) -> Tensor:
    """Draw `(count,)` bool, each true with probability `share`."""
    return uniform(count, 0, 1, generator) < share


def edit_share(
    pictures: Tensor, generator: Generator, share: float, edit: Callable[[Tensor], Tensor]
) -> Tensor:
    """Apply an edit to about a share of the pictures; the others cost nothing.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: random generator.
        share: probability that a picture is edited.
        edit: function of `(k, 3, h, w)` pictures, k ≥ 1, that returns as many.
    """
    edited = draw_mask(len(pictures), share, generator)
    if not edited.any():
        return pictures
    result = pictures.clone()
    result[edited] = edit(pictures[edited])
    return result
