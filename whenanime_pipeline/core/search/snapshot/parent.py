"""Reads the published snapshot, on which the next one builds if it is complete."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord, read_episodes
from whenanime_pipeline.core.search.snapshot.manifest import (
    EPISODES_FILE,
    Manifest,
    parse_sequence,
    read_latest_id,
    read_manifest,
)
from whenanime_pipeline.core.search.snapshot.snapshot import check_files


@dataclass(frozen=True, slots=True)
class PublishedState:
    """The published snapshot, and the numbering of the next one.

    Attributes:
        latest: id of the published snapshot; None if nothing is published.
        manifest: its manifest; None if there is none, or the snapshot is missing, damaged or of a
            newer version: then the next one is built from scratch.
        episodes: its episodes.
        sequence: number of the next snapshot.
        next_content: ordinal of the next new content.
    """

    latest: str | None = None
    manifest: Manifest | None = None
    episodes: tuple[EpisodeRecord, ...] = ()
    sequence: int = 1
    next_content: int = 0


def read_published(snapshots: Path) -> PublishedState:
    """Read the published snapshot and verify its files.

    Args:
        snapshots: folder of the home's snapshots.

    Raises:
        OSError: the folder cannot be read.
    """
    latest = read_latest_id(snapshots)
    if latest is None:
        return PublishedState()
    folder = snapshots / latest
    try:
        manifest = check_files(folder)
        episodes = tuple(read_episodes(folder / EPISODES_FILE))
    except SnapshotError:
        return _recover_numbering(snapshots, latest)
    return PublishedState(latest, manifest, episodes, manifest.sequence + 1, manifest.next_content)


def _recover_numbering(snapshots: Path, latest: str) -> PublishedState:
    """Return numbers above those of all published snapshots, by their folders."""
    folders = {folder: parse_sequence(folder.name) for folder in snapshots.iterdir()}
    last = parse_sequence(latest)
    if last is None:
        last = max((number for number in folders.values() if number is not None), default=0)
    # Higher numbers were built but never published; they are reused.
    before = [folder for folder, number in folders.items() if number is not None and number <= last]
    return PublishedState(latest, sequence=last + 1, next_content=_next_content(before))


def _next_content(folders: Iterable[Path]) -> int:
    known = [0]
    for folder in folders:
        names = (path.stem for path in folder.glob("frames/*.arrow"))
        known += [int(name) + 1 for name in names if name.isdecimal()]
        try:
            known.append(read_manifest(folder).next_content)
        except SnapshotError:
            continue
    return max(known)
