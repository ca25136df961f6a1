"""The operator's word always wins over what was found."""

import pytest
from theme_seasons import make_season, make_segment

from whenanime_pipeline.core.themes.labels.application import apply_labels, apply_to_episode
from whenanime_pipeline.core.themes.labels.theme_labels import (
    NO_LABELS,
    EpisodeLabel,
    SegmentLabel,
    Span,
    TemplateLabel,
    ThemeLabels,
)
from whenanime_pipeline.core.themes.season_store import find_problem
from whenanime_pipeline.core.themes.segments import SeasonThemes

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
SEASON = make_season(
    {
        ONE: (
            make_segment("recap", 20.0, 61.0, confidence="likely"),
            make_segment("opening", 61.0, 150.0, template="T1", confidence="likely", is_first=True),
            make_segment("ending", 1200.0, 1290.0, template="T2", is_first=True),
        ),
        TWO: (make_segment("opening", 0.0, 89.0, template="T1", confidence="likely"),),
        THREE: (make_segment("ending", 1100.0, 1190.0, template="T2"),),
    }
)


def apply(
    templates: dict[str, TemplateLabel] | None = None,
    episodes: dict[str, EpisodeLabel] | None = None,
) -> SeasonThemes:
    found = apply_labels(SEASON, ThemeLabels(templates or {}, episodes or {}))
    assert find_problem(found) is None
    return found


def test_without_a_word_nothing_changes() -> None:
    assert apply_labels(SEASON, NO_LABELS) is SEASON
    elsewhere = ThemeLabels({"T9": TemplateLabel(confirmed=True)}, {"9" * 32: EpisodeLabel()})
    assert apply_labels(SEASON, elsewhere) == SEASON


def test_a_confirmed_template_is_certain_in_the_whole_season() -> None:
    found = apply({"T1": TemplateLabel(confirmed=True)})
    for content in (ONE, TWO):
        (opening,) = [one for one in found.episodes[content] if one.type == "opening"]
        assert opening.confidence == "certain"
        assert opening.is_skippable
        assert opening.evidence.witnesses == ("operator", "pictures", "sound")
        assert opening.evidence.sound == 0.97
    assert found.episodes[ONE][0] == SEASON.episodes[ONE][0]
    assert found.episodes[THREE] == SEASON.episodes[THREE]


def test_a_template_that_is_never_skipped_stays_what_it_is() -> None:
    found = apply({"T2": TemplateLabel(never_skip=True)})
    (ending,) = found.episodes[THREE]
    assert SEASON.episodes[THREE][0].is_skippable
    assert not ending.is_skippable
    assert (ending.type, ending.confidence, ending.never_skip) == ("ending", "certain", True)


def test_a_retyped_template_is_so_everywhere() -> None:
    found = apply({"T1": TemplateLabel(type="repeated")})
    assert [one.type for one in found.templates] == ["repeated", "ending"]
    assert found.episodes[TWO][0].type == "repeated"
    assert not found.episodes[TWO][0].is_skippable


def test_a_corrected_segment_keeps_its_template_and_pushes_its_neighbours() -> None:
    found = apply(episodes={ONE: EpisodeLabel((SegmentLabel("opening", 58.5, 148.5),))})
    recap, opening, ending = found.episodes[ONE]
    assert (recap.start, recap.end, recap.confidence) == (20.0, 58.5, "likely")
    assert (opening.start, opening.end, opening.start_error) == (58.5, 148.5, 0.0)
    assert (opening.template, opening.is_first, opening.confidence) == ("T1", True, "certain")
    assert "operator" in opening.evidence.witnesses
    assert ending == SEASON.episodes[ONE][2]
    assert found.templates[0].members[0].start == 58.5
    assert found.episodes[TWO] == SEASON.episodes[TWO]


def test_a_segment_can_be_set_where_nothing_was_found() -> None:
    label = EpisodeLabel((SegmentLabel("preview", 1290.0, 1320.0, never_skip=True),))
    added = apply(episodes={ONE: label}).episodes[ONE][-1]
    assert (added.type, added.start, added.end, added.template) == ("preview", 1290, 1320, None)
    assert added.evidence.witnesses == ("operator",)
    assert added.never_skip
    assert apply_to_episode((), label) == (added,)


def test_a_long_segment_replaces_all_that_it_covers() -> None:
    found = apply(episodes={ONE: EpisodeLabel((SegmentLabel("recap", 10.0, 160.0),))})
    assert [one.type for one in found.episodes[ONE]] == ["recap", "ending"]
    assert found.episodes[ONE][0].template == "T1"


def test_a_removed_first_appearance_makes_the_next_one_the_first() -> None:
    found = apply(episodes={ONE: EpisodeLabel(removed=(Span(60.0, 151.0),))})
    assert [one.type for one in found.episodes[ONE]] == ["recap", "ending"]
    assert [one.fingerprint for one in found.templates[0].members] == [TWO]
    assert found.episodes[TWO][0].is_first
    assert not SEASON.episodes[TWO][0].is_first
    assert found.episodes[ONE][1].is_first


@pytest.mark.parametrize("span", [Span(0.0, 25.0), Span(300.0, 900.0)])
def test_a_removed_stretch_elsewhere_removes_nothing(span: Span) -> None:
    assert apply(episodes={ONE: EpisodeLabel(removed=(span,))}) == SEASON


def test_set_after_removed_wins() -> None:
    label = EpisodeLabel((SegmentLabel("opening", 62.0, 150.0),), (Span(61.0, 150.0),))
    opening = apply(episodes={ONE: label}).episodes[ONE][1]
    assert (opening.start, opening.template) == (62.0, None)
