"""Templates keep their ids while a season grows, and their first appearance is marked."""

from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.segments import Evidence, SeasonThemes, Segment, SegmentType
from whenanime_pipeline.core.themes.templates import collect_templates

Placed = tuple[int | None, Segment]


def segment(kind: SegmentType, start: float, seconds: float = 90.0) -> Segment:
    evidence = Evidence(("pictures", "sound"), 5, 0.9, 0.9)
    return Segment(kind, start, start + seconds, 0.1, 0.1, "certain", evidence)


def make_season(count: int, parts: tuple[int, int] = (0, 1)) -> dict[str, list[Placed]]:
    """Return episodes with an opening and an ending, which are parts with some numbers."""
    return {
        f"episode-{number}": [
            (parts[0], segment("opening", 20.0 + number)),
            (None, segment("recap", 200.0, 30)),
            (parts[1], segment("ending", 1300.0 - number)),
        ]
        for number in range(count)
    }


def test_templates_gather_their_members_in_order() -> None:
    themes = collect_templates("hash", make_season(3), None)
    assert themes.inputs == "hash"
    assert [one.type for one in themes.templates] == ["opening", "ending"]
    assert [one.fingerprint for one in themes.templates[0].members] == [
        "episode-0",
        "episode-1",
        "episode-2",
    ]
    assert themes.templates[0].seconds == 90
    assert len({one.id for one in themes.templates}) == 2
    for segments in themes.episodes.values():
        assert [one.template for one in segments] == [
            themes.templates[0].id,
            None,
            themes.templates[1].id,
        ]


def test_the_first_appearance_is_marked_once() -> None:
    themes = collect_templates("", make_season(3), None)
    marks = [[one.is_first for one in segments] for segments in themes.episodes.values()]
    assert marks == [[True, False, True], [False] * 3, [False] * 3]


def test_of_two_appearances_in_one_episode_the_first_is_marked() -> None:
    twice = [(0, segment("opening", 10.0)), (0, segment("opening", 700.0))]
    themes = collect_templates("", {"one": twice, "two": [(0, segment("opening", 5.0))]}, None)
    assert [one.is_first for one in themes.episodes["one"]] == [True, False]
    assert [one.is_first for one in themes.episodes["two"]] == [False]


@given(counts=st.lists(st.integers(2, 14), min_size=2, max_size=5), swapped=st.booleans())
def test_ids_stay_while_a_season_grows_or_shrinks(counts: list[int], swapped: bool) -> None:
    known: SeasonThemes | None = None
    ids: list[list[str]] = []
    for turn, count in enumerate(counts):
        parts = (1, 0) if swapped and turn % 2 else (0, 1)
        known = collect_templates("", make_season(count, parts), known)
        ids.append([one.id for one in sorted(known.templates, key=lambda one: one.type)])
    assert all(one == ids[0] for one in ids)


def test_an_earlier_episode_that_comes_later_changes_no_id() -> None:
    season = make_season(5)
    late = {name: segments for name, segments in season.items() if name != "episode-0"}
    known = collect_templates("", late, None)
    assert [one.id for one in collect_templates("", season, known).templates] == [
        one.id for one in known.templates
    ]


def test_two_templates_that_claim_one_id_get_two() -> None:
    known = collect_templates("", make_season(6), None)
    divided: dict[str, list[Placed]] = {
        name: [
            (0 if number < 4 else 5, placed) if part == 0 else (part, placed)
            for part, placed in segments
        ]
        for number, (name, segments) in enumerate(make_season(6).items())
    }
    themes = collect_templates("", divided, known)
    assert len({one.id for one in themes.templates}) == 3
    bigger = next(one for one in themes.templates if one.type == "opening")
    assert bigger.id == known.templates[0].id


def test_another_theme_at_the_same_place_of_other_episodes_is_a_new_template() -> None:
    known = collect_templates("", make_season(2), None)
    other: dict[str, list[Placed]] = {"other-1": [(0, segment("opening", 20.0))]}
    themes = collect_templates("", other, known)
    assert themes.templates[0].id not in {one.id for one in known.templates}


def test_a_template_has_the_type_of_most_of_its_members() -> None:
    season: dict[str, list[Placed]] = {
        "one": [(0, segment("ending", 1300))],
        "two": [(0, segment("opening", 30))],
        "three": [(0, segment("opening", 30))],
    }
    assert collect_templates("", season, None).templates[0].type == "opening"


def test_no_episodes_have_no_templates() -> None:
    assert collect_templates("h", {}, None) == SeasonThemes("h", (), {})
