"""Times the steps of indexing on a library of many tiny episodes."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.support.home_comparison import file_stamps
from benchmarks.support.index_process import use_model
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue, load_catalogue, save_catalogue
from whenanime_pipeline.core.library.change_detection import detect_changes
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.stored_embeddings import extract_embeddings
from whenanime_pipeline.core.search.embedding.vectors import normalise_rows
from whenanime_pipeline.core.search.frames.deduplication import DistinctFrame
from whenanime_pipeline.core.search.frames.stored_frames import (
    FramesFile,
    FramesReport,
    FramesWriter,
)
from whenanime_pipeline.core.search.local.extract import extract_local_features
from whenanime_pipeline.core.search.local.stored import write_local_features
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.library import sync_catalogue
from whenanime_pipeline.orchestration.dagster_instance import open_instance

Result = TypeVar("Result")

_SEASON = 25
"""Episodes of a series."""
_FRAMES = 4
"""Frames of an episode: enough for all its files to exist."""
_FILES_PER_EPISODE = 3
"""Frames, features and local features."""


@dataclass(slots=True)
class StepTimings:
    """Durations of the steps of indexing that visit all episodes.

    Attributes:
        seconds: step → seconds.
        problems: wrong results, one line each.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def time_step(self, name: str, work: Callable[[], Result]) -> Result:
        """Run a step, record its duration, and return its result."""
        began = perf_counter()
        result = work()
        self.seconds[name] = perf_counter() - began
        return result


def time_indexing_steps(folder: Path, model: Path, episodes: int, reported: int) -> StepTimings:
    """Time every step that visits all episodes of a library.

    Args:
        folder: folder to work in.
        model: folder of the model.
        episodes: number of episodes in the library.
        reported: number of episodes to register in Dagster.
    """
    steps = StepTimings()
    videos, home = folder / "videos", Home(folder / "home")
    _make_files(videos, episodes)
    use_model(home, model)
    workspace = Workspace(home, videos)
    catalogue = _time_scans(steps, videos, home)
    if len(catalogue.episodes) != episodes:
        steps.problems.append(f"{len(catalogue.episodes)} of {episodes} files became episodes")
    _time_dagster_sync(steps, Home(folder / "reported"), videos, catalogue, reported)
    steps.time_step("load statuses, nothing stored", workspace.load_statuses)
    _store_features(workspace, Embedder.load(model))
    steps.time_step("load statuses, all stored", workspace.load_statuses)
    steps.time_step("first snapshot: build", workspace.build_snapshot)
    steps.time_step("first snapshot: publish", workspace.publish_snapshot)
    steps.time_step("measure pending changes", workspace.measure_pending_changes)
    last = catalogue.episodes[-1]
    rest = Catalogue(catalogue.episodes[:-1], (), catalogue.folder, catalogue.device)
    save_catalogue(rest, home.catalogue_file)
    built = steps.time_step("one episode removed: build", workspace.build_snapshot)
    steps.time_step("one episode removed: publish", workspace.publish_snapshot)
    if built.removed != 1 or workspace.measure_pending_changes():
        steps.problems.append(f"{last.key} did not leave the index: {built}")
    latest = (home.snapshots / "LATEST").read_text().strip()
    steps.time_step("open the snapshot", lambda: SearchEngine.open(home.snapshots / latest))
    stored = len(file_stamps(home))
    if stored != _FILES_PER_EPISODE * episodes:
        steps.problems.append(f"{stored} files are stored for {episodes} episodes")
    return steps


def _make_files(videos: Path, episodes: int) -> None:
    for number in range(episodes):
        series, episode = divmod(number, _SEASON)
        name = f"Series {series:04d}"
        folder = videos / name / "Season 01"
        if episode == 0:
            folder.mkdir(parents=True)
        path = folder / f"{name} - S01E{episode + 1:02d} - A Title.mkv"
        path.write_bytes(number.to_bytes(4, "big") * 64)


def _time_scans(steps: StepTimings, videos: Path, home: Home) -> Catalogue:
    known = load_catalogue(home.catalogue_file)
    first = steps.time_step("first scan", lambda: detect_changes(videos, known, None))
    second = steps.time_step(
        "second scan, with fingerprints", lambda: detect_changes(videos, known, first.unsettled)
    )
    catalogue = known.apply(second)
    steps.time_step("save the catalogue", lambda: save_catalogue(catalogue, home.catalogue_file))
    steps.time_step("load the catalogue", lambda: load_catalogue(home.catalogue_file))
    steps.time_step("scan without changes", lambda: detect_changes(videos, catalogue, None))
    return catalogue


def _time_dagster_sync(
    steps: StepTimings, home: Home, videos: Path, catalogue: Catalogue, count: int
) -> None:
    """Time the registration in Dagster, of some episodes only, as it takes the longest."""
    part = Catalogue(catalogue.episodes[:count], (), catalogue.folder, catalogue.device)
    with open_instance(home) as instance:
        workspace = Workspace(home, videos)
        steps.time_step(
            f"register {count} episodes in Dagster",
            lambda: sync_catalogue(instance, workspace, part),
        )
        steps.time_step(
            f"register again, {count} known", lambda: sync_catalogue(instance, workspace, part)
        )


def _store_features(workspace: Workspace, embedder: Embedder) -> None:
    """Store the same few frames (hard-linked) and different embeddings for every episode."""
    frames = workspace.home.root / "frames.arrow"
    rng = np.random.default_rng(0)
    with FramesWriter(frames) as writer:
        for number in range(_FRAMES):
            picture = encode_stored_frame(rng.integers(0, 256, (36, 64, 3), np.uint8))
            writer.add(DistinctFrame(picture, number, [float(number)], [float(number)]))
        writer.finish(FramesReport(_FRAMES, _FRAMES, _FRAMES, 0.0, ()))
    features = workspace.home.root / "features.parquet"
    local = workspace.home.root / "local.npz"
    with FramesFile(frames) as stored:
        extract_embeddings(stored, features, embedder)
        write_local_features(local, extract_local_features(stored, Vocabulary.load()))
    table = pq.read_table(features)
    for status in workspace.load_statuses():
        for path in (status.frames_file, status.features_file, status.local_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        os.link(frames, status.frames_file)
        os.link(local, status.local_file)
        vectors = normalise_rows(
            rng.standard_normal((_FRAMES, embedder.dimension)).astype(np.float32)
        )
        column = pa.FixedSizeListArray.from_arrays(
            pa.array(vectors.astype(np.float16).ravel(), pa.float16()), embedder.dimension
        )
        place = table.schema.get_field_index("embedding")
        own = table.set_column(place, table.schema.field(place), column)
        pq.write_table(own, status.features_file)
