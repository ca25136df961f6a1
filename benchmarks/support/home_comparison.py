"""Compares two homes after `whenanime index`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import numpy as np

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.stored_embeddings import read_embeddings
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.snapshot.episode_table import read_episodes
from whenanime_pipeline.core.search.snapshot.manifest import (
    EPISODES_FILE,
    LOCAL,
    Manifest,
    read_latest_id,
)
from whenanime_pipeline.core.search.snapshot.publish import inspect_index
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot, check_files
from whenanime_pipeline.orchestration.dagster_instance import open_instance

_NOT_COMPARED = ("dagster", "locks")
"""Folders that are not compared: they record the course of a run, not its result."""

_EPISODE_FOLDERS = ("frames", "features", "local")
"""Folders with one file per episode, each made once."""

_WORKS = {
    "frames": {"frames": "seconds of work"},
    "features": {
        "features": "seconds of work",
        "local features": "seconds of work on local features",
    },
}
"""Asset → work → the metadata entry that a materialisation has only if the work was done."""

Stamp = tuple[int, int]


def compare_homes(home: Home, reference: Home) -> list[str]:
    """Compare the published snapshots and the files of two homes of the same library.

    Vectors, labels, pictures, tables and local features must be bit-identical: the same frames go
    through the same network in the same batches.

    Returns:
        Differences, one line each; empty if there are none.
    """
    found = [f"only in one: {name}" for name in sorted(_names(home) ^ _names(reference))]
    pointers = read_latest_id(home.snapshots), read_latest_id(reference.snapshots)
    if pointers[0] != pointers[1] or None in pointers:
        return [*found, f"published: {pointers[0]} and {pointers[1]}"]
    folders = [place.snapshots / str(pointers[0]) for place in (home, reference)]
    manifests = [check_files(folder) for folder in folders]
    one, other = (manifest.model_dump(exclude={"created", "files"}) for manifest in manifests)
    found += [f"manifest: {name}" for name in one if one[name] != other[name]]
    if _local_checksums(manifests[0]) != _local_checksums(manifests[1]):
        found.append("the published local features")
    if read_episodes(folders[0] / EPISODES_FILE) != read_episodes(folders[1] / EPISODES_FILE):
        found.append("the table of episodes")
    reports = [inspect_index(folder) for folder in folders]
    if reports[0] != reports[1]:
        found.append(f"the index: {reports[0]} and {reports[1]}")
    found += _contents(folders[0], folders[1])
    return found + _features(home, reference) + _local(home, reference)


def is_same_graph(home: Home, reference: Home) -> bool:
    """Return whether the published graphs are byte-identical, which is not required."""
    paths = [
        place.snapshots / str(read_latest_id(place.snapshots)) / "index.hnsw"
        for place in (home, reference)
    ]
    return paths[0].read_bytes() == paths[1].read_bytes()


def file_stamps(home: Home) -> Mapping[str, Stamp]:
    """Return inode and modification time of the files of episodes, by path."""
    files = [
        path
        for folder in _EPISODE_FOLDERS
        for path in (home.root / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    ]
    return {
        path.relative_to(home.root).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in files
    }


@dataclass(frozen=True, slots=True)
class DagsterHistory:
    """Dagster's record of a home.

    Attributes:
        work_counts: how often each work was done for each episode.
        unfinished_runs: number of runs that have not ended.
    """

    work_counts: Counter[tuple[str, str]]
    unfinished_runs: int


def read_dagster_history(home: Home) -> DagsterHistory:
    """Read Dagster's events of a home, on which no run may be active."""
    worked: Counter[tuple[str, str]] = Counter()
    ended = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}
    with open_instance(home) as instance:
        for asset, works in _WORKS.items():
            cursor = None
            more = True
            while more:
                page = instance.fetch_materializations(
                    dg.AssetKey(asset), limit=1000, cursor=cursor
                )
                cursor, more = page.cursor, page.has_more
                for record in page.records:
                    event = record.asset_materialization
                    if event is None:
                        continue
                    for work, entry in works.items():
                        worked[work, event.partition or ""] += entry in event.metadata
        unfinished = sum(run.status not in ended for run in instance.get_runs())
    return DagsterHistory(worked, unfinished)


def _names(home: Home) -> set[str]:
    """Return the paths of all files of a home that are compared."""
    paths = (p.relative_to(home.root) for p in home.root.rglob("*") if p.is_file())
    return {path.as_posix() for path in paths if path.parts[0] not in _NOT_COMPARED}


def _contents(left: Path, right: Path) -> list[str]:
    """Compare labels, vectors and pictures of two snapshots with the same contents."""
    found = []
    snapshots = Snapshot(left), Snapshot(right)
    graphs = snapshots[0].load_index(), snapshots[1].load_index()
    for content in snapshots[0].manifest.contents:
        labels = labels_of(content.ordinal, content.frames)
        if not np.array_equal(graphs[0].vectors(labels), graphs[1].vectors(labels)):
            found.append(f"vectors of content {content.ordinal}")
        files = [FramesFile(folder / content.path) for folder in (left, right)]
        for one, other in zip(files[0].batches(), files[1].batches(), strict=True):
            if not one.equals(other):
                found.append(f"frames of content {content.ordinal}")
        if files[0].report != files[1].report:
            found.append(f"the report on content {content.ordinal}")
    return found


def _local_checksums(manifest: Manifest) -> Mapping[str, str | None]:
    folder = f"{LOCAL}/"
    return {file.path: file.checksum for file in manifest.files if file.path.startswith(folder)}


def _features(home: Home, reference: Home) -> list[str]:
    return [
        f"features: {path.name}"
        for path, counterpart in _common_files(home, reference, "features/**/*.parquet")
        if not np.array_equal(read_embeddings(path), read_embeddings(counterpart))
    ]


def _local(home: Home, reference: Home) -> list[str]:
    return [
        f"local features: {path.name}"
        for path, counterpart in _common_files(home, reference, "local/**/*.npz")
        if path.read_bytes() != counterpart.read_bytes()
    ]


def _common_files(home: Home, reference: Home, pattern: str) -> list[tuple[Path, Path]]:
    """Return the pairs of files that match a pattern in both homes."""
    pairs = [
        (path, reference.root / path.relative_to(home.root))
        for path in sorted(home.root.glob(pattern))
    ]
    return [(path, counterpart) for path, counterpart in pairs if counterpart.exists()]
