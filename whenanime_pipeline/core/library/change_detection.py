"""Detects changes in the videos folder: scans it, fingerprints new files and diffs the catalogue.

The sensor scans once per tick and passes in the `unsettled` files of the previous tick; the `index`
command scans until no file changes any more.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypedDict

from pydantic import TypeAdapter

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, LibraryDiff, VideoShape
from whenanime_pipeline.core.library.diff import diff_folder, select_for_fingerprinting
from whenanime_pipeline.core.library.episode import EpisodeName, FileState
from whenanime_pipeline.core.library.errors import FingerprintError, LibraryError
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.library.naming import NAMES_VERSION, name_files
from whenanime_pipeline.core.library.naming.parts import make_part_mark
from whenanime_pipeline.core.library.nfo.lookup import read_series_infos, resolve_root_title
from whenanime_pipeline.core.library.scan import FolderScan, scan_folder

ProbeVideo = Callable[[Path], VideoShape]
"""Reads duration and height from a video's header; never fails."""

STEADY_INTERVAL = 2.0
"""Seconds between two scans that must agree on a file before it counts as completely copied."""


class _Options(TypedDict):
    library_title: str | None
    ignore: Sequence[str]
    probe: ProbeVideo | None


def detect_changes(
    folder: Path,
    catalogue: Catalogue,
    previous: Sequence[FileState] | None,
    library_title: str | None = None,
    *,
    ignore: Sequence[str] = (),
    probe: ProbeVideo | None = None,
) -> LibraryDiff:
    """Compare the folder with the catalogue, once.

    Args:
        folder: Videos folder; only read.
        catalogue: Catalogue to compare with.
        previous: `unsettled` of the previous diff; None where there was none.
        library_title: Series of files whose path names none, unless a `tvshow.nfo` in the folder
            gives one; None for the folder's own name.
        ignore: Patterns of files and folders that are left out, as in a `.gitignore`.
        probe: Reads the headers of files that share an episode name; without it only equal files
            count as versions of one video.

    Returns:
        Changes since the catalogue. Only steady files that differ from the catalogue are read, and
        once the headers of those that share an episode name.

    Raises:
        LibraryError: The folder is missing, cannot be read, is an empty mount point, or has a
            name that cannot be stored.
    """
    folder = folder.absolute()
    scan = scan_folder(folder, ignore)
    _check_mounted(folder, scan, catalogue)
    root = resolve_root_title(folder, scan.nfos, library_title)
    names_id = f"{NAMES_VERSION}:{root}"
    names = _name_files(scan.files, catalogue, root, names_id)
    infos = read_series_infos(folder, scan.nfos, names, root)
    unsettled = tuple(previous or ())
    fingerprints, failures = _fingerprint_files(
        folder, select_for_fingerprinting(scan.files, unsettled, catalogue)
    )
    observation = FolderObservation(
        files=scan.files,
        previous=unsettled,
        fingerprints=fingerprints,
        failures=failures,
        names=names,
        infos=infos.by_path,
        inaccessible=scan.inaccessible,
    )
    probe_files = partial(_probe_files, folder, probe) if probe else None
    diff = diff_folder(observation, catalogue, probe_files)
    return replace(
        diff,
        unreadable=tuple(sorted([*diff.unreadable, *scan.problems, *scan.unread])),
        warnings=tuple(sorted([*infos.warnings, *scan.warnings])),
        left_out=scan.left_out,
        folder=str(folder),
        device=scan.device,
        names_id=names_id,
    )


def detect_settled_changes(
    folder: Path,
    catalogue: Catalogue,
    library_title: str | None = None,
    *,
    ignore: Sequence[str] = (),
    probe: ProbeVideo | None = None,
    interval: float = STEADY_INTERVAL,
    on_wait: Callable[[Sequence[FileState]], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> LibraryDiff:
    """Scan repeatedly until no file is being copied any more.

    Args:
        folder: Videos folder.
        catalogue: Catalogue to compare with.
        library_title: As for `detect_changes`.
        ignore: As for `detect_changes`.
        probe: As for `detect_changes`.
        interval: Seconds between two scans; a file that is equal in both is steady.
        on_wait: Callback before each wait, with the files that are still being copied.
        sleep: Function that waits for a number of seconds.

    Returns:
        A diff whose `copying` is empty.

    Raises:
        LibraryError: As for `detect_changes`.
    """
    options: _Options = {"library_title": library_title, "ignore": ignore, "probe": probe}
    diff = detect_changes(folder, catalogue, None, **options)
    while diff.copying:
        if on_wait:
            on_wait(diff.copying)
        sleep(interval)
        diff = detect_changes(folder, catalogue, diff.unsettled, **options)
    return diff


def dump_unsettled(unsettled: Sequence[FileState]) -> str:
    """Return a diff's `unsettled` as JSON text, for a cursor or a file."""
    return TypeAdapter(tuple[FileState, ...]).dump_json(tuple(unsettled)).decode()


def load_unsettled(text: str | None) -> tuple[FileState, ...] | None:
    """Return the files from the text of `dump_unsettled`; None for None.

    Raises:
        ValueError: The text does not hold file states.
    """
    if text is None:
        return None
    return TypeAdapter(tuple[FileState, ...]).validate_json(text)


def _check_mounted(folder: Path, scan: FolderScan, catalogue: Catalogue) -> None:
    """Refuse an empty folder on another disk than the indexed one: its disk is not mounted."""
    same_folder = catalogue.folder == str(folder) and catalogue.device not in {None, scan.device}
    is_empty = not (scan.files or scan.inaccessible or scan.left_out)
    if same_folder and catalogue.episodes and is_empty:
        reason = (
            f"is empty and not on the disk on which {len(catalogue.episodes)} episodes were"
            " indexed; mount that disk again (nothing was removed from the index), or put a video"
            " into it"
        )
        raise LibraryError(folder, reason)


def _probe_files(folder: Path, probe: ProbeVideo, paths: Sequence[str]) -> dict[str, VideoShape]:
    return {path: probe(folder / path) for path in paths}


def _name_files(
    files: Iterable[FileState], catalogue: Catalogue, root: str, names_id: str
) -> dict[str, EpisodeName]:
    """Return the names of all files; a doubtful one stays as the catalogue has it."""
    known: dict[str, EpisodeName] = {}
    if catalogue.names_id == names_id:
        for episode in catalogue.episodes:
            known[episode.path] = episode.name
            for number, part in enumerate(episode.parts, 1):
                known[part.path] = replace(episode.name, mark=make_part_mark(number))
    return name_files([file.path for file in files], root, known)


def _fingerprint_files(
    folder: Path, files: Iterable[FileState]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return fingerprints by path, and reasons by path for files that cannot be read."""
    fingerprints, failures = {}, {}
    for file in files:
        try:
            fingerprint = fingerprint_file(folder, file)
        except FingerprintError as error:
            failures[file.path] = error.reason
        else:
            if fingerprint:
                fingerprints[file.path] = fingerprint
    return fingerprints, failures
