"""What finding themes costs, tracks made: processor time and memory, in a process of its own."""

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.support.themes.chromaprint import run_fpcalc
from benchmarks.support.themes.synthetic_season import ENDING, OPENING, SyntheticSeason
from benchmarks.support.themes.ways import find_themes

_EPISODE = 24 * 60.0
_NEAR = 1.0
"""Seconds by which a theme of a synthetic season may be off."""


@dataclass(frozen=True, slots=True)
class MatchingCost:
    """What a season costs.

    Attributes:
        episodes: number of episodes.
        processor: seconds of processor time, without making the tracks.
        wall: seconds.
        memory: peak of resident memory in bytes.
        right: share of the themes that were found, as a check that it did its work.
    """

    episodes: int
    processor: float
    wall: float
    memory: int
    right: float


def measure_matching(episodes: int, *, keep: bool) -> MatchingCost:
    """Measure a synthetic season of 24-minute episodes in a new process.

    Args:
        episodes: their number.
        keep: whether all tracks are made first and kept, so that the processor time is of the
            matching alone; otherwise they are made whenever they are looked at.
    """
    return _run_alone(_measure, episodes, keep)


def measure_fpcalc(video: Path, seconds: float) -> float:
    """Return the processor time of fpcalc for 24 minutes like those of a video, in seconds.

    Args:
        video: a file with sound.
        seconds: its length.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_fpcalc(video)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * _EPISODE / seconds


def _run_alone(
    work: Callable[[int, bool], MatchingCost], episodes: int, keep: bool
) -> MatchingCost:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, episodes, keep).result()


def _measure(episodes: int, keep: bool) -> MatchingCost:
    season = SyntheticSeason(episodes)
    tracks = list(season) if keep else season
    processor, wall = process_time(), perf_counter()
    themes = find_themes(tracks)
    processor, wall = process_time() - processor, perf_counter() - wall
    right = 0
    for number in range(episodes):
        opening, ending = season.place_themes(number)
        found = themes.episodes.get(season[number].fingerprint, ())
        for kind, start, end in (
            ("opening", opening, opening + OPENING),
            ("ending", ending, ending + ENDING),
        ):
            right += any(
                s.type == kind and abs(s.start - start) < _NEAR and abs(s.end - end) < _NEAR
                for s in found
            )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return MatchingCost(episodes, processor, wall, memory, right / (2 * episodes))
