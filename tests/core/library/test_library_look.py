"""The whole look at a real folder, the wait until it is steady, and the stored catalogue."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from whenanime_pipeline.core.library.catalogue import (
    SCHEMA_VERSION,
    Catalogue,
    load_catalogue,
    save_catalogue,
)
from whenanime_pipeline.core.library.change_detection import (
    detect_changes,
    detect_settled_changes,
    dump_unsettled,
    load_unsettled,
)
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import CatalogueError, LibraryError


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    for path, content in {
        "24_决战次时代/01-怪石现世.mp4": b"one",
        "Show/Season 01/Show - S01E02.mkv": b"two",
        "Akira (1988).mkv": b"three",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def no_wait(seconds: float) -> None:
    """Nobody writes during these tests."""


def indexed(folder: Path) -> Catalogue:
    known = Catalogue()
    return known.apply(detect_settled_changes(folder, known, sleep=no_wait))


def test_a_folder_becomes_a_catalogue(videos: Path) -> None:
    known = indexed(videos)
    assert [(e.path, e.name.series) for e in known.episodes] == [
        ("Akira (1988).mkv", "Akira"),
        ("Show/Season 01/Show - S01E02.mkv", "Show"),
        ("24_决战次时代/01-怪石现世.mp4", "videos"),
    ]
    assert known.folder == str(videos)
    again = detect_changes(videos, known, None)
    assert not again.has_changes
    assert known.apply(again) == known


def test_it_waits_for_what_is_being_copied(videos: Path) -> None:
    growing = videos / "Show/Season 01/Show - S01E03.mkv"
    known = indexed(videos)
    growing.write_bytes(b"1")
    waits: list[list[str]] = []

    def grow(seconds: float) -> None:
        assert seconds == 2.0
        if len(waits) < 3:
            with growing.open("ab") as file:
                file.write(b"more")

    def note(files: Sequence[FileState]) -> None:
        waits.append([file.path for file in files])

    found = detect_settled_changes(videos, known, on_wait=note, sleep=grow)
    assert waits == [["Show/Season 01/Show - S01E03.mkv"]] * 3
    assert [(e.key, e.size) for e in found.new] == [("Show/S01E03", 9)]


def test_nothing_new_needs_no_wait(videos: Path) -> None:
    known = indexed(videos)

    def never(seconds: float) -> None:
        pytest.fail("waited for nothing")

    assert not detect_settled_changes(videos, known, sleep=never).has_changes


def test_a_renamed_file_is_followed_at_once(videos: Path) -> None:
    known = indexed(videos)
    (videos / "Akira (1988).mkv").rename(videos / "AKIRA.1988.mkv")
    found = detect_changes(videos, known, None)
    (change,) = found.renamed
    assert change.old.fingerprint == change.new.fingerprint
    assert not found.copying


def test_pending_survives_as_text(videos: Path) -> None:
    first = detect_changes(videos, Catalogue(), None)
    assert len(first.unsettled) == 3
    second = detect_changes(videos, Catalogue(), load_unsettled(dump_unsettled(first.unsettled)))
    assert len(second.new) == 3
    assert load_unsettled(None) is None


def test_a_configured_title_renames_without_computing(videos: Path) -> None:
    known = indexed(videos)
    found = detect_changes(videos, known, None, "喜羊羊")
    (change,) = found.renamed
    assert (change.old.name.series, change.new.name.series) == ("videos", "喜羊羊")
    assert change.old.fingerprint == change.new.fingerprint
    assert not detect_changes(videos, known.apply(found), None, "喜羊羊").has_changes


def test_a_new_nfo_gives_titles_to_what_is_there(videos: Path) -> None:
    known = indexed(videos)
    nfo = "<tvshow><title>The Show</title><uniqueid type='anilist'>7</uniqueid></tvshow>"
    (videos / "Show" / "tvshow.nfo").write_text(nfo, encoding="utf-8")
    (change,) = detect_changes(videos, known, None).retitled
    assert (change.new.info.title, change.new.info.anilist) == ("The Show", 7)


def test_a_broken_nfo_only_warns(videos: Path) -> None:
    (videos / "Show" / "tvshow.nfo").write_text("<tvshow>", encoding="utf-8")
    found = detect_settled_changes(videos, Catalogue(), sleep=no_wait)
    assert len(found.new) == 3
    assert found.problems == ()
    assert [warning.path for warning in found.warnings] == ["Show/tvshow.nfo"]


def test_an_emptied_folder_empties_the_catalogue(videos: Path) -> None:
    known = indexed(videos)
    for path in videos.rglob("*.m*"):
        path.unlink()
    assert len(detect_changes(videos, known, None).deleted) == 3


def test_an_empty_mount_point_is_an_error(videos: Path) -> None:
    known = indexed(videos)
    for path in videos.rglob("*.m*"):
        path.unlink()
    assert known.device is not None
    elsewhere = replace(known, device=known.device + 1)
    with pytest.raises(LibraryError, match="mount that disk again"):
        detect_changes(videos, elsewhere, None)


def test_a_lost_link_keeps_what_lay_behind_it(videos: Path, tmp_path: Path) -> None:
    (videos / "Show").rename(tmp_path / "nas")
    (videos / "Show").symlink_to(tmp_path / "nas")
    known = indexed(videos)
    assert len(known.episodes) == 3
    (tmp_path / "nas").rename(tmp_path / "unplugged")
    found = detect_changes(videos, known, None)
    assert not found.has_changes
    assert [problem.path for problem in found.problems] == ["Show"]


def test_an_empty_file_is_a_problem_with_a_reason(videos: Path) -> None:
    (videos / "Akira (1988).mkv").write_bytes(b"")
    found = detect_settled_changes(videos, Catalogue(), sleep=no_wait)
    assert [str(problem) for problem in found.problems] == [
        "Akira (1988).mkv: is empty (0 bytes); replace it by the video or delete it"
    ]
    assert len(found.new) == 2


def test_the_catalogue_is_stored_as_it_is(videos: Path, tmp_path: Path) -> None:
    (videos / "Akira.1988.mkv").write_bytes(b"another")
    known = indexed(videos)
    assert known.claims
    path = tmp_path / "home" / "catalogue.json"
    save_catalogue(known, path)
    assert load_catalogue(path) == known
    assert list(path.parent.iterdir()) == [path]


def test_no_catalogue_is_an_empty_one(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path / "catalogue.json") == Catalogue()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps({"schema": SCHEMA_VERSION + 1, "catalogue": {}}), "newer WhenAnime"),
        ("{", "damaged"),
        ("[]", "damaged"),
        (json.dumps({"schema": SCHEMA_VERSION}), "damaged"),
        (
            json.dumps({"schema": SCHEMA_VERSION, "catalogue": {"episodes": [{"key": 1}]}}),
            "damaged",
        ),
    ],
)
def test_a_catalogue_that_cannot_be_used_says_why(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=words) as caught:
        load_catalogue(path)
    assert str(path) in str(caught.value)


def test_a_failed_save_leaves_the_old_one(videos: Path, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.mkdir()
    with pytest.raises(CatalogueError, match="cannot be written"):
        save_catalogue(indexed(videos), path)
    assert sorted(tmp_path.iterdir()) == [path, videos]
