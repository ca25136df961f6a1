"""Groups files of one episode name into versions of one video, and picks the one to index."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from whenanime_pipeline.core.library.changes import KeyClaim, VideoShape
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, KnownFile
from whenanime_pipeline.core.library.naming.parts import drop_part
from whenanime_pipeline.core.library.naming.versions import VersionMark, describe_version

_DURATION_TOLERANCE = 1.02
"""Versions of one video are as long as each other to within two percent."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file whose content and name are known.

    Attributes:
        path: Relative path.
        size, mtime_ns, fingerprint: As for an `Episode`.
        name: Name of the episode.
        previous: Entry of the catalogue at this path, where its name says the same episode.
        claim: Claim of the catalogue at this path.
        is_undecided: Whether its entry stays as it is: the file cannot be read now.
        parts: All files of a film in several, as for an `Episode`.
    """

    path: str
    size: int
    mtime_ns: int
    fingerprint: str
    name: EpisodeName
    previous: Episode | None = None
    claim: KeyClaim | None = None
    is_undecided: bool = False
    parts: tuple[KnownFile, ...] = ()

    @property
    def paths(self) -> list[str]:
        """Paths of its files, in order."""
        return [part.path for part in self.parts] or [self.path]

    @property
    def version(self) -> VersionMark:
        """What its path says of its version."""
        return _describe_version(drop_part(self.path) if self.parts else self.path)


_describe_version = lru_cache(maxsize=32768)(describe_version)


def group_versions(
    files: Sequence[NamedFile], shapes: Mapping[str, VideoShape]
) -> list[list[NamedFile]]:
    """Group files of one episode name into versions of one video.

    Versions have equal content; or names that differ in nothing but tags, version marks and folders
    of them, and durations within two percent. A file of unknown duration is a version of none.

    Args:
        files: Files of one episode name, at least one.
        shapes: Durations by fingerprint.

    Returns:
        Groups with at least one file, in the order of their first paths.
    """
    if len(files) == 1:
        return [list(files)]
    groups = _Groups(sorted(files, key=lambda file: file.path))
    by_content: dict[str, NamedFile] = {}
    by_core: dict[str, list[tuple[float, NamedFile]]] = defaultdict(list)
    for file in groups.files:
        groups.join(file, by_content.setdefault(file.fingerprint, file))
        duration = shapes.get(file.fingerprint, VideoShape()).duration
        if duration is not None:
            by_core[file.version.core].append((duration, file))
    for found in by_core.values():
        shortest, first = min(found, key=lambda one: (one[0], one[1].path))
        for duration, file in sorted(found, key=lambda one: (one[0], one[1].path)):
            if duration > shortest * _DURATION_TOLERANCE:
                shortest, first = duration, file
            groups.join(file, first)
    _join_undecided(groups)
    return groups.list_groups()


def choose_version(files: Sequence[NamedFile], shapes: Mapping[str, VideoShape]) -> NamedFile:
    """Return the version that is indexed.

    A file that cannot be read now keeps its place. Else the order is: not a media server's copy,
    the higher `vN`, the higher picture, the one that is indexed already, the first path.

    Args:
        files: Versions of one video, at least one.
        shapes: Heights by fingerprint.
    """

    def rank(file: NamedFile) -> tuple[object, ...]:
        version = file.version
        height = shapes.get(file.fingerprint, VideoShape()).height or 0
        return (
            not file.is_undecided,
            version.is_copy_folder,
            -version.version,
            -height,
            file.previous is None,
            file.path,
        )

    return files[0] if len(files) == 1 else min(files, key=rank)


def _join_undecided(groups: "_Groups") -> None:
    """Keep a claim with its holder while the holder cannot be read."""
    undecided = {file.path: file for file in groups.files if file.is_undecided}
    for file in groups.files:
        holder = undecided.get(file.claim.holder) if file.claim else None
        if holder:
            groups.join(file, holder)


class _Groups:
    """Disjoint sets of files."""

    def __init__(self, files: Sequence[NamedFile]) -> None:
        self.files = files
        self._group = {file.path: [file] for file in files}

    def join(self, one: NamedFile, other: NamedFile) -> None:
        first, second = self._group[one.path], self._group[other.path]
        stuck = [file for file in (*first, *second) if file.is_undecided]
        if first is second or len(stuck) > 1:  # two entries that stay are no versions
            return
        second.extend(first)
        for file in first:
            self._group[file.path] = second

    def list_groups(self) -> list[list[NamedFile]]:
        distinct = {id(group): group for group in map(self._group.__getitem__, self._group)}
        return [sorted(group, key=lambda file: file.path) for group in distinct.values()]
