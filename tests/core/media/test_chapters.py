"""Chapters of files."""

from pathlib import Path

import pytest
from sample_videos import set_chapters, write_film

from whenanime_pipeline.core.media.probe import probe_video


def read_chapters(path: Path) -> list[tuple[float, float, str]]:
    """Return a file's chapters, rounded: Matroska stores whole milliseconds."""
    chapters = probe_video(path).chapters
    return [(round(one.start, 2), round(one.end, 2), one.title) for one in chapters]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_chapters_are_read_in_order_of_time(tmp_path: Path, suffix: str) -> None:
    path = set_chapters(
        write_film(tmp_path / f"a{suffix}", seed=0, seconds=4),
        [(0, 0.5, "Prologue"), (0.5, 2, "片头曲"), (2, 4, "<b>Part A</b>")],
    )
    assert read_chapters(path) == [
        (0, 0.5, "Prologue"),
        (0.5, 2, "片头曲"),
        (2, 4, "<b>Part A</b>"),
    ]


def test_chapters_beyond_the_end_are_cut_or_dropped(tmp_path: Path) -> None:
    path = set_chapters(
        write_film(tmp_path / "a.mkv", seed=0, seconds=3),
        [(0, 2, "x" * 1000), (2, 900, "Ending"), (900, 1000, "Preview")],
    )
    assert read_chapters(path) == [(0, 2, "x" * 200), (2, 3, "Ending")]


def test_file_without_chapters_has_none(tmp_path: Path) -> None:
    assert probe_video(write_film(tmp_path / "a.mp4", seed=0)).chapters == ()
