"""Themes that one modality repeats, for what is found by that one alone."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.support.themes.pieces import Modality
from benchmarks.support.themes.results import EpisodeResult
from benchmarks.support.themes.truth import ComposedSegment, EpisodeTruth
from whenanime_pipeline.core.themes.metrics.seconds import THEMES


def select_repeated(results: Sequence[EpisodeResult], modality: Modality) -> list[EpisodeResult]:
    """Return the results of the episodes whose themes a modality repeats.

    Themes that it does not repeat are left out, and with them what was found there; episodes
    without any that it repeats, too.
    """
    selected = []
    for result in results:
        themes = [s for s in result.truth.segments if s.type in THEMES]
        hidden = [s for s in themes if not is_repeated(s, result.truth, modality)]
        if len(hidden) == len(themes):
            continue
        truth = replace(
            result.truth, segments=tuple(s for s in result.truth.segments if s not in hidden)
        )
        found = tuple(
            f for f in result.found if not any(f.start < s.end and s.start < f.end for s in hidden)
        )
        selected.append(replace(result, truth=truth, found=found))
    return selected


def is_repeated(segment: ComposedSegment, truth: EpisodeTruth, modality: Modality) -> bool:
    """Return whether other episodes repeat a segment in a modality, and the file has it there."""
    if modality not in segment.repeats:
        return False
    if modality == "pictures":
        return True
    return truth.sound_seconds is not None and segment.end <= truth.sound_seconds + 0.5
