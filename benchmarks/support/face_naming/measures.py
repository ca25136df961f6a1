"""Accuracy of naming: top-1, top-5, and the separation of known from unknown faces."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.face_naming.systems import Answers
from whenanime_pipeline.core.characters.naming.gallery import Gallery
from whenanime_pipeline.core.characters.naming.logistic_head import fit_head
from whenanime_pipeline.core.learning.characters.label_split import split_parts
from whenanime_pipeline.core.learning.characters.naming_calibration import (
    NamedVectors,
    NamingTrial,
    make_trial,
)

RIDGES = (1e-5, 1e-4, 1e-3, 1e-2)
"""Penalties of the linear layer, of which the validation part chooses one."""


@dataclass(frozen=True)
class NamingScores:
    """Measures of one trial, or means of several.

    Attributes:
        top1, top5: share of the faces in the gallery whose name is the first, or in the first five.
        auroc: area under the curve of known against unknown faces.
    """

    top1: float
    top5: float
    auroc: float


def mean_scores(scores: list[NamingScores]) -> NamingScores:
    """Return the means."""
    top1, top5, auroc = np.mean([(one.top1, one.top5, one.auroc) for one in scores], axis=0)
    return NamingScores(float(top1), float(top5), float(auroc))


def measure_few_labels(
    faces: NamedVectors,
    answer: Callable[[NamingTrial], Answers],
    labels: int,
    repeats: int,
    seed: int,
) -> NamingScores:
    """Return the means over trials with other labels, and other names left out for the AUROC."""
    found = []
    for repeat in range(repeats):
        full = make_trial(faces, labels, np.random.default_rng([seed, repeat, 0]), left_out=0.0)
        top1, top5 = rank_truth(answer(full).scores, full.truth)
        part = make_trial(faces, labels, np.random.default_rng([seed, repeat, 1]))
        known = part.truth >= 0
        found.append(NamingScores(top1, top5, compute_auroc(answer(part).known, known)))
    return mean_scores(found)


def measure_linear_layer(faces: NamedVectors, repeats: int, seed: int) -> NamingScores:
    """Measure one linear layer on frozen features, drawings split 8:1:1, as the seed does it.

    The AUROC is that of the largest probability, with a third of the names left out.
    """
    found = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat, 2])
        parts = split_parts(faces.drawings, rng)
        names = rng.permutation(np.unique(faces.names))
        kept = np.isin(faces.names, names[len(names) // 3 :])
        top1, top5, _ = _fit_and_test(faces, parts)
        _, _, auroc = _fit_and_test(faces, np.where(kept | (parts == 2), parts, -1), kept)
        found.append(NamingScores(top1, top5, auroc))
    return mean_scores(found)


def rank_truth(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[float, float]:
    """Return top-1 and top-5 of the queries whose `truth` is a column of the scores."""
    known = truth >= 0
    own = scores[known, truth[known]]
    # Names of the same score as the truth stand before it.
    ranks = (scores[known] >= own[:, None]).sum(axis=1)
    return float((ranks <= 1).mean()), float((ranks <= 5).mean())


def compute_auroc(scores: NDArray[np.float64], known: NDArray[np.bool_]) -> float:
    """Return the probability that a known face scores higher than an unknown one; ties half."""
    values, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positives, negatives = int(known.sum()), int((~known).sum())
    if not (positives and negatives and len(values)):
        raise ValueError("known and unknown faces are needed")
    above = ranks[known].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def _fit_and_test(
    faces: NamedVectors, parts: NDArray[np.int64], known: NDArray[np.bool_] | None = None
) -> tuple[float, float, float]:
    """Return top-1, top-5 and, if it is given which faces are known, the AUROC on part 2."""
    training = faces.select(parts == 0)
    gallery = Gallery.from_names(training.vectors, [str(name) for name in training.names])
    places = {name: place for place, name in enumerate(gallery.names)}
    truth = np.array([places.get(str(name), -1) for name in faces.names])
    best, chosen = -1.0, np.empty(0)
    for ridge in RIDGES:
        head = fit_head(gallery, many=1, ridge=ridge)
        assert head is not None
        scores = head.log_probabilities(faces.vectors)
        top1, _ = rank_truth(scores[parts == 1], truth[parts == 1])
        if top1 > best:
            best, chosen = top1, scores
    test = parts == 2
    auroc = 0.0 if known is None else compute_auroc(chosen[test].max(axis=1), known[test])
    return *rank_truth(chosen[test], truth[test]), auroc
