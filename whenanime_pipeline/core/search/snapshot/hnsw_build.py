"""Writes the HNSW graph of the next snapshot, updated from the published one or new."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import link_or_copy
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.stored_embeddings import (
    has_valid_embeddings,
    read_embeddings,
)
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.snapshot.indexed_frames import list_labels, mask_indexed
from whenanime_pipeline.core.search.snapshot.manifest import Content, Manifest
from whenanime_pipeline.core.search.snapshot.plan import INDEX_FILE, SnapshotPlan
from whenanime_pipeline.core.settings import IndexOptions


def can_reuse_graph(parent: Manifest, model_id: str, dimension: int, options: IndexOptions) -> bool:
    """Return whether a snapshot's graph can be updated; `ef` may differ, as it only affects search.

    Args:
        parent: manifest of the snapshot.
        model_id: id of the model of the next snapshot.
        dimension: dimension of its vectors.
        options: options of its graph.
    """
    return (
        parent.model_id == model_id
        and parent.dimension == dimension
        and _describe_shape(parent.index) == _describe_shape(options)
    )


def write_graph(
    target: Path,
    plan: SnapshotPlan,
    features: Mapping[int, Path],
    draft: Manifest,
    parent_folder: Path | None,
    parent: Manifest | None,
) -> None:
    """Write the graph of a plan, by updating the published one if possible.

    Args:
        target: file to write.
        plan: contents of the next snapshot.
        features: ordinal of a content → its features file.
        draft: manifest of the next snapshot, with model, dimension and options.
        parent_folder: folder of the published snapshot; None without one.
        parent: its manifest.

    Raises:
        FramesError: a features file is damaged or does not fit its frames; it is deleted, to be
            made again.
        OSError: the disk is full or cannot be written.
    """
    if (
        parent_folder is None
        or parent is None
        or not can_reuse_graph(parent, draft.model_id, draft.dimension, draft.index)
    ):
        _build_graph(plan, features, draft).save(target)
        return
    if not plan.added and not plan.removed and not plan.changed:
        link_or_copy(parent_folder / INDEX_FILE, target)
        return
    graph = HnswIndex.load(
        parent_folder / INDEX_FILE, parent.dimension, parent.vector_count, draft.index
    )
    for content in plan.removed:
        graph.remove(list_labels(content))
    for before, content in plan.changed:
        _change_content(graph, before, content, features[content.ordinal], draft.dimension)
    # Carried-over episodes may have no features file; then the graph cannot be rebuilt.
    if graph.needs_rebuild and all(path.exists() for path in features.values()):
        graph = _build_graph(plan, features, draft)
    else:
        _add_contents(graph, plan.added, features, draft.dimension)
    graph.save(target)


def _describe_shape(options: IndexOptions) -> dict[str, object]:
    return options.model_dump(exclude={"ef"})


def _change_content(
    graph: HnswIndex, before: Content, content: Content, path: Path, dimension: int
) -> None:
    """Take out what is left out now, and put back what was left out before."""
    old, new = list_labels(before), list_labels(content)
    graph.remove(np.setdiff1d(old, new))
    missing = graph.restore(np.setdiff1d(new, old))
    if len(missing):
        frames = missing - labels_of(content.ordinal, 1)[0]
        graph.add(missing, _read_vectors(path, content, dimension)[frames])


def _build_graph(plan: SnapshotPlan, features: Mapping[int, Path], draft: Manifest) -> HnswIndex:
    """Build a new graph."""
    graph = HnswIndex.create(draft.dimension, draft.index)
    _add_contents(graph, plan.contents, features, draft.dimension)
    return graph


def _add_contents(
    graph: HnswIndex, contents: Iterable[Content], features: Mapping[int, Path], dimension: int
) -> None:
    for content in contents:
        vectors = _read_vectors(features[content.ordinal], content, dimension)
        graph.add(list_labels(content), vectors[mask_indexed(content)])


def _read_vectors(path: Path, content: Content, dimension: int) -> Vectors:
    """Return the vectors of all frames of a content.

    Raises:
        FramesError: its features file is damaged; it is deleted, to be made again.
    """
    if not has_valid_embeddings(path, content.frames):
        path.unlink(missing_ok=True)
        raise FramesError(f"{path}: was damaged, and is taken away; index again to renew it")
    return read_embeddings(path, dimension)
