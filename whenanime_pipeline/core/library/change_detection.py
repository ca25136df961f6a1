"""Look at the videos folder: scan, recognise what is needed, and say what changed.

The folder's sensor looks once a tick and hands the last tick's `pending` back; `index` looks until
nothing moves any more.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, LibraryDiff
from whenanime_pipeline.core.library.diff import diff_folder, select_for_fingerprinting
from whenanime_pipeline.core.library.episode import EpisodeName, FileState
from whenanime_pipeline.core.library.episode_names import NAMES_VERSION, parse_episode_name
from whenanime_pipeline.core.library.errors import FingerprintError, LibraryError
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.library.nfo_lookup import read_series_infos, resolve_root_title
from whenanime_pipeline.core.library.scan import FolderScan, scan_folder

STEADY_INTERVAL = 2.0
"""Seconds between two looks that must agree on a file before it counts as completely copied."""


def detect_changes(
    folder: Path,
    catalogue: Catalogue,
    previous: Sequence[FileState] | None,
    library_title: str | None = None,
) -> LibraryDiff:
    """Compare the folder with the catalogue, once.

    Args:
        folder: The videos folder; only read.
        catalogue: The catalogue.
        previous: `pending` of the look before; None where there was none.
        library_title: The series of files whose path names none, unless a `tvshow.nfo` in the
            folder says so; None for the folder's own name.

    Returns:
        What changed. A file is read only if it is steady and not as the catalogue has it.

    Raises:
        LibraryError: The folder is missing, cannot be read, is an empty mount point, or has a
            name that cannot be stored.
    """
    folder = folder.absolute()
    seen = scan_folder(folder)
    _check_mounted(folder, seen, catalogue)
    root = resolve_root_title(folder, seen.nfos, library_title)
    names_id = f"{NAMES_VERSION}:{root}"
    names = _name_files(seen.files, catalogue, root, names_id)
    infos = read_series_infos(folder, seen.nfos, names, root)
    before = tuple(previous or ())
    fingerprints, failures = _fingerprint_files(
        folder, select_for_fingerprinting(seen.files, before, catalogue)
    )
    found = diff_folder(
        FolderObservation(
            files=seen.files,
            previous=before,
            fingerprints=fingerprints,
            failures=failures,
            names=names,
            infos=infos.by_path,
            inaccessible=seen.inaccessible,
        ),
        catalogue,
    )
    return replace(
        found,
        unreadable=tuple(sorted([*found.unreadable, *seen.problems])),
        warnings=infos.warnings,
        folder=str(folder),
        device=seen.device,
        names_id=names_id,
    )


def detect_settled_changes(
    folder: Path,
    catalogue: Catalogue,
    library_title: str | None = None,
    *,
    interval: float = STEADY_INTERVAL,
    on_wait: Callable[[Sequence[FileState]], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> LibraryDiff:
    """Look until no file is being copied any more.

    Args:
        folder: The videos folder.
        catalogue: The catalogue.
        library_title: As for `look`.
        interval: Seconds between two looks: what is the same in both is steady.
        on_wait: Told before each wait which files are awaited, as last seen.
        sleep: Waits for seconds.

    Returns:
        A diff whose `copying` is empty.

    Raises:
        LibraryError: As for `look`.
    """
    found = detect_changes(folder, catalogue, None, library_title)
    while found.copying:
        if on_wait:
            on_wait(found.copying)
        sleep(interval)
        found = detect_changes(folder, catalogue, found.unsettled, library_title)
    return found


def dump_unsettled(unsettled: Sequence[FileState]) -> str:
    """A diff's `unsettled` as JSON text, for a cursor or a file."""
    return TypeAdapter(tuple[FileState, ...]).dump_json(tuple(unsettled)).decode()


def load_unsettled(text: str | None) -> tuple[FileState, ...] | None:
    """What `dump_unsettled` gave; None for None.

    Raises:
        ValueError: The text is something else.
    """
    if text is None:
        return None
    return TypeAdapter(tuple[FileState, ...]).validate_json(text)


def _check_mounted(folder: Path, seen: FolderScan, catalogue: Catalogue) -> None:
    """An empty folder on another disk than the indexed one has lost its mount, not its videos."""
    same_folder = catalogue.folder == str(folder) and catalogue.device not in {None, seen.device}
    if same_folder and catalogue.episodes and not seen.files and not seen.inaccessible:
        reason = (
            f"is empty and not on the disk on which {len(catalogue.episodes)} episodes were indexed;"
            " mount that disk again (nothing was removed from the index), or put a video into it"
        )
        raise LibraryError(folder, reason)


def _name_files(
    files: Iterable[FileState], catalogue: Catalogue, root: str, names_id: str
) -> dict[str, EpisodeName]:
    """Name all files; names made by the same rules are taken from the catalogue."""
    made = {}
    if catalogue.names_id == names_id:
        made = {episode.path: episode.name for episode in catalogue.episodes}
    return {file.path: made.get(file.path) or parse_episode_name(file.path, root) for file in files}


def _fingerprint_files(
    folder: Path, files: Iterable[FileState]
) -> tuple[dict[str, str], dict[str, str]]:
    """Fingerprints by path, and the reasons of those that could not be read."""
    fingerprints, failures = {}, {}
    for file in files:
        try:
            found = fingerprint_file(folder, file)
        except FingerprintError as error:
            failures[file.path] = error.reason
        else:
            if found:
                fingerprints[file.path] = found
    return fingerprints, failures
