"""Builds the next snapshot from the published one, by removing and adding contents."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from whenanime_pipeline.core.files import compute_checksum, flush_to_disk, link_or_copy, write_text
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import META_FILE, ONNX_FILE, ModelMeta
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord, write_episodes
from whenanime_pipeline.core.search.snapshot.frame_files import link_frames, locate_frames
from whenanime_pipeline.core.search.snapshot.hnsw_build import can_reuse_graph, write_graph
from whenanime_pipeline.core.search.snapshot.indexed_frames import Spans, TimeRuns, leave_out
from whenanime_pipeline.core.search.snapshot.manifest import (
    EPISODES_FILE,
    MANIFEST_FILE,
    Content,
    Manifest,
    StoredFile,
)
from whenanime_pipeline.core.search.snapshot.parent import read_published
from whenanime_pipeline.core.search.snapshot.plan import (
    INDEX_FILE,
    CatalogueFacts,
    SnapshotPlan,
    draft_manifest,
    plan_snapshot,
)
from whenanime_pipeline.core.search.snapshot.readiness import count_waiting
from whenanime_pipeline.core.search.snapshot.sections import (
    Section,
    SectionSource,
    identify_sections,
    list_section_files,
    write_sections,
)
from whenanime_pipeline.core.search.snapshot.snapshot import check_files
from whenanime_pipeline.core.search.snapshot.stale_parts import delete_stale_parts
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.settings import IndexOptions

_BUILDING = ".building"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Result of building a snapshot.

    Attributes:
        id: id of the built snapshot; of the published one while episodes are waited for; None
            without any.
        added, removed: number of contents added and removed.
        waiting: number of published episodes that are not embedded by a new model yet; until they
            are, no snapshot is built.
    """

    id: str | None
    added: int = 0
    removed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotInputs:
    """Inputs of a snapshot.

    Attributes:
        home: home of the library.
        statuses: statuses of all episodes, sorted by key.
        options: options of the HNSW graph.
        model_folder: folder of the model in use.
        model: meta data of that model.
        sections: derived data that the snapshot carries next to its index.
        library: what the catalogue says in addition to its episodes.
        left_out: fingerprint → stretches whose frames the index leaves out.
    """

    home: Home
    statuses: Sequence[EpisodeStatus]
    options: IndexOptions
    model_folder: Path
    model: ModelMeta
    sections: Sequence[Section]
    library: CatalogueFacts = field(default_factory=CatalogueFacts)
    left_out: Mapping[str, Spans] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """Plan of the next snapshot.

    Attributes:
        latest: id of the published snapshot at planning; None if there was none.
        parent: its manifest; None if there is none or it is incomplete.
        plan, draft: contents and manifest of the next snapshot; None if there is nothing to build.
        waiting: as in `BuildResult`.
    """

    latest: str | None
    parent: Manifest | None
    plan: SnapshotPlan | None = None
    draft: Manifest | None = None
    waiting: int = 0


def plan_update(inputs: SnapshotInputs) -> PlannedUpdate:
    """Compare the published snapshot with the episodes that are ready.

    Raises:
        OSError: the folder of the snapshots cannot be read.
    """
    home, statuses, model = inputs.home, inputs.statuses, inputs.model
    published = read_published(home.snapshots)
    latest, parent = published.latest, published.manifest
    if latest is None and not any(status.is_ready for status in statuses):
        return PlannedUpdate(None, None)
    same_model = parent is not None and parent.model_id == model.model_id
    waiting = 0 if same_model else count_waiting(home, statuses, published.episodes)
    if waiting:
        return PlannedUpdate(latest, parent, waiting=waiting)
    dimension = inputs.options.dimension or model.dimension
    graph_stays = parent is not None and can_reuse_graph(
        parent, model.model_id, dimension, inputs.options
    )

    def can_carry_over(row: EpisodeRecord) -> bool:
        # A reused graph has its vectors; a new one needs its features file.
        stored = home.features_file(model.model_id, row.sampling_id, row.fingerprint)
        return same_model and (graph_stays or stored.exists())

    plan = plan_snapshot(statuses, published, can_carry_over, inputs.library)
    plan = _leave_out(plan, inputs, parent)
    if not plan.episodes and not same_model and any(status.is_pending for status in statuses):
        return PlannedUpdate(latest, parent)  # the snapshot would be empty
    source = _section_source(home, plan, published.sequence, parent)
    held = identify_sections(inputs.sections, source)
    draft = draft_manifest(plan, published, model.model_id, dimension, inputs.options, held)
    if parent and parent.held_id == draft.held_id:
        return PlannedUpdate(latest, parent)
    return PlannedUpdate(latest, parent, plan, draft)


