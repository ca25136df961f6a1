"""The words for what changed in a library between two looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.library.episode import Episode, EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.errors import Problem


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A steady file whose key belongs to another one.

    Attributes:
        path, size, mtime_ns, fingerprint: As of an `Episode`.
        key: The key that both claim.
        holder: Path of the file that has it.
        says: What both say they are, for people.
    """

    path: str
    size: int
    mtime_ns: int
    fingerprint: str
    key: str
    holder: str
    says: str

    @property
    def state(self) -> FileState:
        """The file as it was when its fingerprint was taken."""
        return FileState(self.path, self.size, self.mtime_ns)

    @property
    def problem(self) -> Problem:
        """What to tell the user."""
        return Problem(
            self.path, f"says it is {self.says}, as does {self.holder}; rename or remove one"
        )


@dataclass(frozen=True, slots=True)
class EpisodeChange:
    """An entry before and after."""

    old: Episode
    new: Episode


@dataclass(frozen=True, slots=True)
class LibraryDiff:
    """Every file seen is in exactly one of the first nine, sorted by path.

    Attributes:
        new: Episodes that the catalogue does not have.
        replaced: Another content for an entry's key or at its path.
        renamed: A known content at another path or under another key: nothing to compute.
        retitled: The same file under the same key, with other titles, ids or characters.
        touched: The same content with another time: nothing to do.
        unchanged: Entries whose file is as it was.
        copying: Changed since the last look, or never seen: still to be watched.
        unreadable: Files, and folders, that cannot be used, with the reason.
        conflicts: Files that claim a key that another file has.
        deleted: Entries whose file is gone, or lost its key.
        undecided: Entries that stay as they are because their file cannot be judged now: it is being
            copied or unreadable, lies in a folder that cannot be read, or may be the one that is
            being copied to another place.
        unsettled: The files of `copying` and `unreadable`, as seen: the next look's `previous`.
        warnings: What could not be used, although no episode depends on it: NFO files.
        folder: The videos folder, absolute.
        device: The number of its disk.
        names_id: Says by which rules the names were made.
    """

    new: tuple[Episode, ...] = ()
    replaced: tuple[EpisodeChange, ...] = ()
    renamed: tuple[EpisodeChange, ...] = ()
    retitled: tuple[EpisodeChange, ...] = ()
    touched: tuple[EpisodeChange, ...] = ()
    unchanged: tuple[Episode, ...] = ()
    copying: tuple[FileState, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    conflicts: tuple[KeyClaim, ...] = ()
    deleted: tuple[Episode, ...] = ()
    undecided: tuple[Episode, ...] = ()
    unsettled: tuple[FileState, ...] = ()
    warnings: tuple[Problem, ...] = ()
    folder: str | None = None
    device: int | None = None
    names_id: str = ""

    @property
    def has_changes(self) -> bool:
        """Whether applying it changes an entry."""
        moved = self.new or self.replaced or self.renamed or self.retitled or self.touched
        return bool(moved or self.deleted)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files that cannot be indexed, and folders that cannot be read, sorted by path."""
        return tuple(sorted([*self.unreadable, *(claim.problem for claim in self.conflicts)]))


@dataclass(frozen=True, slots=True)
class FolderObservation:
    """What one look saw and read.

    Attributes:
        files: The videos.
        previous: Those that the look before saw and did not settle.
        fingerprints: Path to fingerprint, at least for what `unrecognised` gave; a file that
            changed while it was read is left out, and counts as copying.
        failures: Path to reason, for what could not be read.
        names: Path to name, for every file.
        infos: Path to titles, ids and characters, for every file.
        inaccessible: Paths that could not be looked at or into.
    """

    files: Sequence[FileState]
    previous: Sequence[FileState]
    fingerprints: Mapping[str, str]
    failures: Mapping[str, str]
    names: Mapping[str, EpisodeName]
    infos: Mapping[str, SeriesInfo]
    inaccessible: Sequence[str] = ()
