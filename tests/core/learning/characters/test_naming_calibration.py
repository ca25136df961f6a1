import numpy as np
import pytest

from whenanime_pipeline.core.characters.naming.namer import Namer
from whenanime_pipeline.core.learning.characters.naming_calibration import (
    NamedVectors,
    calibrate_naming,
    make_trial,
)
from whenanime_pipeline.core.search.embedding.vectors import normalise_rows


def make_faces(
    seed: int, *, names: int = 12, drawings: int = 14, noise: float = 0.12
) -> NamedVectors:
    """Return faces around a random direction for each name, in two series."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(names), drawings)
    centres = normalise_rows(rng.normal(0, 1, (names, 32)).astype(np.float32))
    vectors = centres[labels] + rng.normal(0, noise, (len(labels), 32)).astype(np.float32)
    return NamedVectors(
        normalise_rows(vectors.astype(np.float32)),
        labels,
        labels % 2,
        np.arange(len(labels)),
        rng.uniform(30, 120, len(labels)),
    )


def test_trial_leaves_a_third_of_the_names_out() -> None:
    trial = make_trial(make_faces(0), 5, np.random.default_rng(0))
    assert len(trial.gallery.names) == 8
    assert trial.gallery.counts.tolist() == [5] * 8
    assert (trial.truth < 0).sum() == 4 * 9
    assert len(trial.truth) == len(trial.queries) == len(trial.sides) == 12 * 9


def test_probabilities_fit_other_faces() -> None:
    """Of names that were in no trial of the calibration."""
    calibration = calibrate_naming(make_faces(1))
    trial = make_trial(make_faces(2), 5, np.random.default_rng(3))
    namer = Namer(trial.gallery, calibration)
    names, known = namer.estimate(trial.queries, trial.sides)
    right = names.argmax(axis=1) == trial.truth
    in_gallery = trial.truth >= 0
    assert right[in_gallery].mean() > 0.9
    assert names.max(axis=1)[in_gallery].mean() == pytest.approx(right[in_gallery].mean(), abs=0.08)
    assert known[in_gallery].mean() > 0.75
    assert known[~in_gallery].mean() < 0.25


def test_calibration_follows_from_its_seed() -> None:
    assert calibrate_naming(make_faces(1), seed=5) == calibrate_naming(make_faces(1), seed=5)
