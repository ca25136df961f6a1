"""Cross-batch memory: embeddings of earlier batches as extra negatives without a forward pass.

Wang, Zhang, Huang & Scott 2020: weights move so slowly that an embedding of some batches ago is
nearly the current one, which gives a small batch thousands of negatives.
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
    """Cues by which possibly equal pictures are recognised across batches.

    Attributes:
        cells: `(n, c)` mean gray levels of parts of each picture. Two pictures differ at least as
            much as their cells do, so that no equal ones are missed.
        films: `(n,)` int64, number of each picture's film; negative where unknown.
        seconds: `(n,)` time in the film, in seconds.
    """

    cells: Tensor
    films: Tensor
    seconds: Tensor

    def compute_false_negative_mask(self, other: "DuplicateCues") -> Tensor:
        """Return `(n, m)` bool, true for pairs that may show the same picture."""
        apart = torch.cdist(self.cells, other.cells, p=1.0) / self.cells.shape[1]
        films = (self.films[:, None] == other.films) & (self.films[:, None] >= 0)
        return (apart < SAME_PICTURE) | (
            films & ((self.seconds[:, None] - other.seconds).abs() < _NEAR)
        )


def make_duplicate_cues(
    thumbnails: Tensor, films: Tensor | None = None, seconds: Tensor | None = None
) -> DuplicateCues:
    """Compute the cues of pictures.

    Args:
        thumbnails: `(n, h, w)` gray levels, 0 to 255.
        films: `(n,)` film numbers as in `DuplicateCues`; None: unknown.
        seconds: `(n,)` times in seconds; None: unknown.
    """
    count = len(thumbnails)
    cells = functional.avg_pool2d(thumbnails[:, None].float(), _SIDE, ceil_mode=True).flatten(1)
    if films is None or seconds is None:
        films = torch.full((count,), -1, device=cells.device)
        seconds = torch.zeros(count, device=cells.device)
    return DuplicateCues(cells, films, seconds.float())


class CrossBatchMemory:
    """A queue of the last embeddings with their cues.

    Both views of a picture are stored: two whole pictures of one scene are nearer to each other
    than a crop is to its original, so views are compared with views of the other kind only.

    Stored embeddings are fixed, and a network may learn to move all pictures of a batch away from
    them at once; the embeddings then contract and retrieval gets worse. At learning rates of 3e-4
    and more this was measured within a few steps, so no recipe here uses the memory.
    """

    def __init__(self, size: int) -> None:
        """Create an empty memory.

        Args:
            size: number of pictures to store, 0 for none.
        """
        self._size = size
        self._vectors: Tensor | None = None  # (m, 2, d)
        self._cues: DuplicateCues | None = None

    def get_extra_negatives(self, cues: DuplicateCues) -> ExtraNegatives | None:
        """Return the stored negatives of pictures by their cues; None while it is empty."""
        if self._vectors is None or self._cues is None:
            return None
        first, second = self._vectors.unbind(1)
        return ExtraNegatives(first, second, cues.compute_false_negative_mask(self._cues))

    def add(self, first: Tensor, second: Tensor, cues: DuplicateCues) -> None:
        """Store the `(n, d)` embeddings of both views of pictures, without gradients."""
        if self._size == 0:
            return
        new = torch.stack([first, second], 1).detach()
        if self._vectors is None or self._cues is None:
            vectors, known = new, cues
        else:
            vectors = torch.cat([new, self._vectors])
            known = DuplicateCues(
                torch.cat([cues.cells, self._cues.cells]),
                torch.cat([cues.films, self._cues.films]),
                torch.cat([cues.seconds, self._cues.seconds]),
            )
        size = self._size
        self._vectors = vectors[:size]
        self._cues = DuplicateCues(known.cells[:size], known.films[:size], known.seconds[:size])

    def state_dict(self) -> dict[str, Any] | None:
        """Return the state for `load_state_dict`: tensors and plain values."""
        if self._vectors is None or self._cues is None:
            return None
        return {
            "vectors": self._vectors.clone(),
            "cells": self._cues.cells.clone(),
            "films": self._cues.films.clone(),
            "seconds": self._cues.seconds.clone(),
        }

    def load_state_dict(self, saved: dict[str, Any] | None, device: torch.device) -> None:
        """Restore a state of `state_dict` on a device."""
        if saved is None:
            self._vectors = self._cues = None
            return
        self._vectors = saved["vectors"].to(device)
        self._cues = DuplicateCues(
            *(saved[name].to(device) for name in ("cells", "films", "seconds"))
        )
