"""Cross-correlation finds the offsets at which two episodes agree, and no others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.match.correlation import (
    choose_size,
    compute_spectra,
    find_offsets,
)
from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures, Rows


def random_rows(seed: int, count: int, dimension: int = 12) -> Rows:
    """Return unrelated rows of unit length."""
    values = np.random.default_rng(seed).normal(0, 1, (count, dimension)).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return Rows(values, np.ones(count, np.bool_))


def plant(rows: Rows, shared: Rows, at: int) -> Rows:
    """Return rows with others in their place from one row on."""
    values = rows.values.copy()
    values[at : at + len(shared)] = shared.values
    return Rows(values, rows.is_known)


def episode(sound: Rows | None, pictures: Rows | None) -> EpisodeFeatures:
    count = len(sound or pictures or ())
    return EpisodeFeatures(
        "one", 1.0, count * HOP, sound, pictures, None, 0.032, np.zeros(0, np.float64)
    )


def offsets_of(first: EpisodeFeatures, second: EpisodeFeatures) -> list[int]:
    size = choose_size(max(len(first), len(second)))
    return find_offsets(compute_spectra(first, size), compute_spectra(second, size))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    rows=st.tuples(st.integers(500, 900), st.integers(500, 900)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    modality=st.sampled_from(["sound", "pictures"]),
)
def test_a_planted_part_is_the_best_offset(
    seed: int, rows: tuple[int, int], shares: tuple[float, float], modality: str
) -> None:
    shared = random_rows(seed, 160)
    places = [round(share * (count - 160)) for share, count in zip(shares, rows, strict=True)]
    made = [
        plant(random_rows(seed + by, count), shared, place)
        for by, (count, place) in enumerate(zip(rows, places, strict=True), 1)
    ]
    pair = [episode(one, None) if modality == "sound" else episode(None, one) for one in made]
    assert offsets_of(*pair)[0] == places[1] - places[0]


def test_offsets_of_both_modalities_and_of_two_parts_are_found() -> None:
    song, scene, card = random_rows(1, 200), random_rows(2, 200), random_rows(3, 200)
    first = episode(
        plant(plant(random_rows(4, 1500), song, 100), scene, 900),
        plant(random_rows(5, 1500), card, 400),
    )
    second = episode(
        plant(plant(random_rows(6, 1500), song, 333), scene, 1200),
        plant(random_rows(7, 1500), card, 50),
    )
    assert {233, 300, -350} <= set(offsets_of(first, second))


def test_unrelated_episodes_and_empty_ones_have_no_offset() -> None:
    assert (
        offsets_of(episode(random_rows(1, 2000), None), episode(random_rows(2, 2000), None)) == []
    )
    hush = Rows(np.zeros((2000, 12), np.float32), np.zeros(2000, np.bool_))
    assert offsets_of(episode(hush, hush), episode(hush, hush)) == []
    assert offsets_of(episode(None, hush), episode(hush, None)) == []


@given(rows=st.integers(1, 40_000))
def test_the_transform_holds_two_episodes_and_wastes_little(rows: int) -> None:
    size = choose_size(rows)
    assert 2 * rows <= size <= max(48, 2.7 * rows)
    for factor in (3, 3, 5, 5):
        size = size // factor if size % factor == 0 else size
    assert size & (size - 1) == 0


def test_spectra_say_which_episode_they_are_of() -> None:
    spectra = compute_spectra(episode(random_rows(1, 100), None), 256)
    assert (spectra.size, spectra.rows, spectra.pictures) == (256, 100, None)
    assert spectra.sound is not None
    assert spectra.sound.shape == (129, 12)
    assert spectra.sound.dtype == np.complex64


@pytest.mark.parametrize("count", [1, 2, 3])
def test_episodes_of_few_rows(count: int) -> None:
    one = episode(random_rows(1, count), random_rows(2, count))
    assert all(-count <= offset < count for offset in offsets_of(one, one))
