"""Scans and fingerprints of files on a real disk, and the problems reported."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.support.disc_files import write_playlist
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import FingerprintError, LibraryError, Problem
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.library.scan import scan_folder


def write_files(folder: Path, *paths: str, content: bytes = b"video") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def scan_paths(folder: Path) -> list[str]:
    return [file.path for file in scan_folder(folder).files]


@contextmanager
def drop_root() -> Iterator[None]:
    """Run as another user than root, whom permissions do not restrict."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike the one of pytest."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_scan_finds_only_videos(tmp_path: Path) -> None:
    wanted = ["1.mp4", "2.MKV", "a/3.avi", "a/b/4.webm", "5.Mov", "6.TS", "7.m4v", "第1集.mp4"]
    write_files(tmp_path, *wanted)
    write_files(
        tmp_path, "x.txt", "mp4", ".hidden.mp4", ".git/1.mp4", "@eaDir/1.mp4", "#recycle/1.mp4"
    )
    write_files(tmp_path, "x.part.mp4", "x.mp4.part", "y.partial.mkv", "._1.mp4", "x.srt")
    assert scan_paths(tmp_path) == sorted(wanted)


def test_films_in_other_containers_are_named_with_the_reason(tmp_path: Path) -> None:
    write_files(tmp_path, "a/1.iso", "a/2.WTV", "3.m2v", "4.dvr-ms", "5.mxf", "ok.mpg")
    write_files(tmp_path, ".6.iso", "7.part.mxf", "8.txt", "9.iso.part")
    scan = scan_folder(tmp_path)
    assert [file.path for file in scan.files] == ["ok.mpg"]
    assert [one.path for one in scan.unread] == ["3.m2v", "4.dvr-ms", "5.mxf", "a/1.iso", "a/2.WTV"]
    assert all("not read" in one.reason and ".mkv" in one.reason for one in scan.unread)
    assert (scan.problems, scan.inaccessible) == ((), ())


def test_discs_without_a_title_are_named_with_the_reason(tmp_path: Path) -> None:
    write_files(tmp_path, "Film/BDMV/STREAM/00001.m2ts", "Old/VIDEO_TS/VTS_01_1.VOB", "x/1.vob")
    write_files(tmp_path, "HD/HVDVD_TS/FEATURE_1.EVO")
    scan = scan_folder(tmp_path)
    assert [file.path for file in scan.files] == ["x/1.vob"]
    assert [one.path for one in scan.unread] == ["Film/BDMV", "HD/HVDVD_TS", "Old/VIDEO_TS"]
    assert "it has no folder PLAYLIST" in scan.unread[0].reason
    assert "it has no playlist" in scan.unread[2].reason
    assert all("MakeMKV" in one.reason for one in scan.unread)


def test_titles_of_discs_are_the_files_that_stand_for_them(tmp_path: Path) -> None:
    clips = [f"Show/Disc 1/BDMV/STREAM/0000{number}.m2ts" for number in range(1, 5)]
    write_files(tmp_path, *clips, content=b"12345")
    playlists = tmp_path / "Show/Disc 1/BDMV/PLAYLIST"
    write_playlist(playlists / "00001.mpls", [("00001", 0, 1400)])
    write_playlist(playlists / "00002.mpls", [("00002", 0, 1400)])
    write_playlist(playlists / "00003.mpls", [("00003", 0, 90)])
    write_playlist(playlists / "00100.mpls", [("00001", 0, 1400), ("00002", 0, 1400)])
    (tmp_path / "link").symlink_to(tmp_path / "Show/Disc 1/BDMV")
    scan = scan_folder(tmp_path)
    assert [(file.path, file.size) for file in scan.files] == [(clips[0], 5), (clips[1], 5)]
    assert (scan.unread, scan.problems) == ((), ())
    scan = scan_folder(tmp_path, ["00002.m2ts"])
    assert [file.path for file in scan.files] == [clips[0]]
    write_playlist(playlists / "00002.mpls", [("00004", 0, 1400)])
    write_playlist(playlists / "00100.mpls", [("00001", 0, 1400), ("00004", 0, 1400)])
    assert [file.path for file in scan_folder(tmp_path).files] == [clips[0], clips[3]]


