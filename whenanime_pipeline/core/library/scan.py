"""Scans the videos folder for video and NFO files, and reports unreadable paths."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from whenanime_pipeline.core.discs.disc_folder import is_disc_folder, read_disc
from whenanime_pipeline.core.discs.titles import DiscError
from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import LibraryError, Problem
from whenanime_pipeline.core.library.ignore_rules import (
    IGNORE_FILE,
    IgnoreRules,
    read_ignore_file,
)
from whenanime_pipeline.core.library.video_names import (
    UNREAD_DISC_FOLDERS,
    UNREAD_DISC_REASON,
    explain_unread_disc,
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
        warnings: `.ignore` files with lines that are no patterns.
        left_out: Number of videos that are left out, without those behind links.
    """

    files: tuple[FileState, ...]
    nfos: tuple[str, ...]
    inaccessible: tuple[str, ...]
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...]
    device: int
    warnings: tuple[Problem, ...] = ()
    left_out: int = 0


class _Folder(NamedTuple):
    """A folder to scan, and the rules that hold in it."""

    path: str
    rules: IgnoreRules


@dataclass(slots=True)
class _Walk:
    files: list[FileState] = field(default_factory=list)
    nfos: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    left_out: int = 0
    links: list["_Folder"] = field(default_factory=list)
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


def scan_folder(folder: Path, ignore: Sequence[str] = ()) -> FolderScan:
    """Scan a folder recursively, following links and visiting each folder once.

    Args:
        folder: Videos folder.
        ignore: Patterns of files and folders to leave out, as in a `.gitignore`; those of `.ignore`
            files in the folder are added.

    Raises:
        LibraryError: As for `check_videos_folder`.
        ValueError: A pattern is none.
    """
    walk = _Walk()
    status = check_videos_folder(folder)
    rules = IgnoreRules().extend("", ignore) if ignore else IgnoreRules()
    _walk_folder(walk, folder, _Folder("", rules))
    while walk.links:  # after the real folders, so that a link never replaces the real path
        links, walk.links = sorted(walk.links, key=lambda link: link.path), []
        for link in links:
            _walk_folder(walk, folder, link)
    return FolderScan(
        files=tuple(sorted(walk.files)),
        nfos=tuple(sorted(walk.nfos)),
        inaccessible=tuple(sorted(problem.path for problem in walk.problems)),
        problems=tuple(sorted(walk.problems)),
        unread=tuple(sorted(walk.unread)),
        device=status.st_dev,
        warnings=tuple(sorted(walk.warnings)),
        left_out=walk.left_out,
    )


def _walk_folder(walk: _Walk, root: Path, start: _Folder) -> None:
    waiting = [start]
    while waiting:
        below, rules = waiting.pop()
        try:
            here = (root / below).stat()
            if (here.st_dev, here.st_ino) in walk.seen:
                continue
            walk.seen.add((here.st_dev, here.st_ino))
            if is_disc_folder(PurePosixPath(below).name):
                _add_disc(walk, root, _Folder(below, rules))
                continue
            with os.scandir(root / below) as opened:
                entries = list(opened)
            if any(entry.name == IGNORE_FILE and entry.is_file() for entry in entries):
                rules, bad_lines = read_ignore_file(root, below, rules)
                walk.warnings += bad_lines
            for path, entry in _list_visible_entries(entries, below):
                if rules.specs and rules.is_ignored(path, is_folder=entry.is_dir()):
                    walk.left_out += _count_videos(root, path, entry)
                elif is_valid_utf8(entry.name):
                    _sort_entry(walk, _Folder(path, rules), entry, waiting)
                elif entry.is_dir() or is_video_name(entry.name):
                    reason = "its name is not valid UTF-8; rename it"
                    walk.problems.append(Problem(path, reason))
        except OSError as error:
            reason = f"this folder cannot be read ({_describe_error(error)})"
            reason += "; what was known of it is kept"
            walk.problems.append(Problem(below or ".", reason))


def _count_videos(root: Path, path: str, entry: "os.DirEntry[str]") -> int:
    """Count the videos of an entry that is left out; behind links none, and none in the unreadable.

    Returns:
        1 for a video, the number of videos below a folder, else 0.
    """
    if not entry.is_dir(follow_symlinks=False):
        return int(is_video_name(entry.name) and not entry.is_dir())
    count, waiting = 0, [path]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(root / below) as opened:
                for inner, one in _list_visible_entries(opened, below):
                    if one.is_dir(follow_symlinks=False):
                        waiting.append(inner)
                    elif is_video_name(one.name) and one.is_file():
                        count += 1
        except OSError:
            continue  # it is left out, so that nobody needs to know
    return count


def _list_visible_entries(
    entries: Iterable[os.DirEntry[str]], below: str
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    for entry in entries:
        if not entry.name.startswith(".") and entry.name.lower() not in _SKIPPED_FOLDERS:
            yield (f"{below}/{entry.name}" if below else entry.name), entry


def _sort_entry(
    walk: _Walk, found: _Folder, entry: os.DirEntry[str], waiting: list[_Folder]
) -> None:
    """Add one entry to the folders to scan, files or problems."""
    path = found.path
    try:
        if entry.is_dir() and entry.name.lower() in UNREAD_DISC_FOLDERS:
            walk.unread.append(Problem(path, UNREAD_DISC_REASON))
        elif entry.is_dir():
            (walk.links if entry.is_symlink() else waiting).append(found)
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


def _add_disc(walk: _Walk, root: Path, disc: _Folder) -> None:
    """Add the files that stand for a disc's main titles, or the reason why it has none."""
    try:
        contents = read_disc(root / disc.path)
    except DiscError as error:
        walk.unread.append(Problem(disc.path, explain_unread_disc(str(error))))
        return
    for name in contents.titles:
        path = "/".join(part for part in (disc.path, contents.streams, name) if part)
        if disc.rules.specs and disc.rules.is_ignored(path, is_folder=False):
            walk.left_out += 1
        else:
            _add_video(walk, path, (root / path).stat())


def _add_video(walk: _Walk, path: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        walk.files.append(FileState(path, status.st_size, status.st_mtime_ns))
    else:
        walk.problems.append(Problem(path, "is not a file; replace it by a video"))


def _describe_error(error: OSError) -> str:
    return error.strerror or str(error)
