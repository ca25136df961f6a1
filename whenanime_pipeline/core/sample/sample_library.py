"""Draws the sample library: two invented series as video files in a folder, with ground truth."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

import cv2
from filelock import FileLock
from pydantic import ValidationError

from whenanime_pipeline.core.sample.plan_truth import build_episode_truth, build_series_truth
from whenanime_pipeline.core.sample.render import render_episode
from whenanime_pipeline.core.sample.script import plan_episode
from whenanime_pipeline.core.sample.series import make_sample_series
from whenanime_pipeline.core.sample.shot_renderer import Size
from whenanime_pipeline.core.sample.truth import (
    SCHEMA_VERSION,
    EpisodeTruth,
    SampleRecipe,
    SampleTruth,
)

TRUTH_FILE = "sample.json"
LOCK_FILE = ".sample.lock"
"""First file that is written to a sample's folder; it stays there."""
Progress = Callable[[int, int, str], None]


def read_truth(folder: Path) -> SampleTruth | None:
    """Return the ground truth of a finished sample in a folder; None where none can be read."""
    try:
        return SampleTruth.from_json((folder / TRUTH_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _find_intact(folder: Path, truth: SampleTruth) -> tuple[EpisodeTruth, ...]:
    """Return the entries whose files exist with their original size."""
    return tuple(
        entry
        for entry in truth.files
        if (folder / entry.path).is_file() and (folder / entry.path).stat().st_size == entry.bytes
    )


def _delete_files(folder: Path, truth: SampleTruth) -> None:
    """Delete the files of a ground truth, but nothing outside the folder."""
    for entry in truth.files:
        path = (folder / entry.path).resolve()
        if path.is_relative_to(folder.resolve()):
            path.unlink(missing_ok=True)


def _write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(data)
    partial.replace(path)


def _render_one(folder: Path, recipe: SampleRecipe, index: int, number: int) -> EpisodeTruth:
    """Render one episode in a process of its own, from numbers alone."""
    series = make_sample_series(recipe.seed)[index]
    plan = plan_episode(series, number, recipe.episodes, recipe.seed)
    target = folder / series.episode_path(number)
    render_episode(series, plan, recipe.size, target)
    return build_episode_truth(series, plan, recipe.size, target.stat().st_size)


def make_sample_library(
    folder: Path,
    *,
    size: Size = (640, 360),
    seed: int = 0,
    episodes: int = 4,
    jobs: int = 2,
    progress: Progress | None = None,
) -> SampleTruth:
    """Draw the sample library into a folder, unless it is already there.

    `sample.json` is written last and deleted first, so a folder with one is complete: a killed run
    leaves none, and the next run starts again. Other files in the folder stay.

    Args:
        folder: target folder, created if missing.
        size: (width, height) of the videos in pixels, both even.
        seed: seed of looks, stories and songs; titles are fixed.
        episodes: number of episodes of each of the two series, 1 or more.
        jobs: number of rendering processes.
        progress: callback after each episode with (files done, files in total, path).

    Returns:
        Ground truth of the files.

    Raises:
        ValueError: a size that is odd or below 64x36, no episodes, or no jobs.
        OSError: the folder cannot be written.
    """
    _check_options(size, episodes, jobs)
    recipe = SampleRecipe(SCHEMA_VERSION, size, seed, episodes)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / LOCK_FILE):
        previous = read_truth(folder)
        same = previous is not None and previous.recipe == recipe
        intact = _find_intact(folder, previous) if previous is not None and same else ()
        if previous is not None and same and len(intact) == len(previous.files):
            return previous
        (folder / TRUTH_FILE).unlink(missing_ok=True)
        if previous is not None and not same:
            _delete_files(folder, previous)
        truth = _render_missing(folder, recipe, jobs, progress, intact)
        _write_atomically(folder / TRUTH_FILE, truth.to_json())
        return truth


def _check_options(size: Size, episodes: int, jobs: int) -> None:
    if size[0] % 2 or size[1] % 2 or size[0] < 64 or size[1] < 36:
        raise ValueError(
            f"a sample's size must be even and at least 64x36, not {size[0]}x{size[1]}"
        )
    if episodes < 1 or jobs < 1:
        raise ValueError(f"a sample needs episodes and jobs, not {episodes} and {jobs}")


def _init_worker() -> None:
    """Limit a rendering process to one thread, and end it with its parent.

    A pool whose parent is killed would otherwise finish its episode and then wait forever.
    """
    cv2.setNumThreads(1)
    Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _render_missing(
    folder: Path,
    recipe: SampleRecipe,
    jobs: int,
    progress: Progress | None,
    intact: tuple[EpisodeTruth, ...],
) -> SampleTruth:
    """Render every episode that is not intact."""
    everything = make_sample_series(recipe.seed)
    for series in everything:
        if (nfo := series.build_nfo()) is not None:
            _write_atomically(folder / series.title / "tvshow.nfo", nfo.encode())
    made = {entry.path: entry for entry in intact}
    paths = {
        series.episode_path(number): (series.index, number)
        for series in everything
        for number in range(1, recipe.episodes + 1)
    }
    todo = [path for path in sorted(paths, key=lambda path: paths[path][1]) if path not in made]
    with ProcessPoolExecutor(min(jobs, len(todo)), get_context("spawn"), _init_worker) as pool:
        futures = [pool.submit(_render_one, folder, recipe, *paths[path]) for path in todo]
        for future in as_completed(futures):
            truth = future.result()
            made[truth.path] = truth
            if progress is not None:
                progress(len(made), len(paths), truth.path)
    return SampleTruth(
        recipe,
        tuple(build_series_truth(series) for series in everything),
        tuple(made[path] for path in paths),
    )
