"""Publishes a built snapshot: checks it, moves the pointer, and deletes old ones."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.indexed_frames import list_labels
from whenanime_pipeline.core.search.snapshot.manifest import (
    LATEST_FILE,
    Manifest,
    parse_sequence,
    read_latest_id,
)
from whenanime_pipeline.core.search.snapshot.sections import Section, find_section_problems
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot, check_files

MIN_RECALL = 0.98
"""Lowest share of sampled vectors that must retrieve themselves, or an equal one."""
_SAMPLE = 500
_SAME_COSINE = 1e-3  # cosine distance below which pictures are interchangeable
KEPT_SNAPSHOTS = 3
"""Number of snapshots kept, as a reader may still be opening a previous one."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """Result of checking a snapshot's index.

    Attributes:
        rows: number of frames in the manifest.
        missing: number of frames without a vector in the index.
        foreign: number of vectors without a frame.
        sampled: number of vectors searched for.
        recall: share of them that retrieve themselves, or an equal one, first.
    """

    rows: int
    missing: int
    foreign: int
    sampled: int
    recall: float

    @property
    def is_complete(self) -> bool:
        """Whether the index has exactly one vector for each frame."""
        return self.missing == self.foreign == 0

    @property
    def is_publishable(self) -> bool:
        """Whether the index may be published."""
        return self.is_complete and self.recall >= MIN_RECALL


def inspect_index(folder: Path, *, seed: int = 0) -> IndexReport:
    """Look up the vectors of all frames in an index, and search for a sample of them.

    Args:
        folder: folder of the snapshot.
        seed: seed of the sample.

    Raises:
        SnapshotError: the snapshot is damaged.
    """
    snapshot = Snapshot(folder)
    index = snapshot.load_index()
    parts = [list_labels(content) for content in snapshot.contents.values()]
    labels = np.concatenate([np.empty(0, np.uint64), *parts])
    rows = len(labels)
    missing, foreign = index.audit(labels)
    if rows == 0 or missing:
        return IndexReport(rows, missing, foreign, sampled=0, recall=float(rows == 0))
    chosen = np.random.default_rng(seed).choice(labels, min(_SAMPLE, rows), replace=False)
    found, cosines = index.search(index.vectors(chosen), 1)
    hit = (found[:, 0] == chosen) | (cosines[:, 0] >= 1 - _SAME_COSINE)
    return IndexReport(rows, missing, foreign, sampled=len(chosen), recall=float(hit.mean()))


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """Result of checking a built snapshot.

    Attributes:
        index: result of checking its index.
        problems: section → its wrong files; empty if there are none.
    """

    index: IndexReport
    problems: Mapping[str, tuple[str, ...]]


def inspect_snapshot(folder: Path, sections: Sequence[Section]) -> SnapshotReport:
    """Check a built snapshot before publication.

    Args:
        folder: folder of the snapshot.
        sections: sections that it was built with.

    Raises:
        SnapshotError: a file is missing or differs from the manifest.
    """
    manifest = check_files(folder)
    return SnapshotReport(inspect_index(folder), find_section_problems(sections, folder, manifest))


def publish(
    snapshots: Path,
    snapshot_id: str,
    sections: Sequence[Section],
    report: SnapshotReport | None = None,
) -> bool:
    """Publish a built snapshot.

    The caller holds the home's lock `publish`.

    Args:
        snapshots: folder of the home's snapshots.
        snapshot_id: id of the snapshot to publish.
        sections: sections that it was built with.
        report: result of `inspect_snapshot`; None to inspect it here.

    Returns:
        Whether it was newly published; False if it was published already.

    Raises:
        SnapshotError: the snapshot is incomplete, its index does not retrieve its own frames, a
            section's files differ from the manifest, or another snapshot was published since it was
            built.
    """
    latest = read_latest_id(snapshots)
    if latest == snapshot_id:
        return False
    folder = snapshots / snapshot_id
    manifest: Manifest = check_files(folder)
    if manifest.parent != latest:
        raise SnapshotError(f"{folder}: made from {manifest.parent}, but {latest} is published")
    report = report or inspect_snapshot(folder, sections)
    index = report.index
    if not index.is_publishable:
        raise SnapshotError(
            f"{folder}: the index does not hold what it should "
            f"(of {index.rows} frames it lacks {index.missing}, it has {index.foreign} that are "
            f"none of them, self-search recall {index.recall:.3f})"
        )
    for name, paths in report.problems.items():
        raise SnapshotError(
            f"{folder}: {', '.join(paths)}: not the {name} data that the manifest describes"
        )
    write_text(snapshots / LATEST_FILE, snapshot_id + "\n")
    # Published already, so failing to delete old ones is harmless; it is tried again next time.
    with suppress(OSError):
        _delete_old_snapshots(snapshots, manifest.sequence)
    return True


def _delete_old_snapshots(snapshots: Path, sequence: int) -> None:
    """Delete snapshots that are too old to be read, and older unpublished ones."""
    latest = read_latest_id(snapshots)
    for folder in snapshots.iterdir():
        number = parse_sequence(folder.name)
        if number is None or folder.name == latest or not folder.is_dir():
            continue
        if number <= sequence - KEPT_SNAPSHOTS or number == sequence:
            shutil.rmtree(folder, ignore_errors=True)
