"""From a built snapshot to the published one: check it, move the pointer, clear away."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.manifest import (
    LATEST_FILE,
    Manifest,
    parse_sequence,
    read_latest_id,
)
from whenanime_pipeline.core.search.snapshot.sections import Section, find_section_problems
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot, check_files

MIN_RECALL = 0.98
"""Of a sample of stored vectors, how many must find themselves (or an equal) before publishing."""
_SAMPLE = 500
_SAME_COSINE = 1e-3  # cosine: pictures this near are interchangeable
KEPT_SNAPSHOTS = 3
"""Snapshots kept: a reader may still be opening one of the last."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a check of a snapshot's index found.

    Attributes:
        rows: frames in the manifest.
        missing: those of them that have no vector in the index.
        foreign: vectors in the index that belong to none of them.
        sampled: vectors that were searched for.
        recall: the share of them that found themselves or an equal first.
    """

    rows: int
    missing: int
    foreign: int
    sampled: int
    recall: float

    @property
    def is_complete(self) -> bool:
        """Whether the index holds a vector for each frame, and none besides."""
        return self.missing == self.foreign == 0

    @property
    def is_publishable(self) -> bool:
        """Whether the index may be published."""
        return self.is_complete and self.recall >= MIN_RECALL


def inspect_index(folder: Path, *, seed: int = 0) -> IndexReport:
    """Look up all the vectors an index should hold, and search for a sample of them.

    Args:
        folder: a snapshot.
        seed: picks the sample.

    Raises:
        SnapshotError: it is damaged.
    """
    snapshot = Snapshot(folder)
    index = snapshot.load_index()
    parts = [labels_of(content.ordinal, content.frames) for content in snapshot.contents.values()]
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
    """What a check of a built snapshot found.

    Attributes:
        index: of its vectors.
        problems: wrong files by section; empty when there are none.
    """

    index: IndexReport
    problems: Mapping[str, tuple[str, ...]]


def inspect_snapshot(folder: Path, sections: Sequence[Section]) -> SnapshotReport:
    """Check what a built snapshot holds, before it is published.

    Args:
        folder: the snapshot.
        sections: that it was built with.

    Raises:
        SnapshotError: a file is missing, or is not what the manifest says.
    """
    manifest = check_files(folder)
    return SnapshotReport(inspect_index(folder), find_section_problems(sections, folder, manifest))


def publish(
    snapshots: Path,
    snapshot_id: str,
    sections: Sequence[Section],
    report: SnapshotReport | None = None,
) -> bool:
    """Make a built snapshot the published one.

    The caller holds the home's lock `publish`.

    Args:
        snapshots: the home's snapshots.
        snapshot_id: the one to publish.
        sections: that it was built with.
        report: what `inspect_snapshot` found in it; it is inspected here when None.

    Returns:
        Whether it was not published already.

    Raises:
        SnapshotError: it is not complete, its index does not find its own frames, a section's
            files do not hold what the manifest says, or another snapshot was published since it
            was built.
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
    # It is published: what cannot be deleted now harms nobody, and is tried again the next time.
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
