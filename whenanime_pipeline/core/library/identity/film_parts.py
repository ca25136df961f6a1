"""Joins the files of a film, or of an episode, that comes in parts: they are one entry."""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, PartGap
from whenanime_pipeline.core.library.episode import Episode, FileState, KnownFile
from whenanime_pipeline.core.library.naming.parts import (
    find_film_folder,
    read_part_number,
    split_part,
)


@dataclass(slots=True)
class JoinedParts:
    """A scan in which each film in parts is one file: its first.

    Attributes:
        observation: Files with names, and the files of each film.
        contents: Path to fingerprint; that of a film covers all its files.
        waiting: Steady files that wait for another part of their film.
        gaps: Parts that stand alone, because parts before them are not there.
    """

    observation: FolderObservation
    contents: dict[str, str]
    waiting: list[FileState] = field(default_factory=list)
    gaps: list[PartGap] = field(default_factory=list)


def join_parts(
    observation: FolderObservation,
    catalogue: Catalogue,
    contents: Mapping[str, str],
    pending: Sequence[FileState],
    undecided: Sequence[Episode],
) -> JoinedParts:
    """Join the parts of films and episodes whose numbers are 1, 2 and so on without a gap.

    Args:
        observation: Files with the names that their paths give.
        catalogue: Old catalogue.
        contents: Path to fingerprint, for all steady files.
        pending: Files that may still be written: the parts next to them wait.
        undecided: Entries of the old catalogue that stay as they are, with all their files.
    """
    joined = JoinedParts(observation, dict(contents))
    held = {file.path for episode in undecided for file in episode.parts}
    groups = list(_group_parts(observation))
    if not groups and not held:
        return joined
    known = {episode.path: episode for episode in catalogue.episodes}
    unsteady = {file.path for file in pending} | held
    for path in held:
        joined.contents.pop(path, None)
    for group in groups:
        if any(file.path in unsteady for file in group.values()):
            _wait_for_parts(joined, group, known)
        else:
            _join_group(joined, group)
    return joined


def combine_fingerprints(fingerprints: Sequence[str]) -> str:
    """Return the fingerprint of a film in several files: 32 hex digits."""
    return hashlib.blake2b(" ".join(fingerprints).encode(), digest_size=16).hexdigest()


def _group_parts(observation: FolderObservation) -> Iterator[dict[int, FileState]]:
    """Yield the parts of one name in one folder, or in folders of their own, by number.

    Where two files are the same part, folders and containers tell which belong together; files
    that differ in nothing but the spelling of the number are in no group.
    """
    groups: dict[object, list[tuple[int, FileState]]] = defaultdict(list)
    for file in observation.files:
        name = observation.names[file.path]
        number = read_part_number(name)
        if number is None:
            continue
        pure = PurePosixPath(unicodedata.normalize("NFC", file.path))
        part = split_part(pure.stem.strip())
        if part is not None:
            folder = find_film_folder(str(pure), number)
            groups[folder, part.before.casefold(), replace(name, mark=None)].append((number, file))
    for files in groups.values():
        yield from _separate_versions(files)


def _separate_versions(files: Sequence[tuple[int, FileState]]) -> list[dict[int, FileState]]:
    for has_folder, has_suffix in ((False, False), (False, True), (True, False), (True, True)):
        sets: dict[tuple[object, str], list[tuple[int, FileState]]] = defaultdict(list)
        for number, file in files:
            pure = PurePosixPath(file.path)
            folder = pure.parent if has_folder else None
            sets[folder, pure.suffix.lower() if has_suffix else ""].append((number, file))
        if all(len(dict(parts)) == len(parts) for parts in sets.values()):
            return [dict(sorted(parts)) for parts in sets.values()]
    return []


def _wait_for_parts(
    joined: JoinedParts, group: Mapping[int, FileState], known: Mapping[str, Episode]
) -> None:
    """Keep what a film has while another part of it is being copied."""
    film = next((known[file.path] for file in group.values() if file.path in known), None)
    kept = [part.path for part in film.parts] if film else []
    if kept and all(path in joined.contents for path in kept):
        _join_group(joined, {n: file for n, file in group.items() if file.path in kept})
    for file in group.values():
        if file.path in joined.contents and file.path not in {*kept, *known}:
            del joined.contents[file.path]
            joined.waiting.append(file)


def _join_group(joined: JoinedParts, group: Mapping[int, FileState]) -> None:
    steady = {n: file for n, file in group.items() if file.path in joined.contents}
    numbers = list(steady)
    missing = set(range(1, max(numbers, default=0))) - set(numbers)
    names = joined.observation.names
    if missing:
        joined.gaps += [
            PartGap(
                file.path, str(names[file.path]), tuple(n for n in sorted(missing) if n < number)
            )
            for number, file in steady.items()
            if number > min(missing)
        ]
    if len(numbers) < 2 or numbers != list(range(1, len(numbers) + 1)):
        return
    files = tuple(
        KnownFile(file.path, file.size, file.mtime_ns, joined.contents.pop(file.path))
        for file in steady.values()
    )
    first = files[0].path
    joined.contents[first] = combine_fingerprints([file.fingerprint for file in files])
    observation = joined.observation
    joined.observation = replace(
        observation,
        names={**observation.names, first: replace(names[first], mark=None)},
        parts={**observation.parts, first: files},
    )
