"""Computes the difference between the catalogue and a scan of the folder as a pure function.

Fingerprints identify content, paths identify files and keys identify episodes. Nothing here reads
the disk but by a function that the caller passes: that is the task of `change_detection`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import (
    FolderObservation,
    KeyClaim,
    LibraryDiff,
    VideoShape,
)
from whenanime_pipeline.core.library.classify import classify_changes
from whenanime_pipeline.core.library.episode import Episode, FileState, KnownFile
from whenanime_pipeline.core.library.errors import Problem
from whenanime_pipeline.core.library.identity.film_parts import join_parts
from whenanime_pipeline.core.library.identity.key_assignment import assign_keys
from whenanime_pipeline.core.library.identity.name_groups import (
    NameGroups,
    group_by_name,
    select_unprobed,
)

ProbeFiles = Callable[[Sequence[str]], Mapping[str, VideoShape]]
"""Returns what the headers of files say, for each of their paths."""

EMPTY_FILE_REASON = "is empty (0 bytes); replace it by the video or delete it"


def select_for_fingerprinting(
    files: Sequence[FileState], previous: Sequence[FileState], catalogue: Catalogue
) -> tuple[FileState, ...]:
    """Return the files whose fingerprint a diff needs: steady, not empty and not in the catalogue.

    A file is steady when the previous scan saw it in the same state. A file with the size and time
    of an entry whose file is gone is probably that file, moved, and needs no second scan.

    Args:
        files: Scanned files.
        previous: Unsettled files of the previous scan.
        catalogue: Catalogue to compare with.
    """
    known_states = {item.state for item in catalogue.known_files}
    steady = set(previous)
    moved = set(_find_vanished(files, catalogue))
    return tuple(
        file
        for file in files
        if file.size > 0
        and file not in known_states
        and (file in steady or (file.size, file.mtime_ns) in moved)
    )


def diff_folder(
    observation: FolderObservation,
    catalogue: Catalogue,
    probe_files: ProbeFiles | None = None,
) -> LibraryDiff:
    """Compare a scan of the folder with the catalogue.

    Args:
        observation: Files with names, and the fingerprints that `select_for_fingerprinting` needs.
        catalogue: Catalogue to compare with.
        probe_files: Reads the headers of files that may be versions of one another and are not in
            the catalogue's shapes; called once at most. Without it they are distinguished.

    Returns:
        Diff without folder, device, names id, count of left out files and warnings. After applying
        it, a second diff of the same files is empty.
    """
    resolved = _resolve_contents(observation, catalogue)
    undecided = _select_undecided(observation, catalogue, resolved)
    joined = join_parts(observation, catalogue, resolved.contents, resolved.copying, undecided)
    observation = joined.observation
    copying = [*resolved.copying, *joined.waiting]
    groups = group_by_name(observation, catalogue, joined.contents, undecided)
    shapes = _complete_shapes(groups, catalogue.shapes, probe_files)
    assigned = assign_keys(groups, shapes, observation, catalogue)
    claims = [*assigned.claims, *_select_hidden_claims(observation, catalogue)]
    unsettled = {file.path for file in copying}
    unsettled |= {item.path for item in resolved.unreadable}
    return replace(
        classify_changes(assigned.winners, catalogue, undecided),
        copying=tuple(sorted(copying)),
        unreadable=tuple(sorted(resolved.unreadable)),
        claims=tuple(sorted(claims, key=lambda claim: claim.path)),
        namesakes=tuple(sorted(assigned.namesakes, key=lambda one: one.path)),
        gaps=tuple(sorted(joined.gaps, key=lambda gap: gap.path)),
        shapes=shapes,
        undecided=tuple(sorted(undecided, key=lambda episode: episode.path)),
        unsettled=tuple(sorted(file for file in observation.files if file.path in unsettled)),
    )


def _complete_shapes(
    groups: NameGroups, known: Mapping[str, VideoShape], probe_files: ProbeFiles | None
) -> Mapping[str, VideoShape]:
    """Return what is known of headers, with those that are needed now."""
    unprobed = select_unprobed(groups, known) if probe_files else []
    if not unprobed or not probe_files:
        return known
    paths = sorted(path for file in unprobed for path in file.paths)
    shapes = probe_files(paths)
    found = {one.fingerprint: [shapes[path] for path in one.paths] for one in unprobed}
    return {**known, **{content: _add_shapes(files) for content, files in found.items()}}


def _add_shapes(files: Sequence[VideoShape]) -> VideoShape:
    """Return the shape of a film in several files: one length, the height of the first."""
    durations = [file.duration for file in files if file.duration is not None]
    whole = sum(durations) if len(durations) == len(files) else None
    return VideoShape(whole, files[0].height)


@dataclass(slots=True)
class _FileContents:
    """Fingerprints of files, or the reason why a file has none yet.

    Attributes:
        contents: Path to fingerprint.
        copying: Files that may still be written.
        unreadable: Files that cannot be used, with the reason.
    """

    contents: dict[str, str] = field(default_factory=dict)
    copying: list[FileState] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)


def _resolve_contents(observation: FolderObservation, catalogue: Catalogue) -> _FileContents:
    known = {item.state: item.fingerprint for item in catalogue.known_files}
    moved = _find_vanished(observation.files, catalogue)
    steady = set(observation.previous)
    resolved = _FileContents()
    for file in observation.files:
        fingerprint = observation.fingerprints.get(file.path)
        candidates = moved.get((file.size, file.mtime_ns), ())
        if file in known:
            resolved.contents[file.path] = known[file]
        elif fingerprint and (file in steady or fingerprint in candidates):
            resolved.contents[file.path] = fingerprint
        elif file not in steady:
            resolved.copying.append(file)
        elif file.size == 0:
            resolved.unreadable.append(Problem(file.path, EMPTY_FILE_REASON))
        elif file.path in observation.failures:
            resolved.unreadable.append(Problem(file.path, observation.failures[file.path]))
        else:
            resolved.copying.append(file)
    return resolved


def _find_vanished(
    files: Iterable[FileState], catalogue: Catalogue
) -> dict[tuple[int, int], set[str]]:
    """Return size and time of known files that are gone from their path, with fingerprints."""
    paths = {file.path for file in files}
    gone: dict[tuple[int, int], set[str]] = defaultdict(set)
    for item in catalogue.known_files:
        if item.path not in paths:
            gone[item.size, item.mtime_ns].add(item.fingerprint)
    return gone


def _select_undecided(
    observation: FolderObservation, catalogue: Catalogue, resolved: _FileContents
) -> list[Episode]:
    """Return the entries whose file cannot be classified now."""
    files = {file.path: file for file in observation.files}
    entries = [file for episode in catalogue.episodes for file in episode.files]
    in_place = {(file.path, file.fingerprint) for file in entries}
    arrived = {
        fingerprint
        for path, fingerprint in resolved.contents.items()
        if (path, fingerprint) not in in_place
    }
    growing = {file.size for file in resolved.copying if file.size > 0}
    inaccessible = set(observation.inaccessible)

    def is_undecided(entry: Episode | KnownFile) -> bool:
        file = files.get(entry.path)
        if file is None:
            is_moving = entry.size in growing and entry.fingerprint not in arrived
            return is_moving or _is_inaccessible(entry.path, inaccessible)
        # A file that became empty is no episode any more; one that cannot be read may be.
        is_pending = file.size > 0 or file in resolved.copying
        return entry.path not in resolved.contents and is_pending

    return [one for one in catalogue.episodes if any(map(is_undecided, one.files))]


def _is_inaccessible(path: str, inaccessible: set[str]) -> bool:
    """Whether a path or a folder above it could not be read."""
    if not inaccessible:
        return False
    parents = PurePosixPath(path).parents
    return path in inaccessible or any(str(parent) in inaccessible for parent in parents)


def _select_hidden_claims(observation: FolderObservation, catalogue: Catalogue) -> list[KeyClaim]:
    """Return the claims whose file is in a folder that cannot be read now."""
    files = {file.path for file in observation.files}
    inaccessible = set(observation.inaccessible)
    hidden = [claim for claim in catalogue.claims if claim.path not in files]
    return [claim for claim in hidden if _is_inaccessible(claim.path, inaccessible)]