def build_snapshot(inputs: SnapshotInputs, planned: PlannedUpdate | None = None) -> BuildResult:
    """Build the next snapshot without publishing it.

    The caller holds the home's lock `publish`. Reads only new contents and hard-links unchanged
    files; does nothing if nothing has changed or the snapshot exists already.

    Args:
        inputs: inputs of the snapshot.
        planned: plan made from the same inputs and published snapshot; None to plan here.

    Raises:
        SearchError: a stored file is damaged; the message names it.
        OSError: the disk is full or cannot be written.
    """
    step = planned or plan_update(inputs)
    parent, plan, draft = step.parent, step.plan, step.draft
    if draft is None or plan is None:
        return BuildResult(id=parent.id if parent else None, waiting=step.waiting)
    home = inputs.home
    built = BuildResult(id=draft.id, added=len(plan.added), removed=len(plan.removed))
    if _is_complete(home.snapshots / draft.id, draft.parent):
        return built
    folder = home.snapshots / _BUILDING
    shutil.rmtree(folder, ignore_errors=True)
    delete_stale_parts(home)
    last = home.snapshots / parent.id if parent else None
    link_frames(folder, plan.contents, locate_frames(inputs.statuses, parent, last))
    _put_model(folder, inputs, draft, parent, last)
    write_episodes(folder / EPISODES_FILE, plan.episodes)
    features = {
        content.ordinal: home.features_file(draft.model_id, *content.identity)
        for content in plan.contents
    }
    write_graph(folder / INDEX_FILE, plan, features, draft, last, parent)
    source = _section_source(home, plan, draft.sequence, parent)
    draft = draft.model_copy(update={"sections": write_sections(inputs.sections, folder, source)})
    draft = _add_files(draft, folder, parent, last)
    write_text(folder / MANIFEST_FILE, draft.model_dump_json(indent=1))
    for path in folder.iterdir():
        flush_to_disk(path)
    target = home.snapshots / draft.id
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    flush_to_disk(home.snapshots)
    return built


def _leave_out(plan: SnapshotPlan, inputs: SnapshotInputs, parent: Manifest | None) -> SnapshotPlan:
    home, model_id = inputs.home, inputs.model.model_id
    last = home.snapshots / parent.id if parent else None
    frames = locate_frames(inputs.statuses, parent, last)

    def read_runs(content: Content) -> TimeRuns:
        with FramesFile(frames[content.identity]) as file:
            return file.read_time_runs()

    def can_put_back(content: Content) -> bool:
        return home.features_file(model_id, *content.identity).exists()

    return leave_out(plan, inputs.left_out, parent, read_runs, can_put_back)


def _section_source(
    home: Home, plan: SnapshotPlan, sequence: int, parent: Manifest | None
) -> SectionSource:
    last = home.snapshots / parent.id if parent else None
    return SectionSource(plan.contents, sequence, parent, last)


def _put_model(
    folder: Path,
    inputs: SnapshotInputs,
    draft: Manifest,
    parent: Manifest | None,
    last: Path | None,
) -> None:
    """Put the model's files into the folder."""
    for name in (ONNX_FILE, META_FILE):
        if last and parent and parent.model_id == draft.model_id:
            link_or_copy(last / name, folder / name)
        else:
            # Copied, as reinstalling the package may overwrite its files in place.
            shutil.copyfile(inputs.model_folder / name, folder / name)


def _is_complete(folder: Path, parent_id: str | None) -> bool:
    """Return whether a snapshot is complete: built before, but not published."""
    if not folder.is_dir():
        return False
    try:
        return check_files(folder).parent == parent_id
    except SnapshotError:
        return False


def _add_files(
    draft: Manifest, folder: Path, parent: Manifest | None, last: Path | None
) -> Manifest:
    """Add the folder's files to the manifest."""
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
    sections = list_section_files(folder, draft.sections, parent, last)
    return draft.model_copy(update={"files": (*named, *frames, *sections)})
