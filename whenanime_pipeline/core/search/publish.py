"""From a built snapshot to the published one: check it, move the pointer, clear away."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.labels import labels_of
from whenanime_pipeline.core.search.manifest import LATEST, Manifest, latest_id
from whenanime_pipeline.core.search.snapshot import Snapshot, check_files

RECALL_FLOOR = 0.98
"""Of a sample of stored vectors, how many must find themselves (or an equal) before publishing."""
_SAMPLE = 500
_SAME = 1e-3  # cosine: pictures this near are interchangeable
KEEP = 3
"""Snapshots kept: a reader may still be opening one of the last."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a check of a snapshot's index found.

    Attributes:
        vectors: live vectors in the index.
        rows: frames in the manifest; the same number when all is well.
        sampled: vectors that were searched for.
        recall: the share of them that found themselves or an equal first.
    """

    vectors: int
    rows: int
    sampled: int
    recall: float

    @property
    def sound(self) -> bool:
        """Whether the index may be published."""
        return self.vectors == self.rows and self.recall >= RECALL_FLOOR


def inspect_index(folder: Path, *, seed: int = 0) -> IndexReport:
    """Search for a sample of the vectors an index holds.

    Args:
        folder: a snapshot.
        seed: picks the sample.

    Raises:
        SnapshotError: it is damaged.
    """
    snapshot = Snapshot(folder)
    index = snapshot.load_index()
    rows = sum(content.frames for content in snapshot.contents.values())
    if rows == 0:
        return IndexReport(vectors=len(index), rows=0, sampled=0, recall=1.0)
    labels = np.concatenate([labels_of(c.ordinal, c.frames) for c in snapshot.contents.values()])
    chosen = np.random.default_rng(seed).choice(labels, min(_SAMPLE, rows), replace=False)
    try:
        vectors = index.vectors(chosen)
    except RuntimeError as error:
        raise SnapshotError(f"{folder}: the index lacks frames it should hold: {error}") from error
    found, cosines = index.search(vectors, 1)
    hit = (found[:, 0] == chosen) | (cosines[:, 0] >= 1 - _SAME)
    return IndexReport(vectors=len(index), rows=rows, sampled=len(chosen), recall=float(hit.mean()))


def publish(snapshots: Path, snapshot_id: str) -> bool:
    """Make a built snapshot the one that answers.

    The caller holds the home's lock `publish`.

    Args:
        snapshots: the home's snapshots.
        snapshot_id: the one to publish.

    Returns:
        Whether it was not published already.

    Raises:
        SnapshotError: it is not whole, its index does not find its own frames, or another one was
            published since it was built.
    """
    latest = latest_id(snapshots)
    if latest == snapshot_id:
        return False
    folder = snapshots / snapshot_id
    manifest: Manifest = check_files(folder)
    if manifest.parent != latest:
        raise SnapshotError(f"{folder}: made from {manifest.parent}, but {latest} is published")
    report = inspect_index(folder)
    if not report.sound:
        raise SnapshotError(
            f"{folder}: the index does not hold what it should "
            f"({report.vectors} of {report.rows} frames, self-search recall {report.recall:.3f})"
        )
    write_text(snapshots / LATEST, snapshot_id + "\n")
    _clear_away(snapshots, manifest.sequence)
    return True


def _clear_away(snapshots: Path, sequence: int) -> None:
    """Delete snapshots that are too old to be read, and unpublished ones of before."""
    latest = latest_id(snapshots)
    for folder in snapshots.iterdir():
        number = folder.name.split("-")[0]
        if not (folder.is_dir() and number.isdecimal()) or folder.name == latest:
            continue
        if int(number) <= sequence - KEEP or int(number) == sequence:
            shutil.rmtree(folder)
