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
from whenanime_pipeline.core.library.changes import LibraryDiff, Seen
from whenanime_pipeline.core.library.diff import diff, unrecognised
from whenanime_pipeline.core.library.episode import EpisodeName, FileState
from whenanime_pipeline.core.library.errors import FingerprintError, LibraryError
from whenanime_pipeline.core.library.fingerprint import fingerprint
from whenanime_pipeline.core.library.info import read_infos, root_title
from whenanime_pipeline.core.library.names import NAMES_VERSION, name_of
from whenanime_pipeline.core.library.scan import Scan, scan

STEADY_AFTER = 2.0
"""Seconds between two looks that must agree on a file before it counts as completely copied."""


def look(
    folder: Path,
    known: Catalogue,
    previous: Sequence[FileState] | None,
    library_title: str | None = None,
) -> LibraryDiff:
    """Compare the folder with the catalogue, once.

    Args:
        folder: The videos folder; only read.
        known: The catalogue.
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
    seen = scan(folder)
    _refuse_unmounted(folder, seen, known)
    root = root_title(folder, seen.nfos, library_title)
    names_id = f"{NAMES_VERSION}:{root}"
    names = _names(seen.files, known, root, names_id)
    infos = read_infos(folder, seen.nfos, names, root)
    before = tuple(previous or ())
    fingerprints, failures = _recognise(folder, unrecognised(seen.files, before, known))
    found = diff(
        Seen(
            files=seen.files,
            previous=before,
            fingerprints=fingerprints,
            failures=failures,
            names=names,
            infos=infos.by_path,
            blind=seen.blind,
        ),
        known,
    )
    return replace(
        found,
        unreadable=tuple(sorted([*found.unreadable, *seen.problems])),
        warnings=infos.warnings,
        folder=str(folder),
        device=seen.device,
        names_id=names_id,
    )


def steady_look(
    folder: Path,
    known: Catalogue,
    library_title: str | None = None,
    *,
    interval: float = STEADY_AFTER,
    on_wait: Callable[[Sequence[FileState]], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> LibraryDiff:
    """Look until no file is being copied any more.

    Args:
        folder: The videos folder.
        known: The catalogue.
        library_title: As for `look`.
        interval: Seconds between two looks: what is the same in both is steady.
        on_wait: Told before each wait which files are awaited, as last seen.
        sleep: Waits for seconds.

    Returns:
        A diff whose `copying` is empty.

    Raises:
        LibraryError: As for `look`.
    """
    found = look(folder, known, None, library_title)
    while found.copying:
        if on_wait:
            on_wait(found.copying)
        sleep(interval)
        found = look(folder, known, found.pending, library_title)
    return found


def dump_pending(pending: Sequence[FileState]) -> str:
    """A diff's `pending` as JSON text, for a cursor or a file."""
    return TypeAdapter(tuple[FileState, ...]).dump_json(tuple(pending)).decode()


def load_pending(text: str | None) -> tuple[FileState, ...] | None:
    """What `dump_pending` gave; None for None.

    Raises:
        ValueError: The text is something else.
    """
    if text is None:
        return None
    return TypeAdapter(tuple[FileState, ...]).validate_json(text)


def _refuse_unmounted(folder: Path, seen: Scan, known: Catalogue) -> None:
    """An empty folder on another disk than the indexed one has lost its mount, not its videos."""
    same_folder = known.folder == str(folder) and known.device not in {None, seen.device}
    if same_folder and known.episodes and not seen.files and not seen.blind:
        reason = (
            f"is empty and not on the disk on which {len(known.episodes)} episodes were indexed;"
            " mount that disk again (nothing was removed from the index), or put a video into it"
        )
        raise LibraryError(folder, reason)


def _names(
    files: Iterable[FileState], known: Catalogue, root: str, names_id: str
) -> dict[str, EpisodeName]:
    """Name all files; names made by the same rules are taken from the catalogue."""
    made = {}
    if known.names_id == names_id:
        made = {episode.path: episode.name for episode in known.episodes}
    return {file.path: made.get(file.path) or name_of(file.path, root) for file in files}


def _recognise(folder: Path, files: Iterable[FileState]) -> tuple[dict[str, str], dict[str, str]]:
    """Fingerprints by path, and the reasons of those that could not be read."""
    fingerprints, failures = {}, {}
    for file in files:
        try:
            found = fingerprint(folder, file)
        except FingerprintError as error:
            failures[file.path] = error.reason
        else:
            if found:
                fingerprints[file.path] = found
    return fingerprints, failures
