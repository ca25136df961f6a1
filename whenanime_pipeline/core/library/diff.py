"""What changed between the catalogue and the folder: one pure function.

Content is told by fingerprints, places by paths, meaning by keys. Everything here reads only its
arguments: who looks at the disk, and how often, is the business of `look`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, KeyClaim, LibraryDiff
from whenanime_pipeline.core.library.classify import classify_changes
from whenanime_pipeline.core.library.episode import Episode, FileState
from whenanime_pipeline.core.library.errors import Problem
from whenanime_pipeline.core.library.keys import build_episode_key

EMPTY_FILE_REASON = "is empty (0 bytes); replace it by the video or delete it"


def select_for_fingerprinting(
    files: Sequence[FileState], previous: Sequence[FileState], catalogue: Catalogue
) -> tuple[FileState, ...]:
    """The files whose fingerprint a diff needs: steady, not empty, and not as the catalogue has it.

    A file is steady when the look before saw it so. One that has size and time of an entry whose
    file is gone is that file, moved, unless its fingerprint says otherwise: it need not wait.
    """
    as_known = {item.state for item in catalogue.known_files}
    steady = set(previous)
    moved = set(_find_vanished(files, catalogue))
    return tuple(
        file
        for file in files
        if file.size > 0
        and file not in as_known
        and (file in steady or (file.size, file.mtime_ns) in moved)
    )


def diff_folder(observation: FolderObservation, catalogue: Catalogue) -> LibraryDiff:
    """Compare what a look saw with what is known.

    Args:
        observation: Files with their names, and fingerprints where `unrecognised` asked for them.
        catalogue: The catalogue.

    Returns:
        The diff, without folder, device, names and warnings. Once it is applied, a second look at
        the same files changes nothing.
    """
    judged = _resolve_contents(observation, catalogue)
    kept = _select_undecided(observation, catalogue, judged)
    winners, conflicts = _assign_keys(observation, catalogue, judged.contents, kept)
    waiting = {file.path for file in judged.copying} | {item.path for item in judged.unreadable}
    return replace(
        classify_changes(winners, catalogue, judged.contents, kept),
        copying=tuple(sorted(judged.copying)),
        unreadable=tuple(sorted(judged.unreadable)),
        conflicts=tuple(sorted(conflicts, key=lambda claim: claim.path)),
        undecided=tuple(sorted(kept, key=lambda episode: episode.path)),
        unsettled=tuple(sorted(file for file in observation.files if file.path in waiting)),
    )


@dataclass(slots=True)
class _FileContents:
    """Each file's content, by fingerprint, or why it has none yet."""

    contents: dict[str, str] = field(default_factory=dict)
    copying: list[FileState] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)


def _resolve_contents(seen: FolderObservation, catalogue: Catalogue) -> _FileContents:
    remembered = {item.state: item.fingerprint for item in catalogue.known_files}
    moved = _find_vanished(seen.files, catalogue)
    steady = set(seen.previous)
    judged = _FileContents()
    for file in seen.files:
        found = seen.fingerprints.get(file.path)
        if file in remembered:
            judged.contents[file.path] = remembered[file]
        elif found and (file in steady or found in moved.get((file.size, file.mtime_ns), ())):
            judged.contents[file.path] = found
        elif file not in steady:
            judged.copying.append(file)
        elif file.size == 0:
            judged.unreadable.append(Problem(file.path, EMPTY_FILE_REASON))
        elif file.path in seen.failures:
            judged.unreadable.append(Problem(file.path, seen.failures[file.path]))
        else:
            judged.copying.append(file)
    return judged


def _find_vanished(
    files: Iterable[FileState], catalogue: Catalogue
) -> dict[tuple[int, int], set[str]]:
    """Size and time of known files that are gone from their path, with their fingerprints."""
    there = {file.path for file in files}
    gone: dict[tuple[int, int], set[str]] = defaultdict(set)
    for item in catalogue.known_files:
        if item.path not in there:
            gone[item.size, item.mtime_ns].add(item.fingerprint)
    return gone


def _select_undecided(
    seen: FolderObservation, catalogue: Catalogue, judged: _FileContents
) -> list[Episode]:
    """The entries whose file cannot be judged now."""
    there = {file.path: file for file in seen.files}
    in_place = {(episode.path, episode.fingerprint) for episode in catalogue.episodes}
    arrived = {
        fingerprint
        for path, fingerprint in judged.contents.items()
        if (path, fingerprint) not in in_place
    }
    growing = {file.size for file in judged.copying if file.size > 0}
    kept = []
    for episode in catalogue.episodes:
        file = there.get(episode.path)
        if file is not None:
            # A file that became empty is no episode any more; one that cannot be read may be.
            keep = episode.path not in judged.contents and (file.size > 0 or file in judged.copying)
        else:
            moving = episode.size in growing and episode.fingerprint not in arrived
            keep = moving or _is_inaccessible(episode.path, set(seen.inaccessible))
        if keep:
            kept.append(episode)
    return kept


def _is_inaccessible(path: str, blind: set[str]) -> bool:
    """Whether a path, or a folder above it, could not be looked at."""
    if not blind:
        return False
    return path in blind or any(str(parent) in blind for parent in PurePosixPath(path).parents)


def _assign_keys(
    seen: FolderObservation,
    catalogue: Catalogue,
    contents: Mapping[str, str],
    kept: Sequence[Episode],
) -> tuple[list[Episode], list[KeyClaim]]:
    """Give each key to one file; the others that claim it are in conflict."""
    files = {file.path: file for file in seen.files}
    old = {episode.path: episode for episode in catalogue.episodes}
    incumbents = catalogue.episodes_by_key()
    holders = {episode.key: episode.path for episode in kept}
    claimants: dict[str, list[str]] = defaultdict(list)
    for path in sorted(contents):
        claimants[_choose_key(path, seen, old)].append(path)
    winners, conflicts = [], []
    for key, paths in claimants.items():
        holder = holders.get(key) or _choose_key_holder(paths, contents, incumbents.get(key))
        for path in paths:
            content, name = contents[path], seen.names[path]
            size, time = files[path].size, files[path].mtime_ns
            if path == holder:
                winners.append(Episode(key, path, content, size, time, name, seen.infos[path]))
            else:
                conflicts.append(KeyClaim(path, size, time, content, key, holder, str(name)))
    blind = set(seen.inaccessible)
    hidden = [claim for claim in catalogue.claims if claim.path not in files]
    return winners, conflicts + [claim for claim in hidden if _is_inaccessible(claim.path, blind)]


def _choose_key(path: str, seen: FolderObservation, old: Mapping[str, Episode]) -> str:
    name = seen.names[path]
    before = old.get(path)
    return before.key if before and before.name == name else build_episode_key(name)


def _choose_key_holder(
    paths: Sequence[str], contents: Mapping[str, str], incumbent: Episode | None
) -> str:
    """Who has a key: the file that had it, else its content elsewhere, else the first path."""
    if incumbent is None:
        return paths[0]
    if incumbent.path in paths:
        return incumbent.path
    return next((path for path in paths if contents[path] == incumbent.fingerprint), paths[0])
