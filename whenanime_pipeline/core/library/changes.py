"""Types that describe the changes of a library between two scans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from whenanime_pipeline.core.library.episode import (
    Episode,
    EpisodeName,
    FileState,
    KnownFile,
    SeriesInfo,
)
from whenanime_pipeline.core.library.errors import Problem


@dataclass(frozen=True, slots=True)
class VideoShape:
    """What a container's header says of a video; both None where it cannot be read.

    Attributes:
        duration: Seconds.
        height: Height of the picture in pixels.
    """

    duration: float | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A steady file that is another version of an indexed episode, and takes over when it goes.

    Attributes:
        path, size, mtime_ns, fingerprint: As for an `Episode`.
        key: Key of the episode.
        holder: Path of the version that is indexed.
        says: Name of the episode, for people.
        parts: All files of a film in several, as for an `Episode`.
    """

    path: str
    size: int
    mtime_ns: int
    fingerprint: str
    key: str
    holder: str
    says: str
    parts: tuple[KnownFile, ...] = ()

    @property
    def state(self) -> FileState:
        """State of the file when its fingerprint was computed."""
        return FileState(self.path, self.size, self.mtime_ns)

    @property
    def files(self) -> "tuple[KeyClaim | KnownFile, ...]":
        """Its files in order, at least one, with their own fingerprints."""
        return self.parts or (self,)

    @property
    def notice(self) -> Problem:
        """Notice for the user."""
        reason = f"is another version of {self.says}; {self.holder} is indexed"
        return Problem(self.path, f"{reason}, and this one when that is gone")


@dataclass(frozen=True, slots=True)
class Namesake:
    """An indexed file that has the episode name of another indexed file.

    Attributes:
        path: Path of the file.
        key: Its key, with the words that tell it from the other one.
        other: Path of the other file.
        says: Name of the episode, for people.
    """

    path: str
    key: str
    other: str
    says: str

    @property
    def notice(self) -> Problem:
        """Notice for the user."""
        reason = f"says it is {self.says}, as does {self.other}; both are indexed"
        return Problem(self.path, f"{reason}, this one as {self.key}")


@dataclass(frozen=True, slots=True)
class PartGap:
    """A part of a film or episode that stands alone, because parts before it are not there.

    Attributes:
        path: Path of the file.
        says: Name of film or episode and part, for people.
        missing: Numbers of the parts that are not there.
    """

    path: str
    says: str
    missing: tuple[int, ...]

    @property
    def notice(self) -> Problem:
        """Notice for the user."""
        numbers = " and ".join(map(str, self.missing))
        which = f"part {numbers} is" if len(self.missing) == 1 else f"parts {numbers} are"
        return Problem(
            self.path, f"says it is {self.says}, but {which} not there; it is indexed by itself"
        )


@dataclass(frozen=True, slots=True)
class EpisodeChange:
    """A catalogue entry before and after a change."""

    old: Episode
    new: Episode


@dataclass(frozen=True, slots=True)
class LibraryDiff:
    """Changes between the catalogue and a scan, each sorted by path.

    Every scanned file is in exactly one of the first nine groups; a film in several files, which is
    one entry, stands for all of them.

    Attributes:
        new: Episodes that are not in the catalogue.
        replaced: Entries with other content under their key or at their path.
        renamed: Known content at another path or under another key; nothing to compute.
        retitled: Entries with the same file and key, and other titles, ids or characters.
        touched: Entries with the same content and another modification time; nothing to do.
        unchanged: Entries whose file is unchanged.
        copying: Files that are new or changed since the previous scan and may still be written.
        unreadable: Files and folders that cannot be used or are not read, with the reason.
        claims: Files that are other versions of an indexed file.
        deleted: Entries whose file is gone, left out or another version of an indexed file.
        undecided: Entries that stay unchanged because their file cannot be classified now: it is
            being copied, is unreadable, is in an unreadable folder, or may be the file that is
            being copied to another path.
        unsettled: Files of `copying` and `unreadable`; `previous` of the next scan.
        namesakes: Indexed files that share their episode name with another indexed file.
        gaps: Parts of films that stand alone, because parts before them are not there.
        shapes: What is known of the headers of files that share an episode name, by fingerprint.
        left_out: Number of videos that `.ignore` files and the configuration leave out.
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
    claims: tuple[KeyClaim, ...] = ()
    deleted: tuple[Episode, ...] = ()
    undecided: tuple[Episode, ...] = ()
    unsettled: tuple[FileState, ...] = ()
    warnings: tuple[Problem, ...] = ()
    namesakes: tuple[Namesake, ...] = ()
    gaps: tuple[PartGap, ...] = ()
    shapes: Mapping[str, VideoShape] = field(default_factory=dict)
    left_out: int = 0
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
        return self.unreadable

    @property
    def notices(self) -> tuple[Problem, ...]:
        """Notices of files that share an episode name or miss a part, sorted by path."""
        versions = [claim.notice for claim in self.claims]
        namesakes = [one.notice for one in self.namesakes]
        gaps = [one.notice for one in self.gaps]
        return tuple(sorted([*self.takeovers, *versions, *namesakes, *gaps]))

    @property
    def takeovers(self) -> tuple[Problem, ...]:
        """Notices of better versions that take the place of an indexed file, sorted by path."""
        claims = {claim.path for claim in self.claims}
        return tuple(
            Problem(
                change.new.path,
                f"is a better version of {change.new.name} than {change.old.path}, and is indexed"
                " in its place",
            )
            for change in self.replaced
            if change.old.path in claims
        )


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
        parts: Path of a film's first file to all its files, once they are joined.
    """

    files: Sequence[FileState]
    previous: Sequence[FileState]
    fingerprints: Mapping[str, str]
    failures: Mapping[str, str]
    names: Mapping[str, EpisodeName]
    infos: Mapping[str, SeriesInfo]
    inaccessible: Sequence[str] = ()
    parts: Mapping[str, tuple[KnownFile, ...]] = field(default_factory=dict)
