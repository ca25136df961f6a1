"""Types that describe the changes of a library between two scans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.library.episode import Episode, EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.errors import Problem


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A steady file whose key belongs to another file.

    Attributes:
        path, size, mtime_ns, fingerprint: As for an `Episode`.
        key: Key that both files claim.
        holder: Path of the file that has the key.
        says: Name of the episode that both files claim to be, for people.
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
        """State of the file when its fingerprint was computed."""
        return FileState(self.path, self.size, self.mtime_ns)

    @property
    def problem(self) -> Problem:
        """Problem to report to the user."""
        return Problem(
            self.path, f"says it is {self.says}, as does {self.holder}; rename or remove one"
        )


@dataclass(frozen=True, slots=True)
class EpisodeChange:
    """A catalogue entry before and after a change."""

    old: Episode
    new: Episode


@dataclass(frozen=True, slots=True)
class LibraryDiff:
    """Changes between the catalogue and a scan, each sorted by path.

    Every scanned file is in exactly one of the first nine groups.

    Attributes:
        new: Episodes that are not in the catalogue.
        replaced: Entries with other content under their key or at their path.
        renamed: Known content at another path or under another key; nothing to compute.
        retitled: Entries with the same file and key, and other titles, ids or characters.
        touched: Entries with the same content and another modification time; nothing to do.
        unchanged: Entries whose file is unchanged.
        copying: Files that are new or changed since the previous scan and may still be written.
        unreadable: Files and folders that cannot be used or are not read, with the reason.
        conflicts: Files that claim the key of another file.
        deleted: Entries whose file is gone or lost its key.
        undecided: Entries that stay unchanged because their file cannot be classified now: it is
            being copied, is unreadable, is in an unreadable folder, or may be the file that is
            being copied to another path.
        unsettled: Files of `copying` and `unreadable`; `previous` of the next scan.
        warnings: NFO files that could not be used; no episode depends on them.
        folder: Absolute path of the videos folder.
        device: Device number of its disk.
        names_id: Id of the rules by which the names were parsed.
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
        """Whether applying the diff changes an entry."""
        moved = self.new or self.replaced or self.renamed or self.retitled or self.touched
        return bool(moved or self.deleted)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files that cannot be indexed, and folders that cannot be read, sorted by path."""
        return tuple(sorted([*self.unreadable, *(claim.problem for claim in self.conflicts)]))


@dataclass(frozen=True, slots=True)
class FolderObservation:
    """Result of scanning and reading the videos folder.

    Attributes:
        files: Videos in the folder.
        previous: `unsettled` files of the previous diff.
        fingerprints: Path to fingerprint, at least for the files of `select_for_fingerprinting`; a
            file that changed while it was read is left out, and counts as copying.
        failures: Path to reason, for files that could not be read.
        names: Path to name, for every file.
        infos: Path to titles, ids and characters, for every file.
        inaccessible: Paths of files and folders that could not be read.
    """

    files: Sequence[FileState]
    previous: Sequence[FileState]
    fingerprints: Mapping[str, str]
    failures: Mapping[str, str]
    names: Mapping[str, EpisodeName]
    infos: Mapping[str, SeriesInfo]
    inaccessible: Sequence[str] = ()
