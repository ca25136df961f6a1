"""What changed between the catalogue and the folder: one pure function.

Content is told by fingerprints, places by paths, meaning by keys. Everything here reads only its
arguments: who looks at the disk, and how often, is the business of `look`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import Claim, LibraryDiff, Seen
from whenanime_pipeline.core.library.classify import classify
from whenanime_pipeline.core.library.episode import Episode, FileState
from whenanime_pipeline.core.library.errors import Problem
from whenanime_pipeline.core.library.keys import episode_key

EMPTY_FILE = "is empty (0 bytes); replace it by the video or delete it"


def unrecognised(
    files: Sequence[FileState], previous: Sequence[FileState], known: Catalogue
) -> tuple[FileState, ...]:
    """The files whose fingerprint a diff needs: steady, not empty, and not as the catalogue has it.

    A file is steady when the look before saw it so. One that has size and time of an entry whose
    file is gone is that file, moved, unless its fingerprint says otherwise: it need not wait.
    """
    as_known = {item.state for item in known.files}
    steady = set(previous)
    moved = set(_vanished(files, known))
    return tuple(
        file
        for file in files
        if file.size > 0
        and file not in as_known
        and (file in steady or (file.size, file.mtime_ns) in moved)
    )


def diff(seen: Seen, known: Catalogue) -> LibraryDiff:
    """Compare what a look saw with what is known.

    Args:
        seen: Files with their names, and fingerprints where `unrecognised` asked for them.
        known: The catalogue.

    Returns:
        The diff, without folder, device, names and warnings. Once it is applied, a second look at
        the same files changes nothing.
    """
    judged = _judge(seen, known)
    kept = _kept(seen, known, judged)
    winners, conflicts = _assign(seen, known, judged.contents, kept)
    waiting = {file.path for file in judged.copying} | {item.path for item in judged.unreadable}
    return replace(
        classify(winners, known, judged.contents, kept),
        copying=tuple(sorted(judged.copying)),
        unreadable=tuple(sorted(judged.unreadable)),
        conflicts=tuple(sorted(conflicts, key=lambda claim: claim.path)),
        kept=tuple(sorted(kept, key=lambda episode: episode.path)),
        pending=tuple(sorted(file for file in seen.files if file.path in waiting)),
    )


@dataclass(slots=True)
class _Judged:
    """Each file's content, by fingerprint, or why it has none yet."""

    contents: dict[str, str] = field(default_factory=dict)
    copying: list[FileState] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)


def _judge(seen: Seen, known: Catalogue) -> _Judged:
    remembered = {item.state: item.fingerprint for item in known.files}
    moved = _vanished(seen.files, known)
    steady = set(seen.previous)
    judged = _Judged()
    for file in seen.files:
        found = seen.fingerprints.get(file.path)
        if file in remembered:
            judged.contents[file.path] = remembered[file]
        elif found and (file in steady or found in moved.get((file.size, file.mtime_ns), ())):
            judged.contents[file.path] = found
        elif file not in steady:
            judged.copying.append(file)
        elif file.size == 0:
            judged.unreadable.append(Problem(file.path, EMPTY_FILE))
        elif file.path in seen.failures:
            judged.unreadable.append(Problem(file.path, seen.failures[file.path]))
        else:
            judged.copying.append(file)
    return judged


def _vanished(files: Iterable[FileState], known: Catalogue) -> dict[tuple[int, int], set[str]]:
    """Size and time of known files that are gone from their path, with their fingerprints."""
    there = {file.path for file in files}
    gone: dict[tuple[int, int], set[str]] = defaultdict(set)
    for item in known.files:
        if item.path not in there:
            gone[item.size, item.mtime_ns].add(item.fingerprint)
    return gone


def _kept(seen: Seen, known: Catalogue, judged: _Judged) -> list[Episode]:
    """The entries whose file cannot be judged now."""
    there = {file.path: file for file in seen.files}
    in_place = {(episode.path, episode.fingerprint) for episode in known.episodes}
    arrived = {
        fingerprint
        for path, fingerprint in judged.contents.items()
        if (path, fingerprint) not in in_place
    }
    growing = {file.size for file in judged.copying if file.size > 0}
    kept = []
    for episode in known.episodes:
        file = there.get(episode.path)
        if file is not None:
            # A file that became empty is no episode any more; one that cannot be read may be.
            keep = episode.path not in judged.contents and (file.size > 0 or file in judged.copying)
        else:
            moving = episode.size in growing and episode.fingerprint not in arrived
            keep = moving or _is_hidden(episode.path, set(seen.blind))
        if keep:
            kept.append(episode)
    return kept


def _is_hidden(path: str, blind: set[str]) -> bool:
    """Whether a path, or a folder above it, could not be looked at."""
    if not blind:
        return False
    return path in blind or any(str(parent) in blind for parent in PurePosixPath(path).parents)


def _assign(
    seen: Seen, known: Catalogue, contents: Mapping[str, str], kept: Sequence[Episode]
) -> tuple[list[Episode], list[Claim]]:
    """Give each key to one file; the others that claim it are in conflict."""
    files = {file.path: file for file in seen.files}
    old = {episode.path: episode for episode in known.episodes}
    incumbents = known.by_key()
    holders = {episode.key: episode.path for episode in kept}
    claimants: dict[str, list[str]] = defaultdict(list)
    for path in sorted(contents):
        claimants[_key(path, seen, old)].append(path)
    winners, conflicts = [], []
    for key, paths in claimants.items():
        holder = holders.get(key) or _winner(paths, contents, incumbents.get(key))
        for path in paths:
            content, name = contents[path], seen.names[path]
            size, time = files[path].size, files[path].mtime_ns
            if path == holder:
                winners.append(Episode(key, path, content, size, time, name, seen.infos[path]))
            else:
                conflicts.append(Claim(path, size, time, content, key, holder, str(name)))
    blind = set(seen.blind)
    hidden = [claim for claim in known.claims if claim.path not in files]
    return winners, conflicts + [claim for claim in hidden if _is_hidden(claim.path, blind)]


def _key(path: str, seen: Seen, old: Mapping[str, Episode]) -> str:
    name = seen.names[path]
    before = old.get(path)
    return before.key if before and before.name == name else episode_key(name)


def _winner(paths: Sequence[str], contents: Mapping[str, str], incumbent: Episode | None) -> str:
    """Who has a key: the file that had it, else its content elsewhere, else the first path."""
    if incumbent is None:
        return paths[0]
    if incumbent.path in paths:
        return incumbent.path
    return next((path for path in paths if contents[path] == incumbent.fingerprint), paths[0])
