"""What media players and trainings read."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sample_videos import write_film
from theme_seasons import make_segment

from whenanime_pipeline.core.media.chapters import read_chapters
from whenanime_pipeline.core.media.video import Video
from whenanime_pipeline.core.themes.chapter_segments import list_chapter_themes
from whenanime_pipeline.core.themes.export.chapters_xml import format_chapters
from whenanime_pipeline.core.themes.export.edl import format_edl
from whenanime_pipeline.core.themes.export.episode import ExportedEpisode, select_skippable
from whenanime_pipeline.core.themes.export.jellyfin import format_segments
from whenanime_pipeline.core.themes.export.labels_json import format_labels
from whenanime_pipeline.core.themes.segments import SKIPPABLE

DURATION = 1440.0
SEGMENTS = (
    make_segment("recap", 0.0, 20.0),
    make_segment("opening", 80.0, 169.52, template="T1", is_first=True),
    make_segment("sponsor", 169.52, 174.52),
    make_segment("eyecatch", 700.0, 706.0),
    make_segment("ending", 1280.0, 1370.0, template="T2"),
    make_segment("preview", 1400.0, 1430.0, confidence="likely"),
)
SURE = select_skippable(SEGMENTS, SKIPPABLE)


def names(text: str) -> list[str]:
    return re.findall("<ChapterString>(.*)</ChapterString>", text)


def test_only_what_is_certain_is_skipped() -> None:
    assert [one.type for one in SURE] == ["recap", "opening", "sponsor", "ending"]
    assert [one.type for one in select_skippable(SEGMENTS, ["ending", "preview"])] == ["ending"]
    played = select_skippable(SEGMENTS, SKIPPABLE, keep_first=True)
    assert [one.type for one in played] == ["recap", "sponsor", "ending"]
    never = [replace(one, never_skip=True) for one in SEGMENTS]
    assert select_skippable(never, SKIPPABLE) == []


def test_kodi_reads_tabs_action_three_and_a_margin() -> None:
    assert format_edl(SURE).splitlines() == [
        "0.200\t19.800\t3",
        "80.200\t169.320\t3",
        "169.720\t174.320\t3",
        "1280.200\t1369.800\t3",
    ]
    assert format_edl([make_segment("sponsor", 5.0, 5.5)]) == ""


def test_chapters_have_names_that_players_know() -> None:
    text = format_chapters(SURE, DURATION)
    assert names(text) == [
        "Recap", "Prologue", "Opening", "Sponsor", "Part A", "Ending", "Part B",
    ]  # fmt: skip
    assert "Intro" not in text
    assert "<ChapterTimeStart>00:02:49.520000000</ChapterTimeStart>" in text
    assert names(format_chapters([], 60.0)) == ["Part A"]
    assert names(format_chapters(SURE[1:2], 169.54)) == ["Prologue", "Opening"]
    many = [make_segment("sponsor", at, at + 1) for at in range(1, 100, 2)]
    assert names(format_chapters(many, 101.0))[52:56:2] == ["Part 27", "Part 28"]


@pytest.mark.skipif(shutil.which("mkvmerge") is None, reason="mkvmerge is not installed")
def test_mkvmerge_takes_the_chapters_and_they_are_recognised(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", seed=1, seconds=6)
    segments = [make_segment("opening", 1.0, 2.5), make_segment("ending", 4.0, 5.25)]
    chapters = tmp_path / "film.chapters.xml"
    chapters.write_text(format_chapters(segments, 6.0), encoding="utf-8")
    made = tmp_path / "film.mkv"
    done = subprocess.run(
        ["mkvmerge", "-o", made, "--chapters", chapters, film],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Warning" not in done.stdout
    with Video(made) as video:
        found = read_chapters(video)
    assert [(one.start, one.end, one.title) for one in found] == [
        (0.0, 1.0, "Prologue"),
        (1.0, 2.5, "Opening"),
        (2.5, 4.0, "Part A"),
        (4.0, 5.25, "Ending"),
        (5.25, 6.0, "Part B"),
    ]
    assert [one.type for _, one in list_chapter_themes(found)] == ["opening", "ending"]


def test_jellyfin_counts_ticks() -> None:
    document = json.loads(format_segments(SURE))
    assert document["TotalRecordCount"] == 4
    assert document["Items"][1] == {
        "Type": "Intro", "StartTicks": 800_000_000, "EndTicks": 1_695_200_000,
    }  # fmt: skip
    assert [one["Type"] for one in document["Items"]] == ["Recap", "Intro", "Commercial", "Outro"]


def test_labels_are_in_the_form_that_trainings_read() -> None:
    episodes = [
        ExportedEpisode("Show/S01E01", "Show/喜 01.mkv", DURATION, SEGMENTS),
        ExportedEpisode("Show/S01E02", "Show/02.mkv", DURATION, SEGMENTS[4:]),
    ]
    first, second = json.loads(format_labels(episodes)).values()
    assert (first["url"], first["name"]) == ("Show/喜 01.mkv", "喜 01.mkv")
    assert (first["start"], first["end"]) == ("0:01:20", "0:02:50")
    assert first["themes"][1] == {"type": "opening", "start": 80.0, "end": 169.52}
    assert "preview" not in {one["type"] for one in first["themes"]}
    assert "start" not in second
    assert second["themes"] == [{"type": "ending", "start": 1280.0, "end": 1370.0}]
