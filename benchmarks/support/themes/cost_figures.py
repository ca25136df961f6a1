"""Figures of what finding themes costs, with their targets."""

from pathlib import Path

from benchmarks.support.report import Figure, Target, ratio_figure
from benchmarks.support.themes.chromaprint import has_fpcalc
from benchmarks.support.themes.matching_cost import (
    MatchingCost,
    measure_fpcalc,
    measure_matching,
)
from benchmarks.support.themes.truth import read_truth

_LONGEST = 3
"""Files that fpcalc is measured on."""


def list_costs(folder: Path, large: int) -> list[Figure]:
    """Return what matching costs for a season of eleven, and for a large one.

    Args:
        folder: of the composed seasons, whose longest files fpcalc is measured on.
        large: episodes of the large season.
    """
    eleven, ten, many = (
        measure_matching(11, keep=True),
        measure_matching(10, keep=False),
        measure_matching(large, keep=False),
    )
    each = eleven.processor / eleven.episodes
    name = "24 minutes with 10 partners, processor time"
    return [
        Figure(name, each, "s an episode", target=Target("≤", 1.0)),
        *_compare_with_fpcalc(folder, name, each),
        Figure("synthetic season of 11: themes right", eleven.right),
        *_list_large(many, ten),
    ]


def _list_large(many: MatchingCost, ten: MatchingCost) -> list[Figure]:
    name = f"season of {many.episodes}"
    return [
        Figure(f"{name}, tracks made as they are read", many.wall, "s", target=Target("≤", 600)),
        Figure(f"{name}: processor time", many.processor, "s"),
        Figure(f"{name}: themes right", many.right),
        ratio_figure(
            f"{name}: peak memory against ten",
            [many.memory],
            [ten.memory],
            Target("≤", 1.2),
        ),
    ]


def _compare_with_fpcalc(folder: Path, name: str, each: float) -> list[Figure]:
    """Return the cost by that of fpcalc, which intro-skipper's way needs for an episode."""
    if not has_fpcalc():
        return []
    truths = [truth for path in folder.iterdir() if (truth := read_truth(path)) is not None]
    files = [
        (episode.seconds, folder / truth.name / episode.file)
        for truth in truths
        for episode in truth.episodes
        if episode.sound_seconds is not None
    ]
    theirs = [
        measure_fpcalc(path, seconds) for seconds, path in sorted(files, reverse=True)[:_LONGEST]
    ]
    if not theirs:
        return []
    return [ratio_figure(f"{name}, against fpcalc's", [each] * len(theirs), theirs)]
