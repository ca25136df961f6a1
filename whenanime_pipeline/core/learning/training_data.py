"""What one training learns from and is judged by, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class TrainingData:
    """A dataset, decoded once. The arrays are mapped from files and only read.

    Attributes:
        id: of the dataset and its validation views; another one means other figures.
        pictures: `(n, side, side, 3)` RGB of the training episodes, each squeezed to a square.
        thumbnails: `(n, 36, 64)` gray, to tell which training pictures are the same.
        originals: `(m, side, side, 3)` RGB of the validation episodes.
        views: `(m, view, view, 3)` RGB, the augmented twin of each original.
        mean: gray levels of the training pictures, 0 to 255, a channel each.
        std: their deviation, in gray levels.
        aspects: `(n,)` width by height of the training pictures before they were squeezed; None
            when it is not known.
        dataset: id of the dataset alone, `""` when it is of none: whoever was trained on the same
            one did not learn from its validation frames.
    """

    id: str
    pictures: NDArray[np.uint8]
    thumbnails: NDArray[np.uint8]
    originals: NDArray[np.uint8]
    views: NDArray[np.uint8]
    mean: Channels
    std: Channels
    aspects: NDArray[np.float32] | None = None
    dataset: str = ""