def test_scan_reads_size_and_time(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp4", content=b"12345")
    os.utime(tmp_path / "a.mp4", ns=(1, 1_700_000_000_123_456_789))
    assert scan_folder(tmp_path).files == (FileState("a.mp4", 5, 1_700_000_000_123_456_789),)


def test_scan_lists_nfo_files(tmp_path: Path) -> None:
    write_files(tmp_path, "tvshow.nfo", "Show/tvshow.NFO", "Show/1.mp4")
    assert scan_folder(tmp_path).nfos == ("Show/tvshow.NFO", "tvshow.nfo")


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    write_files(tmp_path, "lib/z/1.mp4")
    write_files(tmp_path, "elsewhere/2.mp4")
    library = tmp_path / "lib"
    (library / "z" / "up").symlink_to(library)
    (library / "a").symlink_to(library / "z")
    (library / "other").symlink_to(tmp_path / "elsewhere")
    assert scan_paths(library) == ["other/2.mp4", "z/1.mp4"]
    assert scan_folder(library).problems == ()


def test_broken_links_are_problems_and_inaccessible(tmp_path: Path) -> None:
    (tmp_path / "nas").symlink_to("/nowhere/at/all")
    (tmp_path / "1.mp4").symlink_to("/nowhere/1.mp4")
    (tmp_path / "loop").symlink_to("loop")
    scan = scan_folder(tmp_path)
    assert scan.inaccessible == ("1.mp4", "loop", "nas")
    assert scan.problems[0] == Problem(
        "1.mp4", "this link points nowhere; mount its disk or remove it"
    )


def test_unreadable_folder_is_a_problem(open_folder: Path) -> None:
    write_files(open_folder, "open/1.mp4", "closed/2.mp4")
    (open_folder / "closed").chmod(0)
    with drop_root():
        scan = scan_folder(open_folder)
    assert [file.path for file in scan.files] == ["open/1.mp4"]
    assert scan.inaccessible == ("closed",)
    assert "Permission denied" in str(scan.problems[0])


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no such folder"):
        scan_folder(tmp_path / "videos")


def test_file_as_folder_is_an_error(tmp_path: Path) -> None:
    write_files(tmp_path, "1.mp4")
    with pytest.raises(LibraryError, match="is not a folder"):
        scan_folder(tmp_path / "1.mp4")


def test_unreadable_videos_folder_is_an_error(open_folder: Path) -> None:
    (open_folder / "closed").mkdir(mode=0)
    with drop_root(), pytest.raises(LibraryError, match="Permission denied"):
        scan_folder(open_folder / "closed")


def test_special_files_and_invalid_names_are_problems(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / os.fsdecode(b"\xff.mp4")).write_bytes(b"x")
    scan = scan_folder(tmp_path)
    assert scan.files == ()
    assert [str(problem) for problem in scan.problems] == [
        "pipe.mp4: is not a file; replace it by a video",
        "\\udcff.mp4: its name is not valid UTF-8; rename it",
    ]


def test_problem_is_printed_on_one_line() -> None:
    assert str(Problem("a\nb.mp4", "is empty")) == "a\\nb.mp4: is empty"


def scan_state(folder: Path, path: str) -> FileState:
    (state,) = [file for file in scan_folder(folder).files if file.path == path]
    return state


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 245_760, 245_761, 5_000_000])
def test_fingerprint_depends_on_the_content_only(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    write_files(tmp_path, "1.mp4", "b/2.mkv", content=content)
    write_files(tmp_path, "longer.mp4", content=content + b"\0")
    one = fingerprint_file(tmp_path, scan_state(tmp_path, "1.mp4"))
    assert one is not None
    assert len(one) == 32
    assert fingerprint_file(tmp_path, scan_state(tmp_path, "b/2.mkv")) == one
    assert fingerprint_file(tmp_path, scan_state(tmp_path, "longer.mp4")) != one


@pytest.mark.parametrize("start", [0, 1_000_000, 2_499_999])
def test_zeroed_stretch_changes_the_fingerprint(tmp_path: Path, start: int) -> None:
    content = bytearray(os.urandom(2_500_000))
    content[-1] |= 1  # one stretch is this byte alone
    write_files(tmp_path, "1.mp4", content=bytes(content))
    stretch = content[start : start + 200_000]
    content[start : start + 200_000] = bytes(len(stretch))
    write_files(tmp_path, "2.mp4", content=bytes(content))
    one, two = (fingerprint_file(tmp_path, scan_state(tmp_path, f"{n}.mp4")) for n in (1, 2))
    assert one != two


def test_file_changed_after_the_scan_has_no_fingerprint(tmp_path: Path) -> None:
    write_files(tmp_path, "1.mp4")
    before = scan_state(tmp_path, "1.mp4")
    write_files(tmp_path, "1.mp4", content=b"more video")
    assert fingerprint_file(tmp_path, before) is None


def test_error_names_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(FingerprintError, match=r"gone\.mp4: cannot be read \(No such file"):
        fingerprint_file(tmp_path, FileState("gone.mp4", 1, 1))
