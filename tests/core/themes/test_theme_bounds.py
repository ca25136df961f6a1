"""Bounds are found to a fraction of a row, and lie inside in doubt."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.bounds import Side, find_bound
from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures, Rows
from whenanime_pipeline.core.themes.season.consensus import PICTURES, SOUND
from whenanime_pipeline.core.themes.season.parts import PartSpan, SharedPart

SECONDS = 105.0
FINE = 0.032
PART = (30.0, 60.0)
"""Seconds of the part's axis."""


def make_pictures(seed: int, shift: float, *, drift: float = 0.0) -> Rows:
    """Return pictures that are alike within the part, and of their own elsewhere."""
    own, shared = (np.random.default_rng(one).normal(0, 1, (400, 16)) for one in (seed, 999))
    at = (np.arange(round(SECONDS / HOP)) + 0.5) * HOP - shift
    inside = (at >= PART[0]) & (at < PART[1])
    shots = ((at - PART[0]) // 2.7).astype(np.int64)
    values = np.where(inside[:, None], shared[shots], own[shots])
    values = values + drift * np.random.default_rng(seed).normal(0, 1, values.shape)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return Rows(values.astype(np.float32), np.ones(len(values), np.bool_))


def make_fine(seed: int, shift: float) -> np.ndarray:
    """Return fine bands, likewise; what is shared is a sum of waves."""
    at = np.arange(0, SECONDS, FINE) - shift
    random = np.random.default_rng(7)
    frequencies, phases = random.uniform(0.2, 6, (6, 8)), random.uniform(0, 6, (6, 8))
    shared = np.cos(2 * np.pi * at[:, None, None] * frequencies + phases).sum(1) * 4
    own = np.random.default_rng(seed).normal(0, 8, shared.shape)
    inside = (at >= PART[0]) & (at < PART[1])
    mixed: np.ndarray = np.where(inside[:, None], shared, own).astype(np.float32)
    return mixed


def make_season(
    shifts: list[float],
    *,
    with_pictures: bool = True,
    with_sound: bool = True,
    cuts: bool = True,
    durations: dict[int, float] | None = None,
) -> list[EpisodeFeatures]:
    features = []
    for number, shift in enumerate(shifts):
        true = np.array([*PART, 41.3, 52.9]) + shift
        sampled = np.sort((np.ceil(true / HOP - 0.5) + 0.5) * HOP)
        features.append(
            EpisodeFeatures(
                f"episode-{number}",
                1.0,
                (durations or {}).get(number, SECONDS),
                None,
                make_pictures(number, shift) if with_pictures else None,
                make_fine(number, shift) if with_sound else None,
                FINE,
                sampled if cuts else np.zeros(0),
            )
        )
    return features


def make_part(shifts: list[float], rough: float = 0.0) -> SharedPart:
    """Return the part, with bounds that are off by some seconds to the inside."""
    start, end = PART[0] + rough, PART[1] - rough
    spans = tuple(
        PartSpan(
            episode,
            start + shift,
            end + shift,
            partners=len(shifts) - 1,
            sound=0.9,
            pictures=0.9,
            shift=shift,
        )
        for episode, shift in enumerate(shifts)
    )
    return SharedPart(start, end, SOUND | PICTURES, is_static=False, spans=spans)


SHIFTS = st.lists(st.floats(-20, 40), min_size=3, max_size=5)


@settings(max_examples=10)
@given(shifts=SHIFTS, rough=st.floats(-0.6, 0.6), side=st.sampled_from(["start", "end"]))
def test_a_bound_with_a_joint_cut_is_exact(shifts: list[float], rough: float, side: Side) -> None:
    bound = find_bound(make_part(shifts, rough), side, make_season(shifts))
    assert bound.second == pytest.approx(PART[side == "end"], abs=HOP)
    assert bound.is_sharp
    assert bound.error < 0.1


@settings(max_examples=10)
@given(shifts=SHIFTS, rough=st.floats(-0.6, 0.6), side=st.sampled_from(["start", "end"]))
def test_a_bound_without_cuts_is_where_sound_and_pictures_step(
    shifts: list[float], rough: float, side: Side
) -> None:
    part = make_part(shifts, rough)
    true = PART[side == "end"]
    seen = find_bound(part, side, make_season(shifts, with_sound=False, cuts=False))
    assert seen.second == pytest.approx(true, abs=0.15)
    heard = find_bound(part, side, make_season(shifts, with_pictures=False, cuts=False))
    assert heard.second == pytest.approx(true, abs=0.08)
    assert seen.is_sharp
    assert heard.is_sharp


def test_a_bound_without_any_change_lies_inside_with_doubt() -> None:
    shifts = [0.0, 3.0, 7.0]
    features = make_season(shifts, with_sound=False, with_pictures=False, cuts=False)
    start = find_bound(make_part(shifts), "start", features)
    end = find_bound(make_part(shifts), "end", features)
    assert start.second > PART[0]
    assert end.second < PART[1]
    assert not start.is_sharp
    assert not end.is_sharp
    assert min(start.error, end.error) >= 0.3


def test_files_that_end_at_the_bound_do_not_outvote_its_cut() -> None:
    shifts = [0.0, 3.05, 7.1, 11.02, 15.07]
    ending = {3: PART[1] + shifts[3], 4: PART[1] + shifts[4]}
    features = make_season(shifts, durations=ending)
    for place, one in enumerate(features):
        inner = np.array([59.7 + shifts[place]])
        kept = one.cuts[one.cuts < one.duration]
        object.__setattr__(one, "cuts", np.sort(np.concatenate([kept, inner])))
    bound = find_bound(make_part(shifts), "end", features)
    assert bound.second == pytest.approx(PART[1], abs=0.1)


def test_a_cut_that_few_have_is_no_bound() -> None:
    shifts = [0.0, 3.0, 7.0, 11.0]
    features = make_season(shifts, with_sound=False, cuts=False)
    object.__setattr__(features[0], "cuts", np.array([PART[0] - 0.3]))
    bound = find_bound(make_part(shifts), "start", features)
    assert bound.second == pytest.approx(PART[0], abs=0.15)
