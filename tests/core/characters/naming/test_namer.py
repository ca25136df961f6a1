import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.characters.naming.gallery import Gallery
from whenanime_pipeline.core.characters.naming.known_calibration import KnownCalibration
from whenanime_pipeline.core.characters.naming.logistic_head import fit_head
from whenanime_pipeline.core.characters.naming.namer import CANDIDATES, Namer
from whenanime_pipeline.core.characters.naming.nearest_faces import NO_SCORE, score_names
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows

CALIBRATION = KnownCalibration((20.0, 10.0, 0.5, 0.5), -16.0, 0.05, 0.5)
NAMES = ("Aoi", "花子", "مريم", "<b>Ren</b>", "../../x", "Mei", "Sora")


def make_faces(
    labels: list[int], seed: int = 0, *, noise: float = 0.05, dimension: int = 64
) -> Vectors:
    """Return unit vectors of faces around a direction for each label."""
    centres = np.random.default_rng(99).normal(0, 1, (len(NAMES), dimension))
    moved = np.random.default_rng(seed).normal(0, noise, (len(labels), dimension))
    unit = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    return normalise_rows((unit[labels] + moved).astype(np.float32))


def make_namer(labels: list[int], seed: int = 0) -> Namer:
    return Namer(Gallery(make_faces(labels, seed), np.array(labels), NAMES), CALIBRATION)


def sides(count: int) -> np.ndarray:
    return np.full(count, 60.0)


def test_score_is_the_mean_of_the_two_most_similar_faces() -> None:
    vectors = np.eye(4, dtype=np.float32)
    gallery = Gallery(vectors[[0, 1, 2, 3]], np.array([0, 0, 0, 1]), ("a", "b", "c"))
    query = np.array([[0.8, 0.6, 0.0, 0.0]], np.float32)
    assert score_names(query, gallery)[0] == pytest.approx([0.7, 0.0, NO_SCORE])


@pytest.mark.parametrize("labels_each", [1, 3, 12])
def test_clear_faces_get_their_name_with_few_and_with_many_labels(labels_each: int) -> None:
    namer = make_namer([label for label in range(7) for _ in range(labels_each)])
    assert (namer.head is None) == (labels_each < 8)
    answers = namer.name_picture(make_faces(list(range(7)), 5, noise=0.03), sides(7))
    assert [answer.name for answer in answers] == list(NAMES)
    assert all(answer.candidates[0].name == answer.name for answer in answers)


def test_face_far_from_all_is_unknown() -> None:
    namer = make_namer([0, 0, 1, 1, 2, 2])
    far = -make_faces([0], 3)
    answer = namer.name_picture(far, sides(1))[0]
    assert answer.name is None
    assert answer.unknown > 0.9


def test_empty_gallery_and_empty_picture() -> None:
    empty = Namer(Gallery(np.empty((0, 64), np.float32), np.empty(0, np.int64), ()), CALIBRATION)
    answer = empty.name_picture(make_faces([0]), sides(1))[0]
    assert (answer.name, answer.candidates, answer.unknown) == (None, (), 1.0)
    assert make_namer([0, 1]).name_picture(np.empty((0, 64), np.float32), sides(0)) == []


@given(
    labels=st.lists(st.integers(0, 6), min_size=1, max_size=30),
    queries=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    barred=st.lists(st.sets(st.sampled_from(NAMES)), min_size=5, max_size=5),
    strictness=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_rules_of_naming_hold(
    labels: list[int], queries: list[int], barred: list[set[str]], strictness: float, seed: int
) -> None:
    namer = make_namer(labels, seed)
    rejected = barred[: len(queries)]
    answers = namer.name_picture(
        make_faces(queries, seed + 1, noise=0.4), sides(len(queries)), rejected,
        strictness=strictness,
    )  # fmt: skip
    given_names = [answer.name for answer in answers if answer.name is not None]
    assert len(given_names) == len(set(given_names))
    for answer, bar in zip(answers, rejected, strict=True):
        offered = [candidate.name for candidate in answer.candidates]
        assert answer.name not in bar
        assert not set(offered) & bar
        assert len(offered) == min(CANDIDATES, len(set(NAMES) - bar))
        chances = [candidate.probability for candidate in answer.candidates]
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) + answer.unknown <= 1 + 1e-9
        assert 0 <= answer.unknown <= 1


@given(seed=st.integers(0, 200), low=st.floats(0.01, 0.98), step=st.floats(0.0, 0.5))
def test_stricter_naming_names_no_more_faces(seed: int, low: float, step: float) -> None:
    namer = make_namer([0, 1, 2, 3, 4, 5, 6] * 2, seed)
    faces = make_faces([0, 1, 2], seed + 1, noise=0.5)
    loose = namer.name_picture(faces, sides(3), strictness=low)
    strict = namer.name_picture(faces, sides(3), strictness=min(1.0, low + step))
    assert sum(a.name is not None for a in strict) <= sum(a.name is not None for a in loose)


def test_rejected_name_passes_its_probability_on() -> None:
    namer = make_namer([0, 0, 1, 1])
    face = make_faces([0], 4)
    assert namer.name_picture(face, sides(1))[0].name == NAMES[0]
    answer = namer.name_picture(face, sides(1), [{NAMES[0]}])[0]
    assert NAMES[0] not in [candidate.name for candidate in answer.candidates]
    assert answer.unknown > 0.5


def test_head_separates_names_that_differ_in_few_components() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 40)
    noise = rng.normal(0, 0.6, (80, 16))
    noise[:, 0] = np.where(labels, 0.5, -0.5) + rng.normal(0, 0.1, 80)
    vectors = normalise_rows(noise.astype(np.float32))
    train = np.arange(80) % 2 == 0
    head = fit_head(Gallery(vectors[train], labels[train], ("a", "b")))
    assert head is not None
    log_probabilities = head.log_probabilities(vectors[~train])
    assert np.allclose(np.exp(log_probabilities).sum(axis=1), 1)
    assert (log_probabilities.argmax(axis=1) == labels[~train]).mean() >= 0.9


def test_head_keeps_the_odds_between_its_names_and_the_others() -> None:
    labels = [0] * 10 + [1] * 10 + [2] * 2
    namer = make_namer(labels)
    faces = make_faces([0, 1, 2], 7, noise=0.3)
    with_head, _ = namer.estimate(faces, sides(3))
    without = Namer(namer.gallery, KnownCalibration(CALIBRATION.weights, -16.0, 0.05, 0.0))
    plain, _ = without.estimate(faces, sides(3))
    assert np.allclose(with_head[:, 2:], plain[:, 2:])
    assert not np.allclose(with_head, plain)


@pytest.mark.parametrize(
    ("labels", "names"), [([0, 1], ("a",)), ([-1], ("a",)), ([0, 0], ("a", "a")), ([0], ("a", "b"))]
)
def test_gallery_refuses_parts_that_do_not_belong_together(
    labels: list[int], names: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"gallery|label"):
        Gallery(np.eye(2, dtype=np.float32), np.array(labels), names)
