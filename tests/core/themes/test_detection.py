"""Openings and endings of composed seasons are found, each at its place, and no story with them."""

from dataclasses import replace
from statistics import mean

import pytest
from composed_tracks import (
    Composed,
    Film,
    Music,
    Piece,
    Talk,
    compose,
    story,
    theme,
)
from season_checks import all_certain, check, find, segments_of

from whenanime_pipeline.core.media.chapters import Chapter

OPENING = theme("opening", 1, 30.07)
ENDING = theme("ending", 2, 31.21)


def usual_episode(number: int, cold: float = 17.0, last: float = 6.0) -> list[Piece]:
    """Return a cold open, the opening, story, the ending, and a last scene."""
    return [
        story(number, cold + 0.37 * number),
        OPENING,
        story(number + 100, 60.3 + 4.71 * number),
        ENDING,
        story(number + 200, last + 0.83 * number),
    ]


@pytest.fixture(scope="module")
def usual() -> list[Composed]:
    return [compose(number, usual_episode(number)) for number in range(1, 6)]


def test_themes_of_a_usual_season(usual: list[Composed]) -> None:
    themes = find(usual)
    check(themes, usual)
    assert all_certain(themes, ("opening", "ending"))
    assert [template.type for template in themes.templates] == ["opening", "ending"]
    assert themes.templates[0].seconds == pytest.approx(30.07, abs=0.1)
    for one in usual:
        is_first = one is usual[0]
        assert [segment.is_first for segment in segments_of(themes, one)] == [is_first, is_first]


def test_the_order_of_the_episodes_makes_no_difference(usual: list[Composed]) -> None:
    straight, shuffled = find(usual), find([usual[place] for place in (3, 0, 4, 2, 1)])
    assert shuffled == straight


def test_an_opening_at_the_very_beginning_starts_at_zero() -> None:
    season = [
        compose(number, [OPENING, story(number, 70 + 3.3 * number), ENDING, story(number + 50, 9)])
        for number in range(1, 6)
    ]
    themes = find(season)
    check(themes, season)
    assert all(segments_of(themes, one)[0].start == 0 for one in season)


def test_an_ending_at_the_very_end_lasts_to_the_end() -> None:
    season = [
        compose(number, [story(number, 5.1 * number), OPENING, story(number + 50, 80), ENDING])
        for number in range(1, 6)
    ]
    themes = find(season)
    check(themes, season)
    assert all(segments_of(themes, one)[-1].end == one.tracks.duration for one in season)


def test_cold_opens_of_all_lengths_stay_story() -> None:
    lengths = (0.0, 3.2, 21.9, 57.4, 80.3)
    season = [
        compose(
            number,
            [
                *([story(number, cold)] if cold else []),
                OPENING,
                story(number + 50, 150 - cold / 2),
                ENDING,
                story(number + 100, 7.7),
            ],
        )
        for number, cold in enumerate(lengths, 1)
    ]
    check(find(season), season)


def test_a_season_with_two_openings_has_two_templates() -> None:
    second = theme("opening", 3, 29.53)
    season = [
        compose(
            number,
            [
                story(number, 9 + 1.9 * number),
                OPENING if number <= 4 else second,
                story(number + 50, 75 + number),
                ENDING,
                story(number + 100, 5.9),
            ],
        )
        for number in range(1, 9)
    ]
    themes = find(season)
    check(themes, season)
    openings = [segments_of(themes, one)[0] for one in season]
    assert len({one.template for one in openings[:4]}) == 1
    assert len({one.template for one in openings}) == 2
    assert [one.is_first for one in openings] == [True, *[False] * 3, True, *[False] * 3]


def test_an_opening_that_the_first_and_the_last_episode_lack() -> None:
    season = [
        compose(
            number,
            [
                story(number, 12 + 2.3 * number),
                *([OPENING] if 1 < number < 6 else []),
                story(number + 50, 75 + number),
                ENDING,
                story(number + 100, 5.9),
            ],
        )
        for number in range(1, 7)
    ]
    check(find(season), season)


def test_the_song_of_the_opening_as_ending_of_the_first_episode() -> None:
    season = [
        compose(
            1, [story(1, 96.4), replace(OPENING, type="ending", film=Film(909)), story(101, 9.4)]
        ),
        *(compose(number, usual_episode(number)) for number in range(2, 7)),
    ]
    themes = find(season)
    check(themes, season)
    ending = segments_of(themes, season[0])[0]
    opening = segments_of(themes, season[1])[0]
    assert ending.template == opening.template
    assert next(one for one in themes.templates if one.id == opening.template).type == "opening"


def test_the_opening_with_its_pictures_as_ending_of_the_first_episode() -> None:
    season = [
        compose(1, [story(1, 96.4), replace(OPENING, type="ending"), story(101, 9.4)]),
        *(compose(number, usual_episode(number)) for number in range(2, 7)),
    ]
    check(find(season), season)


def test_the_same_pictures_with_another_song_each_time() -> None:
    season = []
    for number in range(1, 6):
        pieces = usual_episode(number)
        pieces[1] = replace(pieces[1], sounds=((Music(500 + number), 0.0),))
        season.append(compose(number, pieces))
    themes = find(season)
    check(themes, season)
    for one in season:
        evidence = segments_of(themes, one)[0].evidence
        assert evidence.sound is None
        assert evidence.pictures is not None


