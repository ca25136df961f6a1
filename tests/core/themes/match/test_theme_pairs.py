"""Two episodes are matched in sound and in pictures, and short pictures are found too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.match.correlation import choose_size, compute_spectra
from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures, Rows
from whenanime_pipeline.core.themes.match.pairs import SharedRun, match_episodes
from whenanime_pipeline.core.themes.match.picture_repeats import find_repeated_pictures


def make_rows(seed: int, count: int, hold: int) -> Rows:
    """Return unrelated rows, each standing for some rows."""
    values = np.random.default_rng(seed).normal(0, 1, (count // hold + 1, 24))
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    held = np.repeat(values, hold, 0)[:count].astype(np.float32)
    return Rows(held, np.ones(count, np.bool_))


def make_episode(seed: int, parts: dict[str, list[tuple[int, Rows]]]) -> EpisodeFeatures:
    """Return an episode of 1,600 rows that shows shared rows from some row on."""
    rows = {}
    for modality, hold, salt in (("sound", 1, 0), ("pictures", 20, 1)):
        own = make_rows(2 * seed + salt, 1600, hold)
        for at, shared in parts.get(modality, []):
            own.values[at : at + len(shared)] = shared.values
        rows[modality] = own
    return EpisodeFeatures(
        str(seed), 1.0, 200.0, rows["sound"], rows["pictures"], None, 0.032, np.zeros(0)
    )


def match(first: EpisodeFeatures, second: EpisodeFeatures) -> list[SharedRun]:
    size = choose_size(1600)
    return match_episodes(
        first, second, compute_spectra(first, size), compute_spectra(second, size)
    )


@settings(max_examples=10)
@given(places=st.tuples(st.integers(0, 1300), st.integers(0, 1300)), seed=st.integers(10, 10**5))
def test_what_both_show_is_found_in_both_modalities(places: tuple[int, int], seed: int) -> None:
    song, film = make_rows(1, 240, 1), make_rows(2, 240, 20)
    one, other = (
        make_episode(seed + by, {"sound": [(at, song)], "pictures": [(at, film)]})
        for by, at in enumerate(places)
    )
    runs = match(one, other)
    assert {run.modality for run in runs} == {"sound", "pictures"}
    for run in runs:
        near = 0.04 if run.modality == "sound" else HOP
        assert run.offset == pytest.approx((places[1] - places[0]) * HOP, abs=near)
        assert run.start == pytest.approx(places[0] * HOP, abs=0.6)
        assert run.end == pytest.approx((places[0] + 240) * HOP, abs=0.6)
        assert run.likeness > 0.95


def test_pictures_of_a_few_seconds_are_found() -> None:
    card = make_rows(2, 40, 20)
    one = make_episode(10, {"pictures": [(300, card)]})
    other = make_episode(20, {"pictures": [(1111, card)]})
    (run,) = match(one, other)
    assert run.modality == "pictures"
    assert run.offset == pytest.approx(811 * HOP, abs=0.6)
    size = choose_size(1600)
    spectra = [compute_spectra(each, size) for each in (one, other)]
    assert match_episodes(one, other, *spectra, with_repeats=False) == []


def test_repeated_pictures_are_rows_and_offsets() -> None:
    card = make_rows(2, 40, 40)
    first, second = make_rows(3, 400, 20), make_rows(4, 600, 20)
    first.values[104:144] = card.values
    second.values[300:340] = card.values
    found = find_repeated_pictures(first, second)
    assert found
    assert all(104 <= row < 144 and 300 <= row + offset < 340 for row, offset in found)
    assert find_repeated_pictures(make_rows(5, 400, 20), make_rows(6, 600, 20)) == []
    assert find_repeated_pictures(make_rows(5, 8, 1), second) == []


def test_unrelated_episodes_share_nothing() -> None:
    assert match(make_episode(10, {}), make_episode(20, {})) == []
