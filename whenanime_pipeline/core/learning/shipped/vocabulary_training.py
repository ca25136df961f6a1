"""Trains the vocabulary of local features that ships.

It is trained on drawn pictures alone, so that measurements on films are of unseen ones. The same
options give the same vocabulary, up to the last bits of the machine's arithmetic.

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
PICTURE_SIZE = (320, 180)
"""Size of a drawn picture, the size of stored frames."""
WORDS = 8192
DIMENSION = 64
"""Principal directions in which words are compared: most of the variance of 128 components."""
ROUNDS = 12
SEED = 7
_AT_ONCE = 2048

Points = NDArray[np.float32]


def describe_drawn_pictures(pictures: int, seed: int) -> Points:
    """Return descriptors of drawn pictures, as of keyframes, and of their mirror images.

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
    """Learn words from descriptors: principal directions, then k-means on the projections.

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
    """Return the nearest centre of each point, by exact search."""
    halves = (centres**2).sum(axis=1) / 2
    parts = [
        (points[at : at + _AT_ONCE] @ centres.T - halves).argmax(axis=1)
        for at in range(0, len(points), _AT_ONCE)
    ]
    return np.concatenate(parts)


def write_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    """Write a vocabulary to its file, in half precision.

    Raises:
        OSError: it cannot be written.
    """
    arrays = {name: getattr(vocabulary, name) for name in ("mean", "axes", "words", "turn")}
    with atomic_write(path) as part, part.open("wb") as file:
        np.savez(file, **{name: array.astype(np.float16) for name, array in arrays.items()})


def _principal(points: Points) -> Points:
    """Return the principal directions of centred points, the one of most variance first."""
    _, directions = np.linalg.eigh(points.T.astype(np.float64) @ points / len(points))
    return np.ascontiguousarray(directions[:, ::-1]).astype(np.float32)


def _update_centres(
    points: Points, own: NDArray[np.int64], centres: Points, rng: np.random.Generator
) -> Points:
    """Move each centre to the middle of its points; one without any goes to a random point."""
    counts = np.bincount(own, minlength=len(centres))
    order = np.argsort(own, kind="stable")
    filled = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[filled]
    moved = points[rng.choice(len(points), len(centres))]
    moved[filled] = np.add.reduceat(points[order], starts, axis=0) / counts[filled, None]
    return moved


def main(
    target: Annotated[Path, typer.Argument(help="The file to write.")],
    pictures: Annotated[int, typer.Option(help="Drawn pictures to learn from.")] = PICTURES,
    seed: Annotated[int, typer.Option(help="Of the drawing and of k-means.")] = SEED,
) -> None:
    """Draw pictures, describe them and learn a vocabulary."""
    console = Console()
    descriptors = describe_drawn_pictures(pictures, seed)
    console.print(f"{len(descriptors):,} descriptors of {pictures:,} drawn pictures")
    vocabulary = learn_vocabulary(descriptors, seed=seed)
    write_vocabulary(target, vocabulary)
    console.print(f"{vocabulary.size:,} words, vocabulary {vocabulary.id}, in {target}")


if __name__ == "__main__":
    typer.run(main)
