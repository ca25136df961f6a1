"""Trains the visual vocabulary that ships.

It is trained on drawn pictures alone, so that benchmarks on films measure unseen ones. The same
options give the same vocabulary, up to rounding errors that depend on the machine.

    python -m whenanime_pipeline.core.learning.shipped.vocabulary_training vocabulary.npz
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_pictures
from whenanime_pipeline.core.search.local.detector import KEYFRAME_SETTINGS, detect
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.vocabulary import CODE_BITS, Vocabulary

PICTURES = 2000
"""Default number of drawn pictures."""
PICTURE_SIZE = (320, 180)
"""Width and height of drawn pictures in pixels, those of stored frames."""
WORDS = 8192
"""Default number of visual words."""
DIMENSION = 64
"""Principal components of the 128-dimensional descriptors that words are quantised in."""
ROUNDS = 12
"""Rounds of k-means."""
SEED = 7
_CHUNK = 2048
"""Points assigned per matrix product, to bound memory."""

Points = NDArray[np.float32]


def describe_drawn_pictures(pictures: int, seed: int) -> Points:
    """Return descriptors of drawn pictures and of their mirror images, computed as for keyframes.

    Args:
        pictures: number of pictures.
        seed: seed of the drawing.

    Returns:
        `(n, 128)` descriptors.
    """
    found: list[LocalFeatures] = []
    for picture in draw_random_pictures(pictures, PICTURE_SIZE, seed):
        own = detect(picture, KEYFRAME_SETTINGS)
        found += [own, own.mirror()]
    return np.concatenate([one.descriptors for one in found])


def learn_vocabulary(
    descriptors: Points, *, words: int = WORDS, rounds: int = ROUNDS, seed: int = SEED
) -> Vocabulary:
    """Learn words and binary codes from descriptors.

    Words are k-means centres of the principal components. Codes are signs of residuals after a PCA
    and a random rotation, in the manner of Hamming embedding (Jégou, Douze and Schmid 2008).

    Args:
        descriptors: `(n, 128)`, several times as many as words.
        words: number of words.
        rounds: rounds of k-means.
        seed: seed of the first words and of the rotation of residuals.

    Returns:
        The vocabulary, rounded to the precision of its file.
    """
    rng = np.random.default_rng(seed)
    mean = descriptors.mean(axis=0)
    axes = _principal(descriptors - mean)[:, :DIMENSION]
    projected = (descriptors - mean) @ axes
    centres = projected[rng.choice(len(projected), words, replace=False)]
    for _ in range(rounds):
        own = assign_to_centres(projected, centres)
        centres = _update_centres(projected, own, centres, rng)
    residuals = projected - centres[assign_to_centres(projected, centres)]
    # A random rotation spreads the variance evenly over the bits.
    turn, _ = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))
    arrays = (mean, axes, centres, _principal(residuals) @ turn[:, :CODE_BITS])
    return Vocabulary(*(array.astype(np.float16).astype(np.float32) for array in arrays))


def assign_to_centres(points: Points, centres: Points) -> NDArray[np.int64]:
    """Return the index of each point's nearest centre, by exhaustive search.

    Args:
        points: `(n, d)`.
        centres: `(m, d)`.

    Returns:
        `(n,)`.
    """
    halves = (centres**2).sum(axis=1) / 2
    parts = [
        (points[at : at + _CHUNK] @ centres.T - halves).argmax(axis=1)
        for at in range(0, len(points), _CHUNK)
    ]
    return np.concatenate(parts)


def write_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    """Write a vocabulary to its file, in half precision.

    Raises:
        OSError: the file cannot be written.
    """
    arrays = {name: getattr(vocabulary, name) for name in ("mean", "axes", "words", "turn")}
    with atomic_write(path) as part, part.open("wb") as file:
        np.savez(file, **{name: array.astype(np.float16) for name, array in arrays.items()})


def _principal(points: Points) -> Points:
    """Return the principal axes of centred points `(n, d)` as columns `(d, d)`, by variance."""
    _, directions = np.linalg.eigh(points.T.astype(np.float64) @ points / len(points))
    return np.ascontiguousarray(directions[:, ::-1]).astype(np.float32)


def _update_centres(
    points: Points, own: NDArray[np.int64], centres: Points, rng: np.random.Generator
) -> Points:
    """Move each centre to the mean of its points; empty clusters move to a random point."""
    counts = np.bincount(own, minlength=len(centres))
    order = np.argsort(own, kind="stable")
    filled = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[filled]
    moved = points[rng.choice(len(points), len(centres))]
    moved[filled] = np.add.reduceat(points[order], starts, axis=0) / counts[filled, None]
    return moved


def main(
    target: Annotated[Path, typer.Argument(help="File to write.")],
    pictures: Annotated[int, typer.Option(help="Number of drawn pictures to train on.")] = PICTURES,
    seed: Annotated[int, typer.Option(help="Seed of the drawing and of k-means.")] = SEED,
) -> None:
    """Train a vocabulary on drawn pictures and write it."""
    console = Console()
    descriptors = describe_drawn_pictures(pictures, seed)
    console.print(f"{len(descriptors):,} descriptors of {pictures:,} drawn pictures")
    vocabulary = learn_vocabulary(descriptors, seed=seed)
    write_vocabulary(target, vocabulary)
    console.print(f"{vocabulary.size:,} words, vocabulary {vocabulary.id}, in {target}")


if __name__ == "__main__":
    typer.run(main)
