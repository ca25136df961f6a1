"""`.ignore` files and configured patterns leave files out, and every one of them is counted.

Jellyfin documents both forms of `.ignore`: an empty file for a whole folder, and since 10.11 lines
as in a `.gitignore`.
"""

import os
from pathlib import Path

import pytest

from whenanime_pipeline.core.library.scan import FolderScan, scan_folder
from whenanime_pipeline.core.settings import SettingsError, load_settings

FILES = (
    "Series (2010)/Season 01/1.mkv",
    "Series (2010)/Season 03/1.mkv",
    "Series (2010)/Season 03/Extras/2.mkv",
    "Series (2010)/specials/3.mkv",
    "Series (2010)/sample.mkv",
    "Series (2010)/4.avi",
)


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"video")
    (tmp_path / "Series (2010)/tvshow.nfo").touch()
    return tmp_path


def left_out(scan: FolderScan) -> list[str]:
    paths = {file.path for file in scan.files}
    missing = [path for path in FILES if path not in paths]
    assert scan.left_out == len(missing)
    return missing


@pytest.mark.parametrize("text", ["", "\n  \n", "*", "**\n"])
def test_empty_file_leaves_out_its_folder_and_below(videos: Path, text: str) -> None:
    (videos / "Series (2010)/Season 03/.ignore").write_text(text)
    assert left_out(scan_folder(videos)) == [FILES[1], FILES[2]]


def test_lines_are_patterns_as_in_a_gitignore(videos: Path) -> None:
    text = "\ufeff# not these\n*.avi\r\nsample.mkv\nspecials/\n"
    (videos / "Series (2010)/.ignore").write_text(text, encoding="utf-8")
    scan = scan_folder(videos)
    assert left_out(scan) == [FILES[3], FILES[4], FILES[5]]
    assert scan.nfos == ("Series (2010)/tvshow.nfo",)
    assert scan.problems == ()


def test_deeper_rules_win(videos: Path) -> None:
    (videos / ".ignore").write_text("*.avi\n*.mkv\n")
    (videos / "Series (2010)/.ignore").write_text("!*.avi\n!sample.mkv\n")
    assert left_out(scan_folder(videos)) == list(FILES[:4])


def test_slash_anchors_a_pattern_to_its_folder(videos: Path) -> None:
    (videos / "Series (2010)/.ignore").write_text("/1.mkv\n/Season 03/1.mkv\n")
    assert left_out(scan_folder(videos)) == [FILES[1]]


def test_configured_patterns_hold_below_the_videos_folder(videos: Path) -> None:
    assert left_out(scan_folder(videos, ["Season 03/", "*.avi"])) == [FILES[1], FILES[2], FILES[5]]
    (videos / "Series (2010)/.ignore").write_text("!*.avi\n")
    assert left_out(scan_folder(videos, ["Season 03/", "*.avi"])) == [FILES[1], FILES[2]]


def test_unicode_forms_of_a_name_are_one(videos: Path) -> None:
    (videos / "カ\u3099").mkdir()
    (videos / "カ\u3099/1.mkv").write_bytes(b"video")
    assert scan_folder(videos, ["ガ/"]).left_out == 1


def test_line_that_is_no_pattern_is_said_and_the_others_hold(videos: Path) -> None:
    (videos / "Series (2010)/.ignore").write_text("!\n*.avi\n")
    scan = scan_folder(videos)
    assert left_out(scan) == [FILES[5]]
    assert [str(warning) for warning in scan.warnings] == [
        "Series (2010)/.ignore: these lines are no patterns and do nothing: !"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_rules_keep_the_folder_as_it_was_known(videos: Path) -> None:
    (videos / "Series (2010)/Season 03/.ignore").touch(mode=0)
    scan = scan_folder(videos)
    assert scan.inaccessible == ("Series (2010)/Season 03",)


def test_links_are_not_counted_twice(videos: Path) -> None:
    (videos / "link").symlink_to(videos / "Series (2010)/Season 03")
    (videos / "Series (2010)/Season 03/.ignore").touch()
    assert scan_folder(videos).left_out == 2
    assert scan_folder(videos, ["link"]).left_out == 2


def test_configured_pattern_that_is_none_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[library]\nignore = ["*.avi", "!"]\n')
    with pytest.raises(SettingsError, match=r"library\.ignore: .*'!'"):
        load_settings(config)
    config.write_text('[library]\nignore = ["*.avi"]\n')
    assert load_settings(config).library.ignore == ("*.avi",)
