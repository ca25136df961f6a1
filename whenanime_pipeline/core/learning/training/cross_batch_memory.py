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
from whenanime_pipeline.core.learning.training.loss import ExtraNegatives

_SIDE = 4  # pixels of a thumbnail that one cell is the mean of
_NEAR = 2.0  # seconds within which frames of a film may show the same picture


@dataclass(frozen=True)
class DuplicateCues:
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

    def compute_false_negative_mask(self, other: "DuplicateCues") -> Tensor:
        """Return `(n, m)` bool: pictures that may be the same as others and are no negatives."""
        apart = torch.cdist(self.cells, other.cells, p=1.0) / self.cells.shape[1]
        films = (self.films[:, None] == other.films) & (self.films[:, None] >= 0)
        return (apart < SAME_PICTURE) | (
            films & ((self.seconds[:, None] - other.seconds).abs() < _NEAR)
        )


def make_duplicate_cues(
    thumbnails: Tensor, films: Tensor | None = None, seconds: Tensor | None = None
) -> DuplicateCues:
    """Return the marks of pictures.

    Args:
        thumbnails: `(n, h, w)` gray levels, 0 to 255.
        films: `(n,)` as `DuplicateCues` has them; None: not known.
        seconds: `(n,)`; None: not known.
    """
    count = len(thumbnails)
    cells = functional.avg_pool2d(thumbnails[:, None].float(), _SIDE, ceil_mode=True).flatten(1)
    if films is None or seconds is None:
        films = torch.full((count,), -1, device=cells.device)
        seconds = torch.zeros(count, device=cells.device)
    return DuplicateCues(cells, films, seconds.float())


class CrossBatchMemory:
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
        self._cues: DuplicateCues | None = None

    def get_extra_negatives(self, cues: DuplicateCues) -> ExtraNegatives | None:
        """Return what pictures of these marks are told apart from; None while there is nothing."""
        if self._vectors is None or self._cues is None:
            return None
        first, second = self._vectors.unbind(1)
        return ExtraNegatives(first, second, cues.compute_false_negative_mask(self._cues))

    def add(self, first: Tensor, second: Tensor, cues: DuplicateCues) -> None:
        """Keep the `(n, d)` vectors of both views of pictures, without their gradients."""
        if self._size == 0:
            return
        new = torch.stack([first, second], 1).detach()
        if self._vectors is None or self._cues is None:
            kept, known = new, cues
        else:
            kept = torch.cat([new, self._vectors])
            known = DuplicateCues(
                torch.cat([cues.cells, self._cues.cells]),
                torch.cat([cues.films, self._cues.films]),
                torch.cat([cues.seconds, self._cues.seconds]),
            )
        size = self._size
        self._vectors = kept[:size]
        self._cues = DuplicateCues(known.cells[:size], known.films[:size], known.seconds[:size])

    def state_dict(self) -> dict[str, Any] | None:
        """Return what `restore` takes: tensors and plain values."""
        if self._vectors is None or self._cues is None:
            return None
        return {
            "vectors": self._vectors.clone(),
            "cells": self._cues.cells.clone(),
            "films": self._cues.films.clone(),
            "seconds": self._cues.seconds.clone(),
        }

    def load_state_dict(self, saved: dict[str, Any] | None, device: torch.device) -> None:
        """Take up what `saved` gave, on a device."""
        if saved is None:
            self._vectors = self._cues = None
            return
        self._vectors = saved["vectors"].to(device)
        self._cues = DuplicateCues(
            *(saved[name].to(device) for name in ("cells", "films", "seconds"))
        )
