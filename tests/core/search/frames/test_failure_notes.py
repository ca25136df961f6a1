"""Failure notes are written, read back, and listed for the files of the catalogue."""

import json
from pathlib import Path

import pytest

from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue, save_catalogue
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.media.errors import MediaMessage, SystemMessage
from whenanime_pipeline.core.messages import Message
from whenanime_pipeline.core.search.frames.failure_notes import (
    FailedFile,
    FailureReader,
    read_failure,
    write_failure,
)

REASON = MediaMessage.NOT_A_VIDEO(why=SystemMessage.INVALID_DATA())


def catalogue_of(**paths: str) -> Catalogue:
    """Return a catalogue of files by their fingerprints."""
    name, info = EpisodeName("Show"), SeriesInfo("Show")
    files = paths.items()
    return Catalogue(tuple(Episode(key, path, key, 1, 1, name, info) for key, path in files))


def test_a_failure_note_keeps_the_code_and_the_text(tmp_path: Path) -> None:
    note = tmp_path / "a.failed.json"
    assert read_failure(note) is None
    write_failure(note, REASON)
    assert read_failure(note) == REASON
    stored = json.loads(note.read_text(encoding="utf-8"))
    # What earlier builds read of it.
    assert stored["reason"] == REASON.text


def test_failure_notes_of_earlier_builds_are_read_as_text(tmp_path: Path) -> None:
    note = tmp_path / "a.failed.json"
    write_failure(note, REASON)
    stored = json.loads(note.read_text(encoding="utf-8"))
    write_json(note, {name: stored[name] for name in ("reason", "version")})
    assert read_failure(note) == Message(REASON.text)
    write_json(note, stored | {"version": "0.0.0"})
    assert read_failure(note) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"version": "%s"}'])
def test_a_damaged_note_is_refused(tmp_path: Path, text: str) -> None:
    note = tmp_path / "a.failed.json"
    write_failure(note, REASON)
    version = json.loads(note.read_text(encoding="utf-8"))["version"]
    note.write_text(text.replace("%s", version))
    with pytest.raises(ValueError, match=r"."):
        read_failure(note)


def test_failures_are_listed_without_those_of_indexed_and_unknown_files(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    reader = FailureReader(home)
    assert reader.list_failures(()) == []
    catalogue = catalogue_of(a="Show/b.mkv", b="Show/a.mkv", c="Show/c.mkv", d="Show/d.mkv")
    save_catalogue(catalogue, home.catalogue_file)
    for fingerprint in "abcde":
        write_failure(home.failure_file("sampling", fingerprint), REASON)
    older = home.failure_file("sampling", "d")
    write_json(older, json.loads(older.read_text(encoding="utf-8")) | {"version": "0.0.0"})
    assert reader.list_failures({"c"}) == [
        FailedFile("Show/a.mkv", REASON),
        FailedFile("Show/b.mkv", REASON),
    ]
    home.failure_file("sampling", "b").write_text("{")
    write_failure(home.failure_file("another", "d"), Message("cut short"))
    assert reader.list_failures({"c"}) == [
        FailedFile("Show/b.mkv", REASON),
        FailedFile("Show/d.mkv", Message("cut short")),
    ]


def test_failures_follow_the_catalogue(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_failure(home.failure_file("sampling", "a"), REASON)
    reader = FailureReader(home)
    for path in ("Show/old.mkv", "Show/new.mkv"):
        save_catalogue(catalogue_of(a=path), home.catalogue_file)
        assert reader.list_failures(()) == [FailedFile(path, REASON)]
    home.catalogue_file.write_text("[]")
    assert reader.list_failures(()) == []
    save_catalogue(catalogue_of(a="Show/old.mkv"), home.catalogue_file)
    assert reader.list_failures(()) == [FailedFile("Show/old.mkv", REASON)]


def test_an_unchanged_catalogue_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    save_catalogue(catalogue_of(a="Show/a.mkv"), home.catalogue_file)
    reader = FailureReader(home)
    assert reader.list_failures(()) == []

    def refuse(self: Path) -> bytes:
        raise AssertionError(f"{self} is read again")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert reader.list_failures(()) == []
