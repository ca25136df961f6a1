"""Figures of the benchmark of themes, with their targets."""

from collections.abc import Sequence

import pandas as pd

from benchmarks.support.report import Figure, Target
from benchmarks.support.themes.modalities import select_repeated
from benchmarks.support.themes.results import (
    QUANTILES,
    EpisodeResult,
    tabulate_conditions,
    tabulate_types,
    tabulate_ways,
)
from benchmarks.support.themes.ways import OURS, PICTURES_ALONE, SOUND_ALONE
from whenanime_pipeline.core.themes.metrics.seconds import Overlap, measure_seconds
from whenanime_pipeline.core.themes.metrics.seconds_grid import score_grid
from whenanime_pipeline.core.themes.segments import SegmentType

_BOUNDS = {50: 0.10, 90: 0.25, 99: 1.5}
_COLUMNS = (
    ("f1", "F1 of seconds", "", Target("≥", 0.985)),
    ("iou", "IoU of seconds, strict", "", Target("≥", 0.975)),
    ("story", "story skipped, mean", "s an episode", Target("≤", 0.15)),
    ("worst_story", "story skipped, worst episode", "s", Target("≤", 1.0)),
    ("worst_certain", "story in certain segments, worst episode", "s", Target("≤", 0.5)),
    ("false", "openings and endings where there are none", "", Target("=", 0)),
    ("asked", "of so many asked", "", None),
    ("cut_points", "cut points, mean cost", "s", Target("≤", 0.05)),
    ("certain_covers", "themes' seconds that are certain", "", Target("≥", 0.9)),
    ("certain_right", "certain seconds that are right", "", Target("≥", 0.998)),
)
_SHARED: dict[str, SegmentType] = {"recap": "recap", "preview": "preview"}


def list_figures(results: Sequence[EpisodeResult]) -> list[Figure]:
    """Return the figures of all seasons, ours with targets and the peer's without."""
    figures: list[Figure] = []
    for way in dict.fromkeys(result.way for result in results):
        if way in (SOUND_ALONE, PICTURES_ALONE):
            continue
        figures += _list_way([result for result in results if result.way == way], way)
    return [*figures, *_list_alone(results)]


def _list_way(results: Sequence[EpisodeResult], way: str) -> list[Figure]:
    """Return one way's figures."""
    row, ours = tabulate_ways(results).iloc[0], way == OURS
    figures = [
        Figure(f"{way}: {name}", float(row[column]), unit, target=target if ours else None)
        for column, name, unit, target in _COLUMNS
        if pd.notna(row[column])
    ]
    figures += [
        Figure(
            f"{way}: error of bounds, {share} %",
            float(row[f"p{share}"]),
            "s",
            target=Target("≤", _BOUNDS[share]) if ours else None,
        )
        for share in QUANTILES
        if pd.notna(row[f"p{share}"])
    ]
    lowest = tabulate_conditions(results).sort_values("f1").iloc[0]
    figures.append(
        Figure(
            f"{way}: F1, lowest condition ({lowest['condition']})",
            float(lowest["f1"]),
            target=Target("≥", 0.95) if ours else None,
        )
    )
    return [*figures, *_list_types(results, way), *_list_grid(results, way)]


def _list_types(results: Sequence[EpisodeResult], way: str) -> list[Figure]:
    types, ours = tabulate_types(results), way == OURS
    figures = []
    if len(types):
        right = float((types["found"] == types["true"]).mean())
        target = Target("≥", 0.97) if ours else None
        figures.append(Figure(f"{way}: types right", right, f"of {len(types)}", target=target))
    if ours:
        for kind, bound in (("recap", 0.85), ("preview", 0.9)):
            total = sum_overlaps(results, _SHARED[kind])
            figures.append(
                Figure(f"{way}: {kind}, F1 of seconds", total.f1, target=Target("≥", bound))
            )
    return figures


def sum_overlaps(results: Sequence[EpisodeResult], kind: SegmentType) -> Overlap:
    """Return the seconds of a type over all episodes together."""
    each = [measure_seconds(r.found, r.truth.segments, (kind,)) for r in results]
    return sum(each, Overlap(0.0, 0.0, 0.0))


def _list_grid(results: Sequence[EpisodeResult], way: str) -> list[Figure]:
    """Return the scores of openings in the terms of earlier taggers."""
    score = score_grid(
        [
            (
                [(s.start, s.end) for s in result.found if s.type == "opening"],
                [(s.start, s.end) for s in result.truth.segments if s.type == "opening"],
            )
            for result in results
        ]
    )
    scores = {
        "precision": score.precision,
        "recall": score.recall,
        "F1": score.f1,
        "IoU, lenient": score.lenient_iou,
        "IoU, strict": score.strict_iou,
    }
    return [
        Figure(f"{way}: openings in the first 180 s at 1 fps, {name}", value)
        for name, value in scores.items()
    ]


def _list_alone(results: Sequence[EpisodeResult]) -> list[Figure]:
    """Return what one modality alone finds of the themes that it repeats."""
    figures = []
    for way, modality in ((SOUND_ALONE, "sound"), (PICTURES_ALONE, "pictures")):
        own = [result for result in results if result.way == way]
        repeated = select_repeated(own, "sound" if modality == "sound" else "pictures")
        if repeated:
            score = float(tabulate_ways(repeated).iloc[0]["f1"])
            name = f"{way}: F1 of seconds, themes that it repeats"
            figures.append(
                Figure(name, score, f"{len(repeated)} episodes", target=Target("≥", 0.97))
            )
    return figures
