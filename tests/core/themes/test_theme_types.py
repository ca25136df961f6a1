"""A part's type goes by its length, its place and by how many episodes show it."""

import pytest

from whenanime_pipeline.core.themes.season.consensus import PICTURES, SOUND
from whenanime_pipeline.core.themes.season.parts import PartSpan, SharedPart
from whenanime_pipeline.core.themes.segments import SegmentType
from whenanime_pipeline.core.themes.types import (
    find_place_type,
    find_template_type,
    find_type_when_repeated,
)

BOTH = SOUND | PICTURES
LONG = [1440.0 + 5 * (episode % 3) for episode in range(12)]
"""Durations of a season of usual episodes."""


def make_part(
    starts: dict[int, float] | list[tuple[int, float]],
    seconds: float,
    state: int = BOTH,
    *,
    is_static: bool = False,
) -> SharedPart:
    places = sorted(starts.items() if isinstance(starts, dict) else starts)
    spans = tuple(
        PartSpan(
            episode,
            start,
            start + seconds,
            partners=3,
            sound=0.9,
            pictures=0.9,
            shift=start,
        )
        for episode, start in places
    )
    return SharedPart(0.0, seconds, state, is_static, spans)


def everywhere(start: float, step: float = 0.0) -> dict[int, float]:
    return {episode: start + step * episode for episode in range(12)}


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (make_part(everywhere(0.0), 90), "opening"),
        (make_part(everywhere(30.0, 40), 90), "opening"),
        (make_part(everywhere(1310.0), 90), "ending"),
        (make_part(everywhere(1200.0, 7), 90), "ending"),
        (make_part(everywhere(20.0), 20), "opening"),
        (make_part({1: 100.0, 2: 160.0, 3: 90.0}, 90), "opening"),
        (make_part({2: 640.0, 6: 900.0, 11: 300.0}, 45), "repeated"),
        (make_part(everywhere(60.0), 300), "repeated"),
        (make_part(everywhere(700.0), 5), "eyecatch"),
        (make_part(everywhere(700.0), 16), "repeated"),
        (make_part({2: 640.0, 6: 900.0}, 5), "repeated"),
        (make_part(everywhere(120.0), 10, is_static=True), "sponsor"),
        (make_part(everywhere(1310.0), 90, SOUND), "ending"),
        (make_part(everywhere(60.0), 90, PICTURES), "opening"),
        (make_part(everywhere(300.0, 61), 90, SOUND), "repeated"),
        (make_part(everywhere(300.0, 61), 25, SOUND), None),
        (make_part(everywhere(300.0), 10, SOUND), None),
        (make_part({2: 640.0, 6: 900.0}, 90, SOUND), None),
    ],
)
def test_types_of_parts(part: SharedPart, kind: SegmentType | None) -> None:
    assert find_template_type(part, LONG) == kind


@pytest.mark.parametrize(
    ("start", "kind"),
    [(0, "opening"), (240, "opening"), (620, "opening"), (710, "ending"), (1350, "ending")],
)
def test_types_by_place(start: float, kind: SegmentType) -> None:
    span = make_part({0: start}, 90).spans[0]
    assert find_place_type(span, 1440) == kind


def test_the_middle_of_a_short_episode_is_no_place_of_a_theme() -> None:
    assert find_place_type(make_part({0: 95.0}, 15).spans[0], 200) == "repeated"


def test_themes_of_files_with_two_stories() -> None:
    twice = [(episode, start) for episode in range(6) for start in (0.0, 720.0)]
    assert find_type_when_repeated(make_part(twice, 30), LONG[:6]) == "opening"
    twice = [(episode, start) for episode in range(6) for start in (680.0, 1400.0)]
    assert find_type_when_repeated(make_part(twice, 30), LONG[:6]) == "ending"
    assert find_template_type(make_part(twice, 30), LONG[:6]) == "ending"


def test_a_theme_that_one_file_shows_twice_is_no_theme_of_two_stories() -> None:
    part = make_part([*((episode, 60.0) for episode in range(12)), (4, 1340.0)], 90)
    assert find_type_when_repeated(part, LONG) is None
    assert find_template_type(part, LONG) == "opening"
