import pytest

from whenanime_pipeline.core.themes.metrics.seconds_grid import label_seconds, score_grid


def test_a_second_is_in_an_opening_that_it_begins_in() -> None:
    labels = label_seconds([(1.2, 3.0), (178.5, 500.0)])
    assert labels.nonzero()[0].tolist() == [2, 179]


def test_a_late_opening_and_an_episode_without_any() -> None:
    score = score_grid([([(20, 60)], [(10, 50)]), ([], [])])
    assert score.precision == 0.75
    assert score.recall == 0.75
    assert score.f1 == pytest.approx(0.75)
    assert score.strict_iou == pytest.approx(0.6)
    assert score.lenient_iou == pytest.approx(0.8)


def test_a_false_opening_costs_precision_and_its_episode() -> None:
    score = score_grid([([(0, 10)], [(0, 10)]), ([(30, 40)], [])])
    assert (score.precision, score.recall, score.lenient_iou, score.strict_iou) == (
        0.5,
        1,
        0.5,
        0.5,
    )


def test_no_opening_anywhere_is_right() -> None:
    score = score_grid([([], []), ([(190, 200)], [])])
    assert (score.f1, score.lenient_iou, score.strict_iou) == (1, 1, 1)


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="no episodes"):
        score_grid([])
