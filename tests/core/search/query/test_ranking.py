"""Answers are ranked by match, pixel cost and confidence."""

from scored_answers import FixedScores, make_answer

from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.ranking import rank_verified, select_best


def _ranked(*answers: tuple[VerifiedFrame, float]) -> list[VerifiedFrame]:
    return rank_verified([answer for answer, _ in answers], FixedScores.from_scores(*answers))


def test_non_matches_are_ranked_by_confidence() -> None:
    worse, better = make_answer(0, 20, 0.1), make_answer(1, 20, 0.5)
    assert _ranked((worse, -2.0), (better, -1.0)) == [better, worse]


def test_pixel_cost_ranks_frames_of_a_shot() -> None:
    one, other = make_answer(0, 20, 0.5), make_answer(0, 70, 0.1)
    assert _ranked((one, 3.0), (other, 1.0)) == [other, one]


def test_pixel_cost_ranks_matches_across_episodes() -> None:
    """An opening that all episodes share is found by local features in one and by its embedding in
    others: the channel must not decide."""
    one, other = make_answer(0, 20, 0.5), make_answer(1, 20, 0.1)
    assert _ranked((one, 5.0), (other, 0.5)) == [other, one]


def test_matches_rank_above_non_matches() -> None:
    match, negative = make_answer(0, 20, 0.5), make_answer(1, 20, 0.0)
    assert _ranked((match, 0.0), (negative, -0.5)) == [match, negative]


def test_overlapping_segments_yield_one_answer() -> None:
    one, same = make_answer(0, 20, 0.2), make_answer(0, 22, 0.3)
    assert _ranked((one, 2.0), (same, 1.0)) == [one]


def test_an_empty_ranking_is_empty() -> None:
    assert select_best([], FixedScores({})) is None
    assert rank_verified([], FixedScores({})) == []
