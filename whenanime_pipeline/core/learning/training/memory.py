"""What the network gave for pictures of earlier batches: further negatives that cost no pass.

Cross-batch memory (Wang, Zhang, Huang & Scott 2020): weights move so slowly that a vector of some
batches ago is nearly the one of today, and a small batch is told apart from thousands of pictures.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE
from whenanime_pipeline.core.learning.training.loss import Further

_SIDE = 4  # pixels of a thumbnail that one cell is the mean of
_NEAR = 2.0  # seconds within which frames of a film may show the same picture


@dataclass(frozen=True)
class Marks:
    """What tells which pictures may be the same.

    Attributes:
        cells: `(n, c)` mean gray levels of parts of each picture. Two pictures differ at least as
            much as their cells do, so none that are the same are overlooked.
        films: `(n,)` int64, number of the film each is from; below 0 where it is not known.
        seconds: `(n,)` of the film.
    """

    cells: Tensor
    films: Tensor
    seconds: Tensor

    def near(self, other: "Marks") -> Tensor:
        """Return `(n, m)` bool: pictures that may be the same as others and are no negatives."""
        apart = torch.cdist(self.cells, other.cells, p=1.0) / self.cells.shape[1]
        films = (self.films[:, None] == other.films) & (self.films[:, None] >= 0)
        return (apart < SAME_PICTURE) | (
            films & ((self.seconds[:, None] - other.seconds).abs() < _NEAR)
        )


def marks(thumbnails: Tensor, films: Tensor | None = None, seconds: Tensor | None = None) -> Marks:
    """Return the marks of pictures.

    Args:
        thumbnails: `(n, h, w)` gray levels, 0 to 255.
        films: `(n,)` as `Marks` has them; None: not known.
        seconds: `(n,)`; None: not known.
    """
    count = len(thumbnails)
    cells = functional.avg_pool2d(thumbnails[:, None].float(), _SIDE, ceil_mode=True).flatten(1)
    if films is None or seconds is None:
        films = torch.full((count,), -1, device=cells.device)
        seconds = torch.zeros(count, device=cells.device)
    return Marks(cells, films, seconds.float())


class Memory:
    """The vectors of the last pictures, with their marks; the oldest are forgotten.

    Both views of a picture are kept: two whole pictures of one scene are nearer to each other than
    a part of one is to its whole, so what asks is told apart from views of the other kind only.

    What is kept does not move, and a network may learn to leave it behind with all pictures of a
    batch at once: then they draw together, and less is found. Measured at learning rates of 3e-4
    and more, it does so within a few steps; recipes here keep nothing.
    """

    def __init__(self, size: int) -> None:
        """Begin with nothing.

        Args:
            size: vectors to keep, 0 for none.
        """
        self._size = size
        self._vectors: Tensor | None = None  # (m, 2, d)
        self._marks: Marks | None = None

    def negatives(self, asking: Marks) -> Further | None:
        """Return what pictures of these marks are told apart from; None while there is nothing."""
        if self._vectors is None or self._marks is None:
            return None
        first, second = self._vectors.unbind(1)
        return Further(first, second, asking.near(self._marks))

    def add(self, first: Tensor, second: Tensor, marks: Marks) -> None:
        """Keep the `(n, d)` vectors of both views of pictures, without their gradients."""
        if self._size == 0:
            return
        new = torch.stack([first, second], 1).detach()
        if self._vectors is None or self._marks is None:
            kept, known = new, marks
        else:
            kept = torch.cat([new, self._vectors])
            known = Marks(
                torch.cat([marks.cells, self._marks.cells]),
                torch.cat([marks.films, self._marks.films]),
                torch.cat([marks.seconds, self._marks.seconds]),
            )
        size = self._size
        self._vectors = kept[:size]
        self._marks = Marks(known.cells[:size], known.films[:size], known.seconds[:size])

    def saved(self) -> dict[str, Any] | None:
        """Return what `restore` takes: tensors and plain values."""
        if self._vectors is None or self._marks is None:
            return None
        return {
            "vectors": self._vectors.clone(),
            "cells": self._marks.cells.clone(),
            "films": self._marks.films.clone(),
            "seconds": self._marks.seconds.clone(),
        }

    def restore(self, saved: dict[str, Any] | None, device: torch.device) -> None:
        """Take up what `saved` gave, on a device."""
        if saved is None:
            self._vectors = self._marks = None
            return
        self._vectors = saved["vectors"].to(device)
        self._marks = Marks(*(saved[name].to(device) for name in ("cells", "films", "seconds")))
