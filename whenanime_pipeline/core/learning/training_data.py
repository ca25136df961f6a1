"""Training and validation pictures as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class TrainingData:
    """A decoded dataset. The arrays are mapped from files, read-only.

    Attributes:
        id: id of the dataset and its validation views; metrics of equal ids are comparable.
        pictures: `(n, side, side, 3)` RGB of the training episodes, each squeezed to a square.
        thumbnails: `(n, 36, 64)` gray thumbnails of the training pictures.
        originals: `(m, side, side, 3)` RGB of the validation episodes.
        views: `(m, view, view, 3)` RGB, the augmented view of each original.
        mean: mean gray level of each channel of the training pictures, 0 to 255.
        std: standard deviation of each channel, in gray levels.
        aspects: `(n,)` width by height of the training pictures before they were squeezed; None
            when unknown.
        dataset: id of the dataset alone, `""` for none; a model trained on the same one has not
            seen its validation frames.
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
