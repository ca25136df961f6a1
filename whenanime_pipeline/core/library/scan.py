"""Scans the videos folder for video and NFO files, and reports unreadable paths."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import LibraryError, Problem
from whenanime_pipeline.core.library.video_names import (
    DISC_FOLDERS,
    DISC_REASON,
    explain_unread_video,
    is_video_name,
)

_SKIPPED_FOLDERS = frozenset(
    {"@eadir", "#recycle", "@recycle", "#snapshot", "$recycle.bin", "lost+found"}
    | {"system volume information", "__macosx"}
)


@dataclass(frozen=True, slots=True)
class FolderScan:
    """Result of scanning a folder.

    Attributes:
        files: Videos, sorted by path.
        nfos: Paths of NFO files relative to the folder, sorted.
        inaccessible: Paths that exist and cannot be read; catalogue entries at or below them stay
            unchanged.
        problems: Inaccessible paths with reasons.
        unread: Films in containers that are not indexed, and folders of discs, with reasons.
        device: Device number of the folder's disk.
    """

    files: tuple[FileState, ...]
    nfos: tuple[str, ...]
    inaccessible: tuple[str, ...]
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...]
    device: int


@dataclass(slots=True)
class _Walk:
    files: list[FileState] = field(default_factory=list)
    nfos: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)


def is_valid_utf8(name: str) -> bool:
    """Whether a name from the disk is valid UTF-8, so that it can be stored and shown."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_videos_folder(folder: Path) -> os.stat_result:
    """Check that a folder can be used as the videos folder.

    Args:
        folder: Videos folder.

    Returns:
        Status of the folder.

    Raises:
        LibraryError: The folder does not exist, is no folder, cannot be read, or its path cannot be
            stored.
    """
    if not is_valid_utf8(str(folder.absolute())):
        reason = "its path is not valid UTF-8; rename it, or give a link to it by a plain name"
        raise LibraryError(folder, reason)
    try:
        status = folder.stat()
        if not stat.S_ISDIR(status.st_mode):
            raise LibraryError(folder, "is not a folder; give the folder that holds the videos")
        os.scandir(folder).close()
    except FileNotFoundError as error:
        reason = "there is no such folder; create it, or mount the disk that holds it"
        raise LibraryError(folder, reason) from error
    except OSError as error:
        raise LibraryError(folder, f"cannot be read ({_describe_error(error)})") from error
    return status


def scan_folder(folder: Path) -> FolderScan:
    """Scan a folder recursively, following links and visiting each folder once.

    Args:
        folder: Videos folder.

    Raises:
        LibraryError: As for `check_videos_folder`.
    """
    walk = _Walk()
    status = check_videos_folder(folder)
    _walk_folder(walk, folder, "")
    while walk.links:  # after the real folders, so that a link never replaces the real path
        links, walk.links = sorted(walk.links), []
        for link in links:
            _walk_folder(walk, folder, link)
    return FolderScan(
        files=tuple(sorted(walk.files)),
        nfos=tuple(sorted(walk.nfos)),
        inaccessible=tuple(sorted(problem.path for problem in walk.problems)),
        problems=tuple(sorted(walk.problems)),
        unread=tuple(sorted(walk.unread)),
        device=status.st_dev,
    )


def _walk_folder(walk: _Walk, root: Path, start: str) -> None:
    waiting = [start]
    while waiting:
        below = waiting.pop()
        try:
            here = (root / below).stat()
            if (here.st_dev, here.st_ino) in walk.seen:
                continue
            walk.seen.add((here.st_dev, here.st_ino))
            with os.scandir(root / below) as entries:
                for path, entry in _list_visible_entries(entries, below):
                    if is_valid_utf8(entry.name):
                        _sort_entry(walk, path, entry, waiting)
                    elif entry.is_dir() or is_video_name(entry.name):
                        reason = "its name is not valid UTF-8; rename it"
                        walk.problems.append(Problem(path, reason))
        except OSError as error:
            reason = f"this folder cannot be read ({_describe_error(error)})"
            reason += "; what was known of it is kept"
            walk.problems.append(Problem(below or ".", reason))


def _list_visible_entries(
    entries: Iterator[os.DirEntry[str]], below: str
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    for entry in entries:
        if not entry.name.startswith(".") and entry.name.lower() not in _SKIPPED_FOLDERS:
            yield (f"{below}/{entry.name}" if below else entry.name), entry


def _sort_entry(walk: _Walk, path: str, entry: os.DirEntry[str], waiting: list[str]) -> None:
    """Add one entry to the folders to scan, files or problems."""
    try:
        if entry.is_dir() and entry.name.lower() in DISC_FOLDERS:
            walk.unread.append(Problem(path, DISC_REASON))
        elif entry.is_dir():
            (walk.links if entry.is_symlink() else waiting).append(path)
        elif entry.name.lower().endswith(".nfo"):
            walk.nfos.append(path)
        elif is_video_name(entry.name):
            _add_video(walk, path, entry.stat())
        elif reason := explain_unread_video(entry.name):
            walk.unread.append(Problem(path, reason))
        elif entry.is_symlink():
            entry.stat()  # a broken link may have led to a folder of videos
    except FileNotFoundError:
        if entry.is_symlink():  # else it was deleted after the folder was read
            reason = "this link points nowhere; mount its disk or remove it"
            walk.problems.append(Problem(path, reason))
    except OSError as error:
        walk.problems.append(Problem(path, f"cannot be read ({_describe_error(error)})"))


def _add_video(walk: _Walk, path: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        walk.files.append(FileState(path, status.st_size, status.st_mtime_ns))
    else:
        walk.problems.append(Problem(path, "is not a file; replace it by a video"))


def _describe_error(error: OSError) -> str:
    return error.strerror or str(error)
