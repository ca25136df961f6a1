"""Versions of an episode differ in tags, version marks and folders of quality alone."""

import pytest

from whenanime_pipeline.core.library.naming.versions import describe_version

SAME = [
    ("[G] Show - 01 (1080p) [ABCD1234].mkv", "[G] Show - 01v2 (720p) [ABCD1235].mkv"),
    ("Show/1080p/Show - S01E01.mkv", "Show/720p/Show - S01E01.mkv"),
    ("Show/Show - S01E01.mkv", "Show/Plex Versions/Optimized for TV/Show - S01E01.mkv"),
    ("Show/Season 01/Show - S01E01.mkv", "Show/Plex Versions/Show - S01E01.mkv"),
    ("Show - S01E01 - 720p.mkv", "Show - S01E01 - 1080p.mkv"),
    ("[G][Show][01][1080P].mp4", "[G][Show][01v2][720P].mp4"),
    ("Show 第01話.mkv", "Show 第01話v2.mkv"),
]
OTHER = [
    ("Show - S01E01 - Pilot.mkv", "Show - S01E01 - Return.mkv"),
    ("Show - 01.mkv", "Show - 02.mkv"),
    ("[G] Show [予告01].mkv", "[G] Show [次回予告01].mkv"),
    ("Show A/01.mkv", "Show B/01.mkv"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_versions_have_one_core(one: str, other: str) -> None:
    assert describe_version(one).core == describe_version(other).core


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_files_have_another_core(one: str, other: str) -> None:
    assert describe_version(one).core != describe_version(other).core


@pytest.mark.parametrize(
    ("path", "version"),
    [("Show - 01v2.mkv", 2), ("Show [01v3].mkv", 3), ("Show - 01 [v2].mkv", 2), ("Show v.mkv", 1)],
)
def test_version_mark_is_read(path: str, version: int) -> None:
    assert describe_version(path).version == version


def test_copies_of_media_servers_are_recognised() -> None:
    assert describe_version("Show/Plex Versions/Original/Show - 01.mkv").is_copy_folder
    assert not describe_version("Show/Show - 01.mkv").is_copy_folder
