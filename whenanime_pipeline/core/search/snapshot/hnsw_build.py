"""The graph of the next snapshot: the last one with what changed, or a new one."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from whenanime_pipeline.core.files import link_or_copy
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.stored_embeddings import features_fit, read_vectors
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.snapshot.manifest import Content, Manifest
from whenanime_pipeline.core.search.snapshot.plan import SEGMENT, Plan
from whenanime_pipeline.core.settings import IndexOptions


def same_graph(parent: Manifest, model_id: str, dimension: int, options: IndexOptions) -> bool:
    """Tell whether a snapshot's graph can be gone on with: `ef` alone concerns searching only.

    Args:
        parent: the snapshot.
        model_id: whose vectors are asked for.
        dimension: components of a vector.
        options: the graph's.
    """
    return (
        parent.model_id == model_id
        and parent.dimension == dimension
        and parent.index.model_copy(update={"ef": options.ef}) == options
    )


def bring_graph(
    target: Path,
    new: Plan,
    features: Mapping[int, Path],
    draft: Manifest,
    last: Path | None,
    parent: Manifest | None,
) -> None:
    """Write the graph of a plan: the last one with what changed, where that is possible.

    Args:
        target: the file to write.
        new: what it holds.
        features: the features file of each content, by ordinal.
        draft: the next snapshot, which says whose vectors they are and the graph's options.
        last: the published snapshot's folder; None when there is none.
        parent: what is in it.

    Raises:
        FramesError: a features file is damaged or does not fit its frames; it is taken away, to be
            made again.
        OSError: the disk is full or cannot be written.
    """
    if (
        last is None
        or parent is None
        or not same_graph(parent, draft.model_id, draft.dimension, draft.index)
    ):
        _built(new, features, draft).save(target)
        return
    if not new.added and not new.removed:
        link_or_copy(last / SEGMENT, target)
        return
    graph = HnswIndex.load(last / SEGMENT, parent.dimension, parent.count, draft.index)
    for content in new.removed:
        graph.remove(labels_of(content.ordinal, content.frames))
    # What stays until its work is done may have no features file: then the graph goes on as it is.
    if graph.wasteful and all(path.exists() for path in features.values()):
        graph = _built(new, features, draft)
    else:
        _add(graph, new.added, features, draft.dimension)
    graph.save(target)


def _built(new: Plan, features: Mapping[int, Path], draft: Manifest) -> HnswIndex:
    """Build the graph from nothing."""
    graph = HnswIndex.create(draft.dimension, draft.index)
    _add(graph, new.contents, features, draft.dimension)
    return graph


def _add(
    graph: HnswIndex, contents: Iterable[Content], features: Mapping[int, Path], dimension: int
) -> None:
    for content in contents:
        path = features[content.ordinal]
        if not features_fit(path, content.frames):
            path.unlink(missing_ok=True)
            raise FramesError(f"{path}: was damaged, and is taken away; index again to renew it")
        graph.add(labels_of(content.ordinal, content.frames), read_vectors(path, dimension))
