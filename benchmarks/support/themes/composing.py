"""Composes seasons into a folder, two at a time; a season that is whole is kept."""

import argparse
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import cv2

from benchmarks.support.context import BenchmarkError
from benchmarks.support.themes.conditions import plan_seasons
from benchmarks.support.themes.pieces import SeasonPlan
from benchmarks.support.themes.series import find_films
from benchmarks.support.themes.truth import (
    EpisodeTruth,
    SeasonTruth,
    describe_episode,
    describe_season,
    read_truth,
    write_truth,
)
from benchmarks.support.themes.writing import check_lengths, write_episode

_PROCESSES = 2


def compose_seasons(
    folder: Path,
    films: Path | None,
    log: Callable[[str], None],
    *,
    seed: int = 0,
    names: Collection[str] | None = None,
    episodes: int | None = None,
) -> list[SeasonTruth]:
    """Compose seasons, or find them composed.

    Args:
        folder: where every season has a folder.
        films: folder `library` of films; None for the drawn seasons alone.
        log: takes lines of progress.
        seed: of everything that is drawn by chance.
        names: of the seasons wanted; all where None.
        episodes: of each season at most; all where None.

    Returns:
        The truth of each season, in the order of their plans.

    Raises:
        BenchmarkError: what was written is not as long as the truth says.
    """
    found = None if films is None else find_films(films)
    if films is not None and found is None:
        log(f"{films}: lacks some of the films, composing the drawn seasons alone")
    plans = [p for p in plan_seasons(found, seed) if names is None or p.name in names]
    folder.mkdir(parents=True, exist_ok=True)
    todo = [plan.name for plan in plans if read_truth(folder / plan.name) is None]
    began = monotonic()
    context = get_context("spawn")
    with ProcessPoolExecutor(min(_PROCESSES, max(1, len(todo))), mp_context=context) as pool:
        jobs = {pool.submit(_compose, folder, films, seed, name, episodes): name for name in todo}
        for count, job in enumerate(as_completed(jobs), 1):
            job.result()
            spent = monotonic() - began
            log(f"{count} of {len(todo)} seasons composed, {spent:.0f} s: {jobs[job]}")
    return [truth for plan in plans if (truth := read_truth(folder / plan.name)) is not None]


def _compose(folder: Path, films: Path | None, seed: int, name: str, episodes: int | None) -> None:
    """Compose a season by its name; plans are made again in each process, which is cheap."""
    cv2.setNumThreads(1)
    found = None if films is None else find_films(films)
    plan = next(plan for plan in plan_seasons(found, seed) if plan.name == name)
    compose_season(folder / name, plan, episodes)


def compose_season(folder: Path, plan: SeasonPlan, episodes: int | None = None) -> SeasonTruth:
    """Compose a season; its truth is written last, once all files are checked.

    Raises:
        BenchmarkError: what was written is not as long as the truth says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truths: list[EpisodeTruth] = []
    for number, episode in enumerate(plan.episodes[:episodes], 1):
        name = f"{plan.name} - {number:02d}{episode.release.suffix}"
        truth = describe_episode(name, number, episode)
        write_episode(folder / name, episode, plan.base_rate)
        check_lengths(folder / name, truth, episode.release)
        truths.append(truth)
    season = describe_season(plan, truths)
    write_truth(folder, season)
    return season


def main() -> None:
    """Compose from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the seasons are kept")
    parser.add_argument("--films", type=Path, help="folder `library` of films")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--season", action="append", help="only these; may be repeated")
    parser.add_argument("--episodes", type=int, help="at most so many of each season")
    chosen = parser.parse_args()
    try:
        done = compose_seasons(
            chosen.folder,
            chosen.films,
            lambda line: print(line, flush=True),
            seed=chosen.seed,
            names=chosen.season,
            episodes=chosen.episodes,
        )
    except BenchmarkError as error:
        sys.exit(f"error: {error}")
    minutes = sum(episode.seconds for season in done for episode in season.episodes) / 60
    print(f"{len(done)} seasons, {sum(len(s.episodes) for s in done)} episodes, {minutes:.0f} min")


if __name__ == "__main__":
    main()
