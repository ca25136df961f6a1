"""A library of very many episodes, whose files are there but hold next to nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.support.command import use_model
from benchmarks.support.traces import stamps
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue, load_catalogue, save_catalogue
from whenanime_pipeline.core.library.look import look
from whenanime_pipeline.core.media.pictures import encode_small
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.stored_embeddings import extract_features
from whenanime_pipeline.core.search.embedding.vectors import unit
from whenanime_pipeline.core.search.frames.deduplication import Distinct
from whenanime_pipeline.core.search.frames.stored_frames import (
    FramesFile,
    FramesReport,
    FramesWriter,
)
from whenanime_pipeline.core.search.local.extract import extract_local
from whenanime_pipeline.core.search.local.stored import write_features
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.instance import open_instance
from whenanime_pipeline.defs.library import sync

Result = TypeVar("Result")

_A_SEASON = 25
_FRAMES = 4  # a content's: enough that all its files are there


@dataclass(slots=True)
class Steps:
    """How long the steps of indexing took that concern all episodes.

    Attributes:
        seconds: by step.
        problems: what did not come out as it should.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def timed(self, name: str, work: Callable[[], Result]) -> Result:
        """Do a step, and return what it gives."""
        began = perf_counter()
        result = work()
        self.seconds[name] = perf_counter() - began
        return result


def go_through(folder: Path, model: Path, episodes: int, told: int) -> Steps:
    """Take a library of many episodes through every step that looks at all of them.

    Args:
        folder: to work in.
        model: a model's folder.
        episodes: in the library.
        told: of them are told to Dagster.
    """
    steps = Steps()
    videos, home = folder / "videos", Home(folder / "home")
    _make_files(videos, episodes)
    use_model(home, model)
    workspace = Workspace(home, videos)
    catalogue = _look(steps, videos, home)
    if len(catalogue.episodes) != episodes:
        steps.problems.append(f"{len(catalogue.episodes)} of {episodes} files became episodes")
    _tell(steps, Home(folder / "told"), videos, catalogue, told)
    steps.timed("statuses, nothing stored", workspace.statuses)
    _store(workspace, Embedder.load(model))
    steps.timed("statuses, all stored", workspace.statuses)
    steps.timed("first snapshot: build", workspace.build)
    steps.timed("first snapshot: publish", workspace.publish)
    steps.timed("is there something to build?", workspace.news)
    last = catalogue.episodes[-1]
    rest = Catalogue(catalogue.episodes[:-1], (), catalogue.folder, catalogue.device)
    save_catalogue(rest, home.catalogue)
    built = steps.timed("an episode less: build", workspace.build)
    steps.timed("an episode less: publish", workspace.publish)
    if built.removed != 1 or workspace.news():
        steps.problems.append(f"{last.key} did not leave the index: {built}")
    latest = (home.snapshots / "LATEST").read_text().strip()
    steps.timed("open for searching", lambda: SearchEngine.open(home.snapshots / latest))
    if len(stamps(home)) != 2 * episodes:
        steps.problems.append("frames or features are missing")
    return steps


def _make_files(videos: Path, episodes: int) -> None:
    for number in range(episodes):
        series, episode = divmod(number, _A_SEASON)
        name = f"Series {series:04d}"
        folder = videos / name / "Season 01"
        if episode == 0:
            folder.mkdir(parents=True)
        path = folder / f"{name} - S01E{episode + 1:02d} - A Title.mkv"
        path.write_bytes(number.to_bytes(4, "big") * 64)


def _look(steps: Steps, videos: Path, home: Home) -> Catalogue:
    known = load_catalogue(home.catalogue)
    first = steps.timed("first look", lambda: look(videos, known, None))
    second = steps.timed(
        "second look, with fingerprints", lambda: look(videos, known, first.pending)
    )
    catalogue = known.apply(second)
    steps.timed("save the catalogue", lambda: save_catalogue(catalogue, home.catalogue))
    steps.timed("load the catalogue", lambda: load_catalogue(home.catalogue))
    steps.timed("look again, nothing new", lambda: look(videos, catalogue, None))
    return catalogue


def _tell(steps: Steps, home: Home, videos: Path, catalogue: Catalogue, count: int) -> None:
    """Tell Dagster of some episodes; it takes the longest, so that a part has to do."""
    part = Catalogue(catalogue.episodes[:count], (), catalogue.folder, catalogue.device)
    with open_instance(home) as instance:
        workspace = Workspace(home, videos)
        steps.timed(f"tell Dagster of {count}", lambda: sync(instance, workspace, part))
        steps.timed(f"tell Dagster, {count} known", lambda: sync(instance, workspace, part))


def _store(workspace: Workspace, embedder: Embedder) -> None:
    """Give every episode the same few frames, by links, and features of its own."""
    frames = workspace.home.root / "frames.arrow"
    rng = np.random.default_rng(0)
    with FramesWriter(frames) as writer:
        for number in range(_FRAMES):
            picture = encode_small(rng.integers(0, 256, (36, 64, 3), np.uint8))
            writer.add(Distinct(picture, number, [float(number)], [float(number)]))
        writer.finish(FramesReport(_FRAMES, _FRAMES, _FRAMES, 0.0, ()))
    features = workspace.home.root / "features.parquet"
    local = workspace.home.root / "local.npz"
    with FramesFile(frames) as stored:
        extract_features(stored, features, embedder)
        write_features(local, extract_local(stored, Vocabulary.load()))
    table = pq.read_table(features)
    for status in workspace.statuses():
        for path in (status.frames_file, status.features_file, status.local_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        os.link(frames, status.frames_file)
        os.link(local, status.local_file)
        vectors = unit(rng.standard_normal((_FRAMES, embedder.dimension)).astype(np.float32))
        column = pa.FixedSizeListArray.from_arrays(
            pa.array(vectors.astype(np.float16).ravel(), pa.float16()), embedder.dimension
        )
        place = table.schema.get_field_index("embedding")
        own = table.set_column(place, table.schema.field(place), column)
        pq.write_table(own, status.features_file)
