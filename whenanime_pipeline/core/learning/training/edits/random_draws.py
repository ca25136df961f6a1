"""Numbers drawn for a batch at once."""

from collections.abc import Callable

from torch import Generator, Tensor, rand


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Return `(count,)` numbers drawn evenly between low and high."""
    values = rand(count, generator=generator, device=generator.device)
    return low + (high - low) * values


def draw_mask(count: int, share: float, generator: Generator) -> Tensor:
    """Return `(count,)` bool, true for about `share` of them."""
    return uniform(count, 0, 1, generator) < share


def edit_share(
    pictures: Tensor, generator: Generator, share: float, edit: Callable[[Tensor], Tensor]
) -> Tensor:
    """Return pictures of which about a share is edited; the others cost nothing.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: source of chance.
        share: of the pictures that are edited.
        edit: takes and returns as many pictures as it is given, at least one.
    """
    touched = draw_mask(len(pictures), share, generator)
    if not touched.any():
        return pictures
    result = pictures.clone()
    result[touched] = edit(pictures[touched])
    return result
