"""What the walk sees on a real disk, and what it says about the rest."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import FingerprintError, LibraryError, Problem
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.library.scan import scan_folder


def put(folder: Path, *paths: str, content: bytes = b"video") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def seen(folder: Path) -> list[str]:
    return [file.path for file in scan_folder(folder).files]


@contextmanager
def no_superuser() -> Iterator[None]:
    """Permissions do not bind root: be somebody else for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_finds_videos_of_all_kinds_and_nothing_else(tmp_path: Path) -> None:
    wanted = ["1.mp4", "2.MKV", "a/3.avi", "a/b/4.webm", "5.Mov", "6.TS", "7.m4v", "第1集.mp4"]
    put(tmp_path, *wanted)
    put(tmp_path, "x.txt", "mp4", ".hidden.mp4", ".git/1.mp4", "@eaDir/1.mp4", "#recycle/1.mp4")
    put(tmp_path, "x.part.mp4", "x.mp4.part", "y.partial.mkv", "._1.mp4", "x.srt")
    assert seen(tmp_path) == sorted(wanted)


def test_tells_size_and_time(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", content=b"12345")
    os.utime(tmp_path / "a.mp4", ns=(1, 1_700_000_000_123_456_789))
    assert scan_folder(tmp_path).files == (FileState("a.mp4", 5, 1_700_000_000_123_456_789),)


def test_lists_nfo_files(tmp_path: Path) -> None:
    put(tmp_path, "tvshow.nfo", "Show/tvshow.NFO", "Show/1.mp4")
    assert scan_folder(tmp_path).nfos == ("Show/tvshow.NFO", "tvshow.nfo")


def test_follows_links_once_and_survives_loops(tmp_path: Path) -> None:
    put(tmp_path, "lib/z/1.mp4")
    put(tmp_path, "elsewhere/2.mp4")
    library = tmp_path / "lib"
    (library / "z" / "up").symlink_to(library)
    (library / "a").symlink_to(library / "z")
    (library / "other").symlink_to(tmp_path / "elsewhere")
    assert seen(library) == ["other/2.mp4", "z/1.mp4"]
    assert scan_folder(library).problems == ()


def test_lost_links_are_problems_and_blind_spots(tmp_path: Path) -> None:
    (tmp_path / "nas").symlink_to("/nowhere/at/all")
    (tmp_path / "1.mp4").symlink_to("/nowhere/1.mp4")
    (tmp_path / "loop").symlink_to("loop")
    found = scan_folder(tmp_path)
    assert found.inaccessible == ("1.mp4", "loop", "nas")
    assert found.problems[0] == Problem(
        "1.mp4", "this link points nowhere; mount its disk or remove it"
    )


def test_a_folder_that_cannot_be_read_is_told(open_folder: Path) -> None:
    put(open_folder, "open/1.mp4", "closed/2.mp4")
    (open_folder / "closed").chmod(0)
    with no_superuser():
        found = scan_folder(open_folder)
    assert [file.path for file in found.files] == ["open/1.mp4"]
    assert found.inaccessible == ("closed",)
    assert "Permission denied" in str(found.problems[0])


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no such folder"):
        scan_folder(tmp_path / "videos")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    put(tmp_path, "1.mp4")
    with pytest.raises(LibraryError, match="is not a folder"):
        scan_folder(tmp_path / "1.mp4")


def test_a_closed_root_is_an_error(open_folder: Path) -> None:
    (open_folder / "closed").mkdir(mode=0)
    with no_superuser(), pytest.raises(LibraryError, match="Permission denied"):
        scan_folder(open_folder / "closed")


def test_what_is_no_file_and_what_has_no_name_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / os.fsdecode(b"\xff.mp4")).write_bytes(b"x")
    found = scan_folder(tmp_path)
    assert found.files == ()
    assert [str(problem) for problem in found.problems] == [
        "pipe.mp4: is not a file; replace it by a video",
        "\\udcff.mp4: its name is not valid UTF-8; rename it",
    ]


def test_a_problem_is_one_line() -> None:
    assert str(Problem("a\nb.mp4", "is empty")) == "a\\nb.mp4: is empty"


def state(folder: Path, path: str) -> FileState:
    (found,) = [file for file in scan_folder(folder).files if file.path == path]
    return found


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 245_760, 245_761, 5_000_000])
def test_a_fingerprint_follows_the_content(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    put(tmp_path, "1.mp4", "b/2.mkv", content=content)
    put(tmp_path, "longer.mp4", content=content + b"\0")
    one = fingerprint_file(tmp_path, state(tmp_path, "1.mp4"))
    assert one is not None
    assert len(one) == 32
    assert fingerprint_file(tmp_path, state(tmp_path, "b/2.mkv")) == one
    assert fingerprint_file(tmp_path, state(tmp_path, "longer.mp4")) != one


@pytest.mark.parametrize("place", [0, 1_000_000, 2_499_999])
def test_head_tail_and_a_missing_stretch_count(tmp_path: Path, place: int) -> None:
    content = bytearray(os.urandom(2_500_000))
    put(tmp_path, "1.mp4", content=bytes(content))
    stretch = content[place : place + 200_000]
    content[place : place + 200_000] = bytes(len(stretch))
    put(tmp_path, "2.mp4", content=bytes(content))
    one, two = (fingerprint_file(tmp_path, state(tmp_path, f"{n}.mp4")) for n in (1, 2))
    assert one != two


def test_a_file_changed_since_it_was_seen_has_no_fingerprint(tmp_path: Path) -> None:
    put(tmp_path, "1.mp4")
    before = state(tmp_path, "1.mp4")
    put(tmp_path, "1.mp4", content=b"more video")
    assert fingerprint_file(tmp_path, before) is None


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FingerprintError, match=r"gone\.mp4: cannot be read \(No such file"):
        fingerprint_file(tmp_path, FileState("gone.mp4", 1, 1))
