"""Changes of a real folder, the wait until it is steady, and the stored catalogue."""

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
from whenanime_pipeline.core.library.changes import VideoShape
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
    """Return at once: no file is written during these tests."""


def make_catalogue(folder: Path) -> Catalogue:
    known = Catalogue()
    return known.apply(detect_settled_changes(folder, known, sleep=no_wait))


def test_folder_is_catalogued(videos: Path) -> None:
    known = make_catalogue(videos)
    assert [(e.path, e.name.series) for e in known.episodes] == [
        ("Akira (1988).mkv", "Akira"),
        ("Show/Season 01/Show - S01E02.mkv", "Show"),
        ("24_决战次时代/01-怪石现世.mp4", "videos"),
    ]
    assert known.folder == str(videos)
    again = detect_changes(videos, known, None)
    assert not again.has_changes
    assert known.apply(again) == known


def test_files_being_copied_are_awaited(videos: Path) -> None:
    growing = videos / "Show/Season 01/Show - S01E03.mkv"
    known = make_catalogue(videos)
    growing.write_bytes(b"1")
    waits: list[list[str]] = []

    def grow(seconds: float) -> None:
        assert seconds == 2.0
        if len(waits) < 3:
            with growing.open("ab") as file:
                file.write(b"more")

    def note(files: Sequence[FileState]) -> None:
        waits.append([file.path for file in files])

    diff = detect_settled_changes(videos, known, on_wait=note, sleep=grow)
    assert waits == [["Show/Season 01/Show - S01E03.mkv"]] * 3
    assert [(e.key, e.size) for e in diff.new] == [("Show/S01E03", 9)]


def test_unchanged_folder_needs_no_wait(videos: Path) -> None:
    known = make_catalogue(videos)

    def never(seconds: float) -> None:
        pytest.fail("waited for nothing")

    assert not detect_settled_changes(videos, known, sleep=never).has_changes


def test_renamed_file_is_recognised_in_the_first_scan(videos: Path) -> None:
    known = make_catalogue(videos)
    (videos / "Akira (1988).mkv").rename(videos / "AKIRA.1988.mkv")
    diff = detect_changes(videos, known, None)
    (change,) = diff.renamed
    assert change.old.fingerprint == change.new.fingerprint
    assert not diff.copying


def test_unsettled_files_round_trip_as_text(videos: Path) -> None:
    first = detect_changes(videos, Catalogue(), None)
    assert len(first.unsettled) == 3
    second = detect_changes(videos, Catalogue(), load_unsettled(dump_unsettled(first.unsettled)))
    assert len(second.new) == 3
    assert load_unsettled(None) is None


def test_configured_title_renames_without_new_content(videos: Path) -> None:
    known = make_catalogue(videos)
    diff = detect_changes(videos, known, None, "喜羊羊")
    (change,) = diff.renamed
    assert (change.old.name.series, change.new.name.series) == ("videos", "喜羊羊")
    assert change.old.fingerprint == change.new.fingerprint
    assert not detect_changes(videos, known.apply(diff), None, "喜羊羊").has_changes


def test_new_nfo_retitles_known_episodes(videos: Path) -> None:
    known = make_catalogue(videos)
    nfo = "<tvshow><title>The Show</title><uniqueid type='anilist'>7</uniqueid></tvshow>"
    (videos / "Show" / "tvshow.nfo").write_text(nfo, encoding="utf-8")
    (change,) = detect_changes(videos, known, None).retitled
    assert (change.new.info.title, change.new.info.anilist) == ("The Show", 7)


def test_broken_nfo_is_a_warning(videos: Path) -> None:
    (videos / "Show" / "tvshow.nfo").write_text("<tvshow>", encoding="utf-8")
    diff = detect_settled_changes(videos, Catalogue(), sleep=no_wait)
    assert len(diff.new) == 3
    assert diff.problems == ()
    assert [warning.path for warning in diff.warnings] == ["Show/tvshow.nfo"]


def test_emptied_folder_deletes_all_episodes(videos: Path) -> None:
    known = make_catalogue(videos)
    for path in videos.rglob("*.m*"):
        path.unlink()
    assert len(detect_changes(videos, known, None).deleted) == 3


def test_empty_mount_point_is_an_error(videos: Path) -> None:
    known = make_catalogue(videos)
    for path in videos.rglob("*.m*"):
        path.unlink()
    assert known.device is not None
    other_device = replace(known, device=known.device + 1)
    with pytest.raises(LibraryError, match="mount that disk again"):
        detect_changes(videos, other_device, None)


def test_broken_link_keeps_the_episodes_below_it(videos: Path, tmp_path: Path) -> None:
    (videos / "Show").rename(tmp_path / "nas")
    (videos / "Show").symlink_to(tmp_path / "nas")
    known = make_catalogue(videos)
    assert len(known.episodes) == 3
    (tmp_path / "nas").rename(tmp_path / "unplugged")
    diff = detect_changes(videos, known, None)
    assert not diff.has_changes
    assert [problem.path for problem in diff.problems] == ["Show"]


def test_empty_file_is_a_problem_with_a_reason(videos: Path) -> None:
    (videos / "Akira (1988).mkv").write_bytes(b"")
    diff = detect_settled_changes(videos, Catalogue(), sleep=no_wait)
    assert [str(problem) for problem in diff.problems] == [
        "Akira (1988).mkv: is empty (0 bytes); replace it by the video or delete it"
    ]
    assert len(diff.new) == 2


def test_catalogue_round_trips_through_its_file(videos: Path, tmp_path: Path) -> None:
    (videos / "Akira.1988.mkv").write_bytes(b"another")
    (videos / "Akira (1988) [720p].mkv").write_bytes(b"three")
    known = make_catalogue(videos)
    assert known.claims
    assert known.namesakes
    known = replace(
        known,
        former_keys={"Old/E01": known.episodes[0].key},
        shapes={known.episodes[0].fingerprint: VideoShape(4.0, 180)},
    )
    path = tmp_path / "home" / "catalogue.json"
    save_catalogue(known, path)
    assert load_catalogue(path) == known
    assert list(path.parent.iterdir()) == [path]


def test_missing_catalogue_file_yields_an_empty_catalogue(tmp_path: Path) -> None:
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
def test_unusable_catalogue_raises_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=words) as caught:
        load_catalogue(path)
    assert str(path) in str(caught.value)


def test_failed_save_leaves_no_partial_file(videos: Path, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.mkdir()
    with pytest.raises(CatalogueError, match="cannot be written"):
        save_catalogue(make_catalogue(videos), path)
    assert sorted(tmp_path.iterdir()) == [path, videos]
