"""Chapters as files have them, and what their titles say."""

from pathlib import Path

import pytest
from sample_videos import set_chapters, write_film

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.media.probe import probe_video


def parts(path: Path) -> list[tuple[float, float, str]]:
    """Return a file's chapters; Matroska says where it ends in whole milliseconds."""
    found = probe_video(path).chapters
    return [(round(one.start, 2), round(one.end, 2), one.title) for one in found]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_chapters_are_read_in_order_of_time(tmp_path: Path, suffix: str) -> None:
    path = set_chapters(
        write_film(tmp_path / f"a{suffix}", seed=0, seconds=4),
        [(0, 0.5, "Prologue"), (0.5, 2, "片头曲"), (2, 4, "<b>Part A</b>")],
    )
    assert parts(path) == [(0, 0.5, "Prologue"), (0.5, 2, "片头曲"), (2, 4, "<b>Part A</b>")]


def test_what_reaches_beyond_the_file_is_cut_and_what_lies_beyond_is_left(tmp_path: Path) -> None:
    path = set_chapters(
        write_film(tmp_path / "a.mkv", seed=0, seconds=3),
        [(0, 2, "x" * 1000), (2, 900, "Ending"), (900, 1000, "Preview")],
    )
    assert parts(path) == [(0, 2, "x" * 200), (2, 3, "Ending")]


def test_a_file_without_chapters_has_none(tmp_path: Path) -> None:
    assert probe_video(write_film(tmp_path / "a.mp4", seed=0)).chapters == ()


@pytest.mark.parametrize(
    ("title", "theme"),
    [
        ("OP", "opening"),
        ("op_2", "opening"),
        ("Opening Credits", "opening"),
        ("Intro", "opening"),
        ("OP1: Again", "opening"),
        ("オープニングテーマ", "opening"),
        ("片頭", "opening"),
        ("ED", "ending"),
        ("Ending (OP ver.)", "ending"),
        ("Credits", "ending"),
        ("第一话 片尾曲", "ending"),
        ("Opening End", None),
        ("Operation", None),
        ("Edward and the closed door", None),
        ("Part A", None),
        ("Chapter 01", None),
        ("", None),
    ],
)
def test_titles_say_what_is_an_opening_or_an_ending(title: str, theme: str | None) -> None:
    assert Chapter(0, 90, title).theme_kind == theme
