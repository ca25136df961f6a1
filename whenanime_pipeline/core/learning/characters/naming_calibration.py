"""Fits what turns similarities of faces into probabilities of names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.naming.gallery import Gallery
from whenanime_pipeline.core.characters.naming.known_calibration import (
    KnownCalibration,
    fit_known,
    gather_predictors,
)
from whenanime_pipeline.core.characters.naming.namer import Namer
from whenanime_pipeline.core.characters.naming.nearest_faces import score_names
from whenanime_pipeline.core.learning.characters.label_split import split_labels
from whenanime_pipeline.core.search.embedding.vectors import Vectors

TEMPERATURES = (0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12)
HEAD_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
LABELS = (1, 2, 3, 5, 10)
"""Labelled faces of each name in the trials."""
LEFT_OUT = 1 / 3
"""Share of the names that a trial leaves out of the gallery."""
_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True)
class NamedVectors:
    """Vectors of faces with their truth; all arrays have one row per face.

    Attributes:
        vectors: `(n, d)` unit vectors.
        names: `(n,)` number of the name.
        series: `(n,)` number of the series.
        drawings: `(n,)` number of the drawing.
        sides: `(n,)` side of the face in pixels of a stored frame.
    """

    vectors: Vectors
    names: NDArray[np.int64]
    series: NDArray[np.int64]
    drawings: NDArray[np.int64]
    sides: NDArray[np.float64]

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "NamedVectors":
        """Return some of the rows."""
        return NamedVectors(
            self.vectors[rows],
            self.names[rows],
            self.series[rows],
            self.drawings[rows],
            self.sides[rows],
        )


@dataclass(frozen=True)
class NamingTrial:
    """A gallery and faces to be named by it.

    Attributes:
        gallery: labelled faces; its names are the numbers of the names.
        queries: `(q, d)` unit vectors.
        sides: `(q,)` sides of the faces in pixels.
        truth: `(q,)` index of the name in the gallery; -1 if it is not in it.
    """

    gallery: Gallery
    queries: Vectors
    sides: NDArray[np.float64]
    truth: NDArray[np.int64]


def make_trial(
    faces: NamedVectors, labels: int, rng: np.random.Generator, *, left_out: float = LEFT_OUT
) -> NamingTrial:
    """Return a trial with this share of the names left out of the gallery.

    Raises:
        ValueError: a name has too few drawings to leave a query.
    """
    rows, queries = split_labels(faces.names, faces.drawings, labels, rng)
    names = rng.permutation(np.unique(faces.names))
    kept = np.sort(names[round(left_out * len(names)) :])
    rows = rows[np.isin(faces.names[rows], kept)]
    places = np.full(int(faces.names.max()) + 1, -1)
    places[kept] = np.arange(len(kept))
    gallery = Gallery(
        faces.vectors[rows], places[faces.names[rows]], tuple(str(name) for name in kept)
    )
    return NamingTrial(
        gallery,
        faces.vectors[queries],
        faces.sides[queries].astype(np.float64),
        places[faces.names[queries]],
    )


def calibrate_naming(faces: NamedVectors, seed: int = 0) -> KnownCalibration:
    """Fit temperature, head share and the probability of a name in the gallery.

    Args:
        faces: faces of several series, of none that the network was trained on.
        seed: of the trials.

    Raises:
        ValueError: a name has too few drawings.
    """
    trials = list(_make_trials(faces, seed))
    start = KnownCalibration((1.0, 0.0, 0.0, 0.0), 0.0, TEMPERATURES[0], 0.0)
    namers = [(Namer(trial.gallery, start), trial) for trial in trials]
    cooled = _choose_best([replace(start, temperature=value) for value in TEMPERATURES], namers)
    headed = [(namer, trial) for namer, trial in namers if namer.head is not None]
    mixed = _choose_best([replace(cooled, head_share=value) for value in HEAD_SHARES], headed)
    predictors = [
        gather_predictors(score_names(one.queries, one.gallery), one.sides, one.gallery.counts)
        for one in trials
    ]
    known = np.concatenate([trial.truth >= 0 for trial in trials])
    weights, bias = fit_known(np.concatenate(predictors), known)
    return replace(mixed, weights=weights, bias=bias)


def _make_trials(faces: NamedVectors, seed: int) -> Iterator[NamingTrial]:
    """Yield trials of each series alone and of all together."""
    rng = np.random.default_rng([seed, 0xCA11B])
    groups = [faces.select(faces.series == series) for series in np.unique(faces.series)]
    for group in [*groups, faces]:
        for labels in LABELS:
            yield make_trial(group, labels, rng)


def _choose_best(
    candidates: Sequence[KnownCalibration], trials: Sequence[tuple[Namer, NamingTrial]]
) -> KnownCalibration:
    """Return the calibration under which the true names are likeliest."""
    if not trials:
        return candidates[0]
    costs = [
        sum(measure_cost(namer.with_calibration(candidate), trial) for namer, trial in trials)
        for candidate in candidates
    ]
    return candidates[int(np.argmin(costs))]


def measure_cost(namer: Namer, trial: NamingTrial) -> float:
    """Return the mean negative log probability of the true names in the gallery."""
    known = trial.truth >= 0
    probabilities, _ = namer.estimate(trial.queries[known], trial.sides[known])
    own = probabilities[np.arange(known.sum()), trial.truth[known]]
    return float(-np.log(np.maximum(own, _LEAST_PROBABILITY)).mean())
