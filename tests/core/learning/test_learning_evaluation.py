import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.learning import evaluation
from whenanime_pipeline.core.learning.evaluation import (
    TOP_KS,
    RetrievalMetrics,
    bootstrap_mrr_difference,
    bootstrap_scores,
    compute_ranks,
    compute_scores,
    evaluate_retrieval,
)
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[Vectors, Vectors]:
    """Queries and a gallery of few directions, so that there are many ties."""
    count, more = draw(st.integers(1, 40)), draw(st.integers(0, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.integers(1, 3))
    return (
        normalise_rows(rng.integers(-steps, steps + 1, (count, 3)).astype(np.float32)),
        normalise_rows(rng.integers(-steps, steps + 1, (count + more, 3)).astype(np.float32)),
    )


def _places(queries: Vectors, gallery: Vectors) -> list[int]:
    """Sort the gallery for each query, the positive after all ties."""
    found = []
    for row, query in enumerate(queries.astype(np.float64)):
        cosines = gallery.astype(np.float64) @ query
        order = sorted(range(len(gallery)), key=lambda n: (-round(cosines[n], 5), n == row))
        nothing = len(gallery) > 1 and len({round(cosine, 5) for cosine in cosines}) == 1
        found.append(max(21, len(gallery)) if nothing else order.index(row) + 1)
    return found


@given(_pairs())
def test_ranks_and_scores_are_those_of_sorting(pair: tuple[Vectors, Vectors]) -> None:
    queries, gallery = pair
    places = _places(queries, gallery)
    found = compute_ranks(queries, gallery)
    assert found.tolist() == places
    said = compute_scores(found)
    for cut in TOP_KS:
        share = sum(place <= cut for place in places) / len(places)
        assert getattr(said, f"acc{cut}") == pytest.approx(share)
    mean = sum(1 / place if place <= 20 else 0 for place in places) / len(places)
    assert said.mrr == pytest.approx(mean)
    assert said.count == len(places)


@given(_pairs(), st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_gallerys_order(pair: tuple[Vectors, Vectors], random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    queries, gallery = pair
    order = list(range(len(gallery)))
    random.shuffle(order)
    positives = np.argsort(order)[: len(queries)]
    assert (
        compute_ranks(queries, gallery[order], positives) == compute_ranks(queries, gallery)
    ).all()


def test_many_queries_are_ranked_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    queries, gallery = (
        normalise_rows(rng.standard_normal((50, 8)).astype(np.float32)) for _ in range(2)
    )
    whole = compute_ranks(queries, gallery)
    monkeypatch.setattr(evaluation, "_CHUNK", 7 * 50)
    assert (compute_ranks(queries, gallery) == whole).all()
    assert len(set(whole.tolist())) > 10


@pytest.mark.parametrize("count", [2, 5, 20, 30])
@pytest.mark.parametrize("spoilt", [1.0, 0.0, np.nan, np.inf])
def test_a_collapsed_network_finds_nothing(spoilt: float, count: int) -> None:
    same = np.full((count, 128), spoilt, np.float32)
    vectors = same if spoilt != 1 else normalise_rows(same + np.float32(1e-8))
    for pair in ((vectors, vectors), (vectors, vectors[::-1].copy())):
        assert (
            compute_scores(compute_ranks(*pair)).acc20
            == compute_scores(compute_ranks(*pair)).mrr
            == 0
        )


def test_a_single_vector_that_is_no_number_is_not_found() -> None:
    bad = np.full((1, 4), np.nan, np.float32)
    assert compute_ranks(bad, bad).tolist() == [21]


def test_an_invalid_vector_ranks_last_and_leaves_others_unchanged() -> None:
    vectors = np.eye(30, dtype=np.float32)
    views = vectors.copy()
    views[3] = np.nan
    assert compute_ranks(views, vectors).tolist() == [1] * 3 + [30] + [1] * 26


def test_a_single_pair_finds_itself_at_every_cut() -> None:
    vector = np.array([[0.6, 0.8]], np.float32)
    said = evaluate_retrieval(vector, vector).views_to_originals
    assert said.scores == said.low == said.high
    assert (said.scores.acc1, said.scores.acc20, said.scores.mrr) == (1, 1, 1)


def test_the_directions_differ() -> None:
    # Both views lie at the first original; each original still prefers its own view or ties.
    originals = np.array([[1, 0], [0, 1]], np.float32)
    views = normalise_rows(np.array([[1, 0.1], [1, 0.2]], np.float32))
    both = evaluate_retrieval(originals, views)
    assert both.views_to_originals.scores.acc1 == 0.5
    assert both.originals_to_views.scores.acc1 == 1.0


@pytest.mark.parametrize(
    ("queries", "gallery"),
    [((2, 3), (1, 3)), ((2, 3), (2, 4)), ((2,), (2, 3))],
)
def test_what_does_not_fit_is_refused(queries: tuple[int, ...], gallery: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"cannot search|lack positives"):
        compute_ranks(np.zeros(queries, np.float32), np.zeros(gallery, np.float32))


def test_no_queries_have_no_scores() -> None:
    nothing = compute_ranks(np.zeros((0, 4), np.float32), np.zeros((5, 4), np.float32))
    with pytest.raises(ValueError, match="no queries to score"):
        compute_scores(nothing)
    with pytest.raises(ValueError, match="same queries"):
        bootstrap_mrr_difference(np.array([1]), np.array([1, 2]))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng, true = np.random.default_rng(2), 0.6
    held = 0
    for trial in range(300):
        found = np.where(rng.random(80) < true, 1, 50)
        said = bootstrap_scores(found, seed=trial)
        held += said.low.acc1 <= true <= said.high.acc1
    assert 0.91 <= held / 300 <= 0.985


def test_intervals_are_those_of_drawing_queries() -> None:
    rng = np.random.default_rng(3)
    found = rng.integers(1, 40, 200)
    said = bootstrap_scores(found, rounds=4000)
    drawn = [compute_scores(rng.choice(found, 200)).mrr for _ in range(4000)]
    expected = np.percentile(drawn, [2.5, 97.5])
    assert [said.low.mrr, said.high.mrr] == pytest.approx(expected, abs=4e-3)
    assert said == bootstrap_scores(found, rounds=4000)
    assert said != bootstrap_scores(found, rounds=4000, seed=1)


def _drawn(seed: int, share: float) -> NDArray[np.int64]:
    return np.where(np.random.default_rng(seed).random(400) < share, 1, 30)


def test_a_paired_difference_is_more_sensitive_than_two_intervals() -> None:
    old = _drawn(1, 0.5)
    new = old.copy()
    new[np.flatnonzero(old == 30)[:16]] = 1  # 4 points better, and nowhere worse
    both = bootstrap_mrr_difference(new, old)
    assert both.value == pytest.approx(0.04)
    assert both.is_significant
    assert both.low > 0
    assert bootstrap_scores(new).low.mrr < bootstrap_scores(old).high.mrr
    assert bootstrap_mrr_difference(old, new).value == pytest.approx(-0.04)
    assert bootstrap_mrr_difference(old, new).is_significant


def test_equal_models_have_no_difference() -> None:
    found = _drawn(1, 0.5)
    none = bootstrap_mrr_difference(found, found)
    assert (none.value, none.low, none.high, none.is_significant) == (0, 0, 0, False)
    assert not bootstrap_mrr_difference(_drawn(2, 0.5), found).is_significant


def test_metrics_round_trip_through_json() -> None:
    rng = np.random.default_rng(4)
    originals = normalise_rows(rng.standard_normal((60, 8)).astype(np.float32))
    views = normalise_rows(originals + 0.5 * rng.standard_normal((60, 8)).astype(np.float32))
    both = evaluate_retrieval(originals, views)
    stored = json.loads(json.dumps(both.to_json()))
    assert RetrievalMetrics.from_json(stored) == both
    assert stored["views_to_originals"]["intervals"]["mrr"][0] < stored["views_to_originals"]["mrr"]
