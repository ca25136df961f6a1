"""A tiny season as files, and answers to it, for the tests of the benchmark of themes."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.support.themes.composing import compose_season
from benchmarks.support.themes.pieces import SeasonPlan
from benchmarks.support.themes.scripts import Script
from benchmarks.support.themes.series import make_series
from benchmarks.support.themes.truth import SeasonTruth
from whenanime_pipeline.core.themes.segments import Evidence, SeasonThemes, Segment
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks


def plan_tiny(episodes: int = 2, longer: float = 0.0) -> SeasonPlan:
    """Episodes of 30 s with an opening, a card and an ending, or with longer themes."""
    series = make_series(9, "painted")
    opening, ending = (
        series.theme("opening", 1, 8.3 + longer),
        series.theme("ending", 2, 7.2 + longer),
    )
    scripts = [Script(series, n) for n in range(1, episodes + 1)]
    for script in scripts:
        script.story(3 * script.number).show(opening, "opening").card("sponsor", 5, 2)
        script.story(6 + longer).show(ending, "ending").black(1)
    plans = tuple(script.compose() for script in scripts)
    return SeasonPlan("tiny", "tiny", "drawn A", plans)


def compose_tiny(folder: Path, episodes: int = 2, longer: float = 0.0) -> SeasonTruth:
    return compose_season(folder, plan_tiny(episodes, longer))


def make_tracks(truth: SeasonTruth) -> tuple[EpisodeTracks, ...]:
    """Tracks that hold nothing but names and lengths."""
    return tuple(
        EpisodeTracks(e.file, e.number, e.seconds, e.frame_rate, None, None, None)
        for e in truth.episodes
    )


def answer_truth(truth: SeasonTruth, late: float = 0.0) -> list[tuple[Segment, ...]]:
    """The truth as an answer, each bound a while later."""
    evidence = Evidence(("pictures", "sound"), 3)
    return [
        tuple(
            Segment(s.type, s.start + late, s.end + late, 0.1, 0.1, "certain", evidence)
            for s in episode.segments
        )
        for episode in truth.episodes
    ]


def find_truth(truth: SeasonTruth, episodes: Sequence[EpisodeTracks]) -> SeasonThemes:
    """A finder that knows the truth."""
    answers = dict(zip([e.file for e in truth.episodes], answer_truth(truth), strict=True))
    return SeasonThemes("", (), {e.fingerprint: answers[e.fingerprint] for e in episodes})
