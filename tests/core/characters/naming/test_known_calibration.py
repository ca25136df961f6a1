import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.characters.naming.known_calibration import (
    KnownCalibration,
    fit_known,
    gather_predictors,
)


def fit(seed: int) -> KnownCalibration:
    """Fit on random faces, of whom the known ones score higher and the labels are noise."""
    rng = np.random.default_rng(seed)
    known = np.arange(200) < 100
    predictors = rng.normal(0, 1, (200, 4)) + known[:, None] * np.array([1.0, 0.5, -0.5, 0.0])
    weights, bias = fit_known(predictors, known)
    return KnownCalibration(weights, bias, 0.05, 0.5)


@given(
    seed=st.integers(0, 20),
    place=st.lists(st.floats(-5, 5), min_size=4, max_size=4),
    rise=st.tuples(st.floats(0, 5), st.floats(0, 5)),
)
def test_probability_never_falls_when_score_or_margin_rises(
    seed: int, place: list[float], rise: tuple[float, float]
) -> None:
    low, high = fit(seed).estimate(np.array([place, np.add(place, (*rise, 0, 0))]))
    assert high >= low


def test_fit_finds_the_predictors_that_tell() -> None:
    calibration = fit(3)
    best, margin, size, count = calibration.weights
    assert best > margin > 0 > size
    assert abs(count) < 0.3


def test_margin_that_falls_with_the_truth_gets_no_weight() -> None:
    known = np.arange(200) < 100
    predictors = np.random.default_rng(0).normal(0, 1, (200, 4)) - known[:, None]
    assert fit_known(predictors, known)[0][:2] == (0, 0)


def test_probabilities_are_calibrated_on_equal_shares() -> None:
    rng = np.random.default_rng(0)
    predictors = rng.normal(0, 1, (20_000, 4))
    known = rng.random(20_000) < 1 / (1 + np.exp(-2 * predictors[:, 0]))
    weights, bias = fit_known(predictors, known)
    chances = KnownCalibration(weights, bias, 0.05, 0.5).estimate(predictors)
    for low in np.arange(0.1, 0.9, 0.2):
        inside = (chances >= low) & (chances < low + 0.2)
        assert known[inside].mean() == pytest.approx(chances[inside].mean(), abs=0.03)


def test_predictors() -> None:
    scores = np.array([[0.9, 0.4, 0.7], [0.1, 0.3, 0.3]])
    found = gather_predictors(scores, np.array([50.0, 20.0]), np.array([3, 5, 9]))
    assert found[0] == pytest.approx([0.9, 0.2, np.log(50), np.log(4)])
    assert found[1] == pytest.approx([0.3, 0.0, np.log(20), np.log(6)])
    assert gather_predictors(scores[:, :1], np.array([50.0, 20.0]), np.array([3]))[0, 1] == 0.9


def test_json_round_trip_and_refusals() -> None:
    calibration = fit(0)
    assert KnownCalibration.from_json(calibration.to_json()) == calibration
    with pytest.raises(ValueError, match="no calibration"):
        KnownCalibration.from_json({"weights": {}})
    with pytest.raises(ValueError, match="negative"):
        KnownCalibration((-1.0, 0.0, 0.0, 0.0), 0.0, 0.05, 0.5)
    with pytest.raises(ValueError, match="with and without"):
        fit_known(np.zeros((3, 4)), np.ones(3, np.bool_))
