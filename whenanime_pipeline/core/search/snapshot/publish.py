"""From a built snapshot to the published one: check it, move the pointer, clear away."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.local_check import inspect_local
from whenanime_pipeline.core.search.snapshot.manifest import (
    LATEST_FILE,
    Manifest,
    parse_sequence,
    read_latest_id,
)
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


def publish(snapshots: Path, snapshot_id: str) -> bool:
    """Make a built snapshot the one that answers.

    The caller holds the home's lock `publish`.

    Args:
        snapshots: the home's snapshots.
        snapshot_id: the one to publish.

    Returns:
        Whether it was not published already.

    Raises:
        SnapshotError: it is not whole, its index does not find its own frames, its local features
            are not those of its frames, or another one was published since it was built.
    """
    latest = read_latest_id(snapshots)
    if latest == snapshot_id:
        return False
    folder = snapshots / snapshot_id
    manifest: Manifest = check_files(folder)
    if manifest.parent != latest:
        raise SnapshotError(f"{folder}: made from {manifest.parent}, but {latest} is published")
    report = inspect_index(folder)
    if not report.is_publishable:
        raise SnapshotError(
            f"{folder}: the index does not hold what it should "
            f"(of {report.rows} frames it lacks {report.missing}, it has {report.foreign} that are "
            f"none of them, self-search recall {report.recall:.3f})"
        )
    local = inspect_local(folder, manifest)
    if not local.is_publishable:
        raise SnapshotError(
            f"{folder}: {', '.join(local.wrong_files)}: not the local features that the manifest tells of"
        )
    write_text(snapshots / LATEST_FILE, snapshot_id + "\n")
    # It is published: what cannot be deleted now harms nobody, and is tried again the next time.
    with suppress(OSError):
        _delete_old_snapshots(snapshots, manifest.sequence)
    return True


def _delete_old_snapshots(snapshots: Path, sequence: int) -> None:
    """Delete snapshots that are too old to be read, and unpublished ones of before."""
    latest = read_latest_id(snapshots)
    for folder in snapshots.iterdir():
        number = parse_sequence(folder.name)
        if number is None or folder.name == latest or not folder.is_dir():
            continue
        if number <= sequence - KEPT_SNAPSHOTS or number == sequence:
            shutil.rmtree(folder, ignore_errors=True)
