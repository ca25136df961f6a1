"""Chapters add what was not found, and never overlap what was."""

from theme_seasons import make_segment

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.themes.chapter_segments import (
    add_chapters,
    find_named_by,
    list_chapter_themes,
)

CHAPTERS = (Chapter(0, 60, "A"), Chapter(60, 150, "OP"), Chapter(1200, 1290, "片尾曲"))


def test_chapters_alone_are_likely() -> None:
    opening, ending = add_chapters((), CHAPTERS)
    assert (opening.type, opening.start, opening.end) == ("opening", 60, 150)
    assert (ending.type, ending.confidence) == ("ending", "likely")
    assert not ending.is_skippable
    assert ending.evidence.witnesses == ("chapter",)


def test_what_was_found_wins_over_a_chapter() -> None:
    found = make_segment("opening", 61.5, 151.5)
    assert [one.start for one in add_chapters([found], CHAPTERS)] == [61.5, 1200]
    named = find_named_by(found, list_chapter_themes(CHAPTERS))
    assert named == CHAPTERS[1]
    assert find_named_by(make_segment("recap", 0, 50), list_chapter_themes(CHAPTERS)) is None
