"""Results of the benchmark: what was found in each episode, and its scores as pandas frames.

A person can take the frames into a notebook: `tabulate_episodes` has a row for each way and
episode, `tabulate_bounds` one for each theme, `tabulate_types` one for each segment that was found
where one is, and `tabulate_conditions` and `tabulate_ways` sum them up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.support.themes.truth import EpisodeTruth, SeasonTruth
from whenanime_pipeline.core.themes.metrics.boundaries import (
    compare_types,
    count_false_themes,
    match_themes,
)
from whenanime_pipeline.core.themes.metrics.seconds import (
    THEMES,
    measure_seconds,
    measure_skipped_story,
    select_certain,
)
from whenanime_pipeline.core.themes.segments import Segment

QUANTILES = (50, 90, 99)
"""Quantiles of the bounds' errors, in per cent."""


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """What one way found in one episode.

    Attributes:
        way: name of the way.
        condition: of the season.
        source: of the season's themes.
        season: its name.
        truth: of the episode.
        found: what was found.
    """

    way: str
    condition: str
    source: str
    season: str
    truth: EpisodeTruth
    found: tuple[Segment, ...]

    @property
    def labels(self) -> dict[str, Any]:
        """The columns that say what a row is of."""
        return {
            "way": self.way,
            "condition": self.condition,
            "source": self.source,
            "season": self.season,
            "episode": self.truth.number,
        }


def list_results(
    way: str, season: SeasonTruth, found: Sequence[tuple[Segment, ...]]
) -> list[EpisodeResult]:
    """Return the results of a season."""
    return [
        EpisodeResult(way, season.condition, season.source, season.name, truth, segments)
        for truth, segments in zip(season.episodes, found, strict=True)
    ]


def tabulate_episodes(results: Iterable[EpisodeResult]) -> pd.DataFrame:
    """Return a row of scores for each episode.

    Columns: those of `EpisodeResult.labels`; `minutes`; `has_themes`, whether it has an opening or
    an ending; `f1` and `iou` of their seconds; `story` and `certain_story`, seconds of story in
    what is found and in what of it is certain; `false`, openings and endings found in an episode
    without any, and `asked`, how many could have been; `true`, `certain`, `certain_true`, seconds
    of themes, of themes that are certain, and of those that both say; `cut_points`, the mean cost.
    """
    return pd.DataFrame([_score_episode(result) for result in results])


def _score_episode(result: EpisodeResult) -> dict[str, Any]:
    found, true = result.found, result.truth.segments
    certain = select_certain(found)
    seconds, sure = measure_seconds(found, true), measure_seconds(certain, true)
    false = count_false_themes(found, true)
    costs = match_themes(found, true).cut_point_costs
    return result.labels | {
        "minutes": result.truth.seconds / 60,
        "has_themes": any(segment.type in THEMES for segment in true),
        "f1": seconds.f1,
        "iou": seconds.iou,
        "story": measure_skipped_story(found, true),
        "certain_story": measure_skipped_story(certain, true),
        "false": sum(false.values()),
        "asked": len(false),
        "true": seconds.true,
        "certain": sure.found,
        "certain_true": sure.shared,
        "cut_points": float(np.mean(costs)) if costs else 0.0,
        "costs": costs,
    }


def tabulate_bounds(results: Iterable[EpisodeResult]) -> pd.DataFrame:
    """Return a row for each opening and ending that is true or found.

    Columns: those of `EpisodeResult.labels`; `type`; `outcome`, which is `found`, `missed` or
    `invented`; `start_error` and `end_error`, seconds that the found bound is later than the true
    one, not a number unless it is found; `confidence`, None where it is missed.
    """
    rows = []
    for result in results:
        match = match_themes(result.found, result.truth.segments)
        for found, true in match.pairs:
            errors = {
                "start_error": found.start - true.start,
                "end_error": found.end - true.end,
            }
            rows.append(_describe_theme(result, true.type, "found", found.confidence) | errors)
        rows += [_describe_theme(result, f.type, "invented", f.confidence) for f in match.invented]
        rows += [_describe_theme(result, true.type, "missed", None) for true in match.missed]
    columns = [*_LABELS, "type", "outcome", "confidence", "start_error", "end_error"]
    return pd.DataFrame(rows, columns=columns)


_LABELS = ("way", "condition", "source", "season", "episode")


def _describe_theme(
    result: EpisodeResult, kind: str, outcome: str, confidence: str | None
) -> dict[str, Any]:
    return result.labels | {"type": kind, "outcome": outcome, "confidence": confidence}


def tabulate_types(results: Iterable[EpisodeResult]) -> pd.DataFrame:
    """Return a row for each found segment where there is one, with `found` and `true` type."""
    rows = [
        result.labels | {"found": found, "true": true}
        for result in results
        for found, true in compare_types(result.found, result.truth.segments)
    ]
    return pd.DataFrame(rows, columns=[*_LABELS, "found", "true"])


def tabulate_ways(results: Sequence[EpisodeResult], *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the scores of each way, and of each group of its episodes.

    Args:
        results: of several ways.
        by: columns of `EpisodeResult.labels` to group by as well, such as `condition`.
    """
    keys = ["way", *by]
    episodes, bounds = tabulate_episodes(results), tabulate_bounds(results)
    groups = episodes.groupby(keys, sort=False)
    table = groups.agg(
        episodes=("episode", "size"),
        f1=("f1", "mean"),
        iou=("iou", "mean"),
        story=("story", "mean"),
        worst_story=("story", "max"),
        worst_certain=("certain_story", "max"),
        false=("false", "sum"),
        asked=("asked", "sum"),
        cut_points=("costs", _mean_cost),
    )
    sums = groups[["true", "certain", "certain_true"]].sum()
    table["certain_covers"] = sums["certain_true"] / sums["true"].where(sums["true"] > 0)
    table["certain_right"] = sums["certain_true"] / sums["certain"].where(sums["certain"] > 0)
    for outcome in ("missed", "invented"):
        counts = bounds[bounds["outcome"] == outcome].groupby(keys, sort=False).size()
        table[outcome] = counts.reindex(table.index).fillna(0).astype(int)
    return table.join(_tabulate_quantiles(bounds, keys)).reset_index()


def tabulate_conditions(results: Sequence[EpisodeResult]) -> pd.DataFrame:
    """Return the scores of each way in each condition."""
    return tabulate_ways(results, by=("condition",))


def _tabulate_quantiles(bounds: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the quantiles of the absolute errors of both bounds of the themes found."""
    found = bounds[bounds["outcome"] == "found"]
    both = [
        found[keys].assign(error=found[name].abs().astype(float))
        for name in ("start_error", "end_error")
    ]
    errors = pd.concat(both).groupby(keys, sort=False)["error"]
    return pd.DataFrame({f"p{share}": errors.quantile(share / 100) for share in QUANTILES})


def _mean_cost(costs: pd.Series) -> float:
    joined = [cost for each in costs for cost in each]
    return float(np.mean(joined)) if joined else 0.0