def test_the_same_song_with_other_pictures_each_time() -> None:
    season = []
    for number in range(1, 6):
        pieces = usual_episode(number)
        pieces[3] = replace(pieces[3], film=Film(700 + number))
        season.append(compose(number, pieces))
    themes = find(season)
    check(themes, season)
    for one in season:
        evidence = segments_of(themes, one)[1].evidence
        assert evidence.sound is not None
        assert evidence.pictures is None


def test_an_ending_over_other_pictures_that_the_jingle_of_the_preview_follows() -> None:
    jingle = Music(640)
    song = Music(641)
    season = [
        compose(
            number,
            [
                story(number, 8 + 2.9 * number),
                OPENING,
                story(number + 50, 66 + 3.1 * number),
                Piece(33.3, ((song, 0.0),), Film(800 + number), type="ending"),
                Piece(15.0, ((jingle, 0.0),), Film(900 + number), type="preview"),
            ],
        )
        for number in range(1, 7)
    ]
    check(find(season), season)


def make_season_with_scenes(ending: Piece) -> list[Composed]:
    """Return a season with scenes after the credits, and in two episodes between them too."""
    half = 0.55 * ending.seconds
    season = []
    for number in range(1, 7):
        scene = story(number + 300, 6.2 + number / 3)
        pieces = [story(number, 8 + 2.9 * number), OPENING, story(number + 50, 66 + 3.1 * number)]
        is_divided = number in (2, 5)
        pieces += [ending.cut(0, half), scene, ending.cut(half)] if is_divided else [ending]
        season.append(compose(number, [*pieces, story(number + 100, 3.4 * number)]))
    return season


def test_scenes_after_and_between_the_credits_stay_story() -> None:
    season = make_season_with_scenes(theme("ending", 2, 45.4))
    check(find(season), season)


def test_a_scene_between_halves_of_an_ending_that_are_short() -> None:
    season = make_season_with_scenes(ENDING)
    check(find(season), season)


def test_talk_over_the_opening_and_credits_with_other_names() -> None:
    season = []
    for number in range(1, 7):
        pieces = usual_episode(number)
        pieces[1] = replace(pieces[1].over(Talk(4000 + number, -31.0)), lettering=0.35)
        pieces[3] = replace(pieces[3], lettering=0.35)
        season.append(compose(number, pieces))
    themes = find(season)
    check(themes, season)
    assert all_certain(themes, ("opening", "ending"))


def test_files_that_begin_inside_the_opening_or_end_inside_the_ending() -> None:
    season = [
        compose(number, [OPENING, story(number, 70 + 3.3 * number), ENDING, story(number + 9, 8)])
        for number in range(1, 5)
    ]
    season.append(compose(5, [OPENING.cut(11.3), story(5, 77), ENDING, story(14, 8.3)]))
    season.append(compose(6, [OPENING, story(6, 84), ENDING.cut(0, 20.7)]))
    themes = find(season)
    check(themes, season)


def test_a_gag_within_the_opening_that_differs_each_time() -> None:
    season = []
    for number in range(1, 7):
        pieces = usual_episode(number)
        gag = replace(story(number + 400, 4.1), type="opening")
        pieces[1:2] = [OPENING.cut(0, 21.3), gag, OPENING.cut(21.3)]
        season.append(compose(number, pieces))
    check(find(season), season)


def test_two_stories_a_file_have_two_openings_and_two_endings() -> None:
    opening, ending = theme("opening", 11, 20.3), theme("ending", 12, 19.4)
    season = [
        compose(
            number,
            [
                opening,
                story(number, 60 + 2.2 * number),
                ending,
                opening,
                story(number + 50, 63 - 1.7 * number),
                ending,
            ],
        )
        for number in range(1, 6)
    ]
    themes = find(season)
    check(themes, season)
    assert len(themes.templates) == 2


def test_two_episodes_show_what_they_share() -> None:
    season = [compose(number, usual_episode(number)) for number in (1, 2)]
    check(find(season), season)


def test_ids_stay_while_a_season_is_broadcast() -> None:
    season = [compose(number, usual_episode(number)) for number in range(1, 6)]
    themes = find(season[:2])
    ids = {one.id for one in themes.templates}
    for count in (3, 4, 5):
        themes = find(season[:count], themes)
        check(themes, season[:count])
        assert {one.id for one in themes.templates} == ids


def test_a_chapter_that_disagrees_lowers_the_confidence() -> None:
    season = [compose(number, usual_episode(number)) for number in range(1, 5)]
    start, end = season[0].truth[0][1:]
    agreeing = [Chapter(start - 0.4, end + 0.4, "Opening")]
    season[0] = compose(1, usual_episode(1), chapters=agreeing)
    start, end = season[1].truth[0][1:]
    season[1] = compose(2, usual_episode(2), chapters=[Chapter(start - 40, end + 9, "Opening")])
    themes = find(season)
    check(themes, season)
    first, second = (segments_of(themes, one)[0] for one in season[:2])
    assert first.confidence == "certain"
    assert "chapter" in first.evidence.witnesses
    assert second.confidence == "likely"


def test_bounds_at_fractions_of_a_row_have_no_bias(usual: list[Composed]) -> None:
    themes = find(usual)
    errors = [
        (segment.start - start, segment.end - end)
        for one in usual
        for segment, (_, start, end) in zip(segments_of(themes, one), one.truth, strict=True)
    ]
    assert abs(mean(start for start, _ in errors)) < 0.06
    assert abs(mean(end for _, end in errors)) < 0.06
