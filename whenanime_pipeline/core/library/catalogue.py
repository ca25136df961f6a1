"""Stores the catalogue of indexed episodes with their keys and files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.library.changes import (
    KeyClaim,
    LibraryDiff,
    Namesake,
    PartGap,
    VideoShape,
)
from whenanime_pipeline.core.library.episode import Episode, KnownFile
from whenanime_pipeline.core.library.errors import CatalogueError
from whenanime_pipeline.core.library.identity.former_keys import (
    follow_moves,
    list_part_moves,
)
from whenanime_pipeline.core.library.identity.key_respelling import respell_keys
from whenanime_pipeline.core.library.identity.keys import KEYS_VERSION
from whenanime_pipeline.core.library.identity.series_numbers import SeriesNumber, number_series

SCHEMA_VERSION = 1
"""Version of the file format; incremented when older programs cannot read it."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All episodes of one home, immutable.

    Attributes:
        episodes: Sorted by key; keys and paths are unique.
        claims: Other versions of indexed files, with their fingerprints; one gets the key once
            that file is gone.
        folder: Absolute path of the videos folder; None before the first scan.
        device: Device number of the folder's disk: an empty folder on another device is a mount
            point without its disk.
        names_id: Id of the rules by which the names were parsed, see `detect_changes`.
        series_numbers: Numbers of our own for series, sorted; also those of series that are gone.
        former_keys: Keys that an episode had before, to its key; no episode has such a key now.
        namesakes: Entries that share their episode name with another entry.
        gaps: Parts of films that stand alone, because parts before them are not there.
        shapes: What is known of the headers of files that share an episode name, by fingerprint.
        left_out: Number of videos that were left out of the last scan.
        keys_version: Version of the spelling of keys in the file that was read.
    """

    episodes: tuple[Episode, ...] = ()
    claims: tuple[KeyClaim, ...] = ()
    folder: str | None = None
    device: int | None = None
    names_id: str = ""
    series_numbers: tuple[SeriesNumber, ...] = ()
    former_keys: Mapping[str, str] = field(default_factory=dict)
    namesakes: tuple[Namesake, ...] = ()
    gaps: tuple[PartGap, ...] = ()
    shapes: Mapping[str, VideoShape] = field(default_factory=dict)
    left_out: int = 0
    keys_version: int = 1

    def __post_init__(self) -> None:
        for what in ("key", "path"):
            values = [getattr(episode, what) for episode in self.episodes]
            if len(set(values)) != len(values):
                raise ValueError(f"two episodes share one {what}")
        if len({one.number for one in self.series_numbers}) != len(self.series_numbers):
            raise ValueError("two series share one number")

    @property
    def known_files(self) -> list[Episode | KeyClaim | KnownFile]:
        """All files whose content is known: those of episodes and claims."""
        episodes = [file for episode in self.episodes for file in episode.files]
        return [*episodes, *(file for claim in self.claims for file in claim.files)]

    def episodes_by_key(self) -> dict[str, Episode]:
        """Return a mapping from key to episode, ordered by key."""
        return {episode.key: episode for episode in self.episodes}

    def list_former_keys(self) -> dict[str, list[str]]:
        """Return a mapping from key to the keys that its episode had before, the oldest first."""
        former: dict[str, list[str]] = {}
        for old, key in self.former_keys.items():
            former.setdefault(key, []).append(old)
        return former

    def list_versions(self) -> dict[str, set[str]]:
        """Return a mapping from key to the fingerprints of the other versions of its episode.

        A film's first file is one: it shows the film's beginning until the whole is indexed.
        """
        versions: dict[str, set[str]] = {}
        for claim in self.claims:
            versions.setdefault(claim.key, set()).add(claim.fingerprint)
        for episode in self.episodes:
            if episode.parts:
                versions.setdefault(episode.key, set()).add(episode.parts[0].fingerprint)
        return versions

    def apply(self, diff: LibraryDiff) -> "Catalogue":
        """Return the catalogue after applying a diff that was computed against this one."""
        moved = (*diff.replaced, *diff.renamed, *diff.retitled, *diff.touched)
        episodes = [*diff.new, *diff.unchanged, *diff.undecided, *(change.new for change in moved)]
        moves = list_part_moves(self.episodes, episodes)
        moves |= {change.old.key: change.new.key for change in diff.renamed}
        known = {one.fingerprint for one in episodes} | {one.fingerprint for one in diff.claims}
        return Catalogue(
            episodes=tuple(sorted(episodes, key=lambda episode: episode.key)),
            claims=diff.claims,
            folder=diff.folder,
            device=diff.device,
            names_id=diff.names_id,
            series_numbers=number_series(self.series_numbers, self.episodes, episodes),
            former_keys=follow_moves(
                self.former_keys, moves, {episode.key for episode in episodes}
            ),
            namesakes=diff.namesakes,
            gaps=diff.gaps,
            shapes={content: one for content, one in diff.shapes.items() if content in known},
            left_out=diff.left_out,
            keys_version=KEYS_VERSION,
        )


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """Differences between two catalogues by key, each sorted by key.

    Attributes:
        added: Episodes under new keys.
        changed: Episodes under keys that had other content.
        removed: Keys that no longer exist.
    """

    added: tuple[Episode, ...]
    changed: tuple[Episode, ...]
    removed: tuple[str, ...]


def compare_by_key(previous: Catalogue, current: Catalogue) -> KeyChanges:
    """Compare two catalogues by key and fingerprint; a rename under one key is no change."""
    old = {episode.key: episode.fingerprint for episode in previous.episodes}
    new = current.episodes_by_key()
    return KeyChanges(
        added=tuple(episode for key, episode in new.items() if key not in old),
        changed=tuple(
            episode
            for key, episode in new.items()
            if key in old and old[key] != episode.fingerprint
        ),
        removed=tuple(key for key in old if key not in new),
    )


def load_catalogue(path: Path) -> Catalogue:
    """Read the stored catalogue.

    Args:
        path: JSON file; a missing one yields an empty catalogue. One of an earlier build gets keys
            as they are spelled now, under its `keys_version`.

    Raises:
        CatalogueError: It cannot be read, is damaged, or was written by a newer program.
    """
    try:
        document = json.loads(path.read_bytes())
        schema = document["schema"]
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            reason = (
                f"was written by a newer WhenAnime (schema {schema}, this one knows"
                f" {SCHEMA_VERSION}); update WhenAnime, or use another home"
            )
            raise CatalogueError(path, reason)
        stored = TypeAdapter(Catalogue).validate_python(document["catalogue"])
        return respell_keys(stored) if stored.keys_version < KEYS_VERSION else stored
    except FileNotFoundError:
        return Catalogue()
    except OSError as error:
        raise CatalogueError(path, f"cannot be read ({error.strerror or error})") from error
    except (KeyError, TypeError, ValueError) as error:
        reason = "is damaged; delete it and index again: what was computed of the videos is kept"
        raise CatalogueError(path, f"{reason} ({_first_line(error)})") from error


def save_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write the catalogue atomically: readers see the old or the new one, also after a crash.

    Args:
        catalogue: Catalogue to store.
        path: JSON file; its folder is created.

    Raises:
        CatalogueError: It cannot be written.
    """
    stored = TypeAdapter(Catalogue).dump_json(catalogue, exclude_defaults=True)
    data = b'{"schema": %d, "catalogue": %s}\n' % (SCHEMA_VERSION, stored)
    try:
        with atomic_write(path) as part:
            part.write_bytes(data)
    except OSError as error:
        raise CatalogueError(path, f"cannot be written ({error.strerror or error})") from error


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    lines: Iterable[str] = str(error).splitlines()
    return next(iter(lines), type(error).__name__)
