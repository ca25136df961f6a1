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
    """What is published, as far as it can be gone on with.

    Attributes:
        latest: the id that is published; None when nothing is yet.
        manifest: of that snapshot; None when there is none, or it is missing, damaged or from a
            newer version: then the next one is built from nothing.
        episodes: that snapshot's.
        sequence: the number of the next snapshot.
        next_content: the ordinal of the next new content.
    """

    latest: str | None = None
    manifest: Manifest | None = None
    episodes: tuple[EpisodeRecord, ...] = ()
    sequence: int = 1
    next_content: int = 0


def read_published(snapshots: Path) -> PublishedState:
    """Read what is published, and check that every file of it is as it was written.

    Args:
        snapshots: the home's.

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
    """Number what follows above all that was published, as far as its folders tell."""
    folders = {folder: parse_sequence(folder.name) for folder in snapshots.iterdir()}
    last = parse_sequence(latest)
    if last is None:
        last = max((number for number in folders.values() if number is not None), default=0)
    # What stands above it was built and never published, and is built again under its numbers.
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
