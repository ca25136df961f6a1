"""Writes small videos, and indexes them in a home, for end-to-end tests."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import dagster as dg
import numpy as np
from conftest import make_model
from numpy.typing import NDArray
from rich.console import Console
from run_folder import copy_once

from whenanime_pipeline.commands.index import IndexOutcome, update_index
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import save_catalogue
from whenanime_pipeline.core.library.change_detection import detect_settled_changes
from whenanime_pipeline.core.sample.sample_library import make_sample_library, read_truth
from whenanime_pipeline.core.sample.truth import SampleTruth
from whenanime_pipeline.core.search.episode_indexing import ensure_features, ensure_frames
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.orchestration.dagster_instance import open_instance

FPS = 24
SHOT = 0.5
"""Seconds that each shot is held."""


def draw_shots(seed: int, count: int, size: tuple[int, int] = (160, 96)) -> list[NDArray[np.uint8]]:
    """Return distinct pictures of coloured fields, `(height, width, 3)`."""
    rng = np.random.default_rng(seed)
    fields = rng.integers(20, 235, (count, 6, 10, 3), dtype=np.uint8)
    cell = (size[1] // 6, size[0] // 10)
    return [np.kron(f, np.ones((*cell, 1), np.uint8)).astype(np.uint8) for f in fields]


def write_film(path: Path, *, seed: int, seconds: float = 3.0) -> Path:
    """Write a video whose picture changes every half second."""
    return write_film_of(path, draw_shots(seed, round(seconds / SHOT)))


def write_film_of(path: Path, pictures: list[NDArray[np.uint8]]) -> Path:
    """Write a video that shows each picture for half a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            for _ in range(round(FPS * SHOT)):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def set_chapters(path: Path, chapters: list[tuple[float, float, str]]) -> Path:
    """Add chapters to a video, each with start and end in seconds and a title."""
    plain = path.with_name(f"{path.stem} before{path.suffix}")
    path.rename(plain)
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        unit = Fraction(1, 1000)
        target.set_chapters(
            [
                {
                    "id": number,
                    "start": round(start / unit),
                    "end": round(end / unit),
                    "time_base": unit,
                    "metadata": {"title": title},
                }
                for number, (start, end, title) in enumerate(chapters)
            ]
        )
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    plain.unlink()
    return path


def new_workspace(folder: Path) -> Workspace:
    """Return an empty library whose home uses a small model.

    Dagster's database is made once a run: setting it up takes as long as indexing a short video.
    """
    home, videos = Home(folder / "home"), folder / "videos"
    make_model(home.models / "small")
    (home.models / "IN_USE").write_text("small\n")
    make_dagster_home(home.dagster)
    videos.mkdir()
    return Workspace(home, videos)


def make_dagster_home(folder: Path) -> None:
    """Make the folder of a Dagster instance without any events."""
    copy_once("dagster", _make_dagster_home, folder)


def _make_dagster_home(folder: Path) -> None:
    with open_instance(Home(folder)) as instance:
        assert instance.get_runs_count() == 0  # creates the databases
        assert not instance.get_latest_materialization_event(dg.AssetKey("frames"))
    for file in (folder / "dagster").iterdir():
        file.rename(folder / file.name)
    (folder / "dagster").rmdir()


def copy_workspace(name: str, make: Callable[[Workspace], object], folder: Path) -> Workspace:
    """Copy a library into a folder; one process of the run makes it, and the others wait.

    Args:
        name: Name of the library, its own in the whole run.
        make: Function that fills an empty one.
        folder: Gets the folders `home` and `videos`.
    """

    def make_new(place: Path) -> None:
        make(new_workspace(place))

    copy_once(name, make_new, folder)
    workspace = Workspace(Home(folder / "home"), folder / "videos")
    catalogue = workspace.load_catalogue()
    if catalogue.folder is not None:
        moved = replace(catalogue, folder=str(workspace.videos_folder))
        save_catalogue(moved, workspace.home.catalogue_file)
    return reopen(workspace)


def copy_indexed(folder: Path, *, count: int) -> Workspace:
    """Copy a library of short episodes that are indexed; the seed of each is its number."""

    def make(workspace: Workspace) -> None:
        for number in range(1, count + 1):
            write_film(episode_path(workspace, number), seed=number)
        assert index(workspace).indexed == count

    return copy_workspace(f"indexed-{count}", make, folder)


def episode_path(workspace: Workspace, number: int) -> Path:
    """Return the path of an episode of the series `Show`, which need not exist."""
    return workspace.videos_folder / f"Show - S01E{number:02d}.mp4"


def reopen(workspace: Workspace) -> Workspace:
    """Return the library as a new process would open it."""
    return Workspace(workspace.home, workspace.videos_folder)


def index(workspace: Workspace) -> IndexOutcome:
    """Run the work of `whenanime index` without waiting for files to be copied."""
    return update_index(reopen(workspace), Console(quiet=True), steady_after=0.01)


def scan_videos(workspace: Workspace) -> None:
    """Update the catalogue without indexing."""
    old = workspace.load_catalogue()
    diff = detect_settled_changes(workspace.videos_folder, old, interval=0.01)
    save_catalogue(old.apply(diff), workspace.home.catalogue_file)


def process_episodes(workspace: Workspace, *numbers: int) -> None:
    """Compute frames and features of some catalogued episodes without publishing them."""
    opened = reopen(workspace)
    for status in opened.load_statuses():
        if status.episode.name.number in numbers:
            ensure_frames(opened.home, opened.videos_folder, status)
            ensure_features(opened.home, status, opened.embedder)


def published_folder(workspace: Workspace) -> Path:
    """Return the folder of the latest published snapshot."""
    latest = read_latest_id(workspace.home.snapshots)
    assert latest
    return workspace.home.snapshots / latest


def index_film(folder: Path, pictures: list[NDArray[np.uint8]]) -> SearchEngine:
    """Index a film of half a second per picture in a new library, and open the snapshot."""
    workspace = new_workspace(folder)
    write_film_of(workspace.videos_folder / "Show - S01E01.mp4", pictures)
    index(workspace)
    return SearchEngine.open(published_folder(workspace))


def copy_drawn_library(target: Path) -> SampleTruth:
    """Copy the sample library of one episode per series at 320×180, drawn once per run.

    Args:
        target: Folder for the videos, which must not exist.
    """

    def draw(folder: Path) -> None:
        make_sample_library(folder, size=(320, 180), episodes=1)

    truth = read_truth(copy_once("drawn", draw, target))
    assert truth
    return truth
