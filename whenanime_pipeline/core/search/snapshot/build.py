"""The next snapshot: what the last one held, less what is gone, plus what is new."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.files import compute_checksum, flush_to_disk, link_or_copy, write_text
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import META_FILE, ONNX_FILE, read_model
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord, write_episodes
from whenanime_pipeline.core.search.snapshot.hnsw_build import can_reuse_graph, write_graph
from whenanime_pipeline.core.search.snapshot.local_build import (
    list_local_files,
    select_local_contents,
    write_local,
)
from whenanime_pipeline.core.search.snapshot.manifest import (
    EPISODES_FILE,
    MANIFEST_FILE,
    Manifest,
    StoredFile,
)
from whenanime_pipeline.core.search.snapshot.parent import read_published
from whenanime_pipeline.core.search.snapshot.plan import (
    INDEX_FILE,
    SnapshotPlan,
    draft_manifest,
    plan_snapshot,
)
from whenanime_pipeline.core.search.snapshot.readiness import count_waiting
from whenanime_pipeline.core.search.snapshot.snapshot import check_files
from whenanime_pipeline.core.search.snapshot.stale_parts import delete_stale_parts
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.settings import IndexOptions

_BUILDING = ".building"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What building came to.

    Attributes:
        id: the snapshot that holds what is ready; while episodes are waited for, the published
            one, which does not yet. None when there is none.
        added, removed: contents that came in and went out.
        waiting: episodes in use whose work for a changed model is not done: until it is, the last
            snapshot stays as it is.
    """

    id: str | None
    added: int = 0
    removed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """What there is to build.

    Attributes:
        parent: the published snapshot; None when there is none, or it is not whole.
        plan, draft: what the next one holds; None when there is nothing to build.
        waiting: as in `BuildResult`.
    """

    parent: Manifest | None
    plan: SnapshotPlan | None = None
    draft: Manifest | None = None
    waiting: int = 0


def plan_update(
    home: Home, statuses: Sequence[EpisodeStatus], options: IndexOptions, model: Path
) -> PlannedUpdate:
    """Compare the published snapshot with what is ready; arguments as of `build_snapshot`."""
    published = read_published(home.snapshots)
    parent = published.manifest
    if published.latest is None and not any(status.is_ready for status in statuses):
        return PlannedUpdate(None)
    meta, _ = read_model(model)
    goes_on = parent is not None and parent.model_id == meta.model_id
    waiting = 0 if goes_on else count_waiting(home, statuses, published.episodes)
    if waiting:
        return PlannedUpdate(parent, waiting=waiting)
    dimension = options.dimension or meta.dimension
    graph_stays = parent is not None and can_reuse_graph(parent, meta.model_id, dimension, options)

    def may_stay(row: EpisodeRecord) -> bool:
        # Its vectors are in the graph; for another graph, they must be stored.
        stored = home.features_file(meta.model_id, row.sampling_id, row.fingerprint)
        return goes_on and (graph_stays or stored.exists())

    new = plan_snapshot(statuses, published, may_stay)
    if not new.episodes and not goes_on and any(status.is_pending for status in statuses):
        return PlannedUpdate(parent)  # nothing would answer
    local = select_local_contents(home, new.contents, parent)
    draft = draft_manifest(new, published, meta.model_id, dimension, options, local)
    if parent and parent.held_id == draft.held_id:
        return PlannedUpdate(parent)
    return PlannedUpdate(parent, new, draft)


def build_snapshot(
    home: Home, statuses: Sequence[EpisodeStatus], options: IndexOptions, model: Path
) -> BuildResult:
    """Build the snapshot of what is ready, beside the published one; nothing is published.

    The caller holds the home's lock `publish`. Only what is new is read, unchanged files are hard
    links, and when nothing changed, or it was built before, nothing is made.

    Args:
        home: of the library.
        statuses: all its episodes, sorted by key.
        options: the graph's.
        model: the folder of the model whose features count.

    Raises:
        SearchError: a stored file is damaged; the message names it.
        OSError: the disk is full or cannot be written.
    """
    step = plan_update(home, statuses, options, model)
    parent, new, draft = step.parent, step.plan, step.draft
    if draft is None or new is None:
        return BuildResult(id=parent.id if parent else None, waiting=step.waiting)
    built = BuildResult(id=draft.id, added=len(new.added), removed=len(new.removed))
    if _is_complete(home.snapshots / draft.id, draft.parent):
        return built
    folder = home.snapshots / _BUILDING
    shutil.rmtree(folder, ignore_errors=True)
    delete_stale_parts(home)
    (folder / "frames").mkdir(parents=True)
    last = home.snapshots / parent.id if parent else None
    # What is not ready was planned because the last snapshot has it.
    frames = {c.identity: last / c.path for c in parent.contents} if parent and last else {}
    frames |= {
        (s.sampling.id, s.episode.fingerprint): s.frames_file for s in statuses if s.is_ready
    }
    features: dict[int, Path] = {}
    for content in new.contents:
        link_or_copy(frames[content.identity], folder / content.path)
        features[content.ordinal] = home.features_file(draft.model_id, *content.identity)
    for name in (ONNX_FILE, META_FILE):
        if last and parent and parent.model_id == draft.model_id:
            link_or_copy(last / name, folder / name)
        else:
            # No link: whoever installs the package anew may write over its files in place.
            shutil.copyfile(model / name, folder / name)
    write_episodes(folder / EPISODES_FILE, new.episodes)
    write_graph(folder / INDEX_FILE, new, features, draft, last, parent)
    draft = draft.model_copy(
        update={"local": write_local(folder, home, new.contents, parent, draft.sequence)}
    )
    write_text(folder / MANIFEST_FILE, _add_files(draft, folder, parent).model_dump_json(indent=1))
    for path in folder.iterdir():
        flush_to_disk(path)
    target = home.snapshots / draft.id
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    flush_to_disk(home.snapshots)
    return built


def _is_complete(folder: Path, parent_id: str | None) -> bool:
    """Tell whether a snapshot was built before, by someone who did not come to publish it."""
    if not folder.is_dir():
        return False
    try:
        return check_files(folder).parent == parent_id
    except SnapshotError:
        return False


def _add_files(draft: Manifest, folder: Path, parent: Manifest | None) -> Manifest:
    """Add what is in the folder to its description."""
    named = [
        StoredFile(
            path=name,
            bytes=(folder / name).stat().st_size,
            checksum=compute_checksum(folder / name),
        )
        for name in (INDEX_FILE, EPISODES_FILE, ONNX_FILE, META_FILE)
    ]
    frames = [
        StoredFile(path=content.path, bytes=(folder / content.path).stat().st_size)
        for content in draft.contents
    ]
    local = list_local_files(folder, draft.local, parent)
    return draft.model_copy(update={"files": (*named, *frames, *local)})
