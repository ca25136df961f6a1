"""Finds how fast each episode of a season plays, against the others.

PAL releases play film 4 % faster, and sound higher. The frame rate says which episodes may; whether
one does is decided by whether it agrees with its neighbours at that speed.
"""

from collections.abc import Sequence
from statistics import median

from whenanime_pipeline.core.themes.match.correlation import choose_size, compute_spectra
from whenanime_pipeline.core.themes.match.features import (
    EpisodeFeatures,
    Projection,
    compute_features,
)
from whenanime_pipeline.core.themes.match.pairs import match_episodes
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

_LEAST_DIFFERENCE = 0.01
"""Difference of frame rates, as a share, from which a speed is tried."""
_COMPARED = 3
"""Usual episodes that an unusual one is compared with."""


def find_speeds(tracks: Sequence[EpisodeTracks], projection: Projection | None) -> list[float]:
    """Return the seconds of each episode's own time for a second of the season's time.

    Args:
        tracks: of the season, in order.
        projection: of its embeddings.
    """
    rates = [one.frame_rate for one in tracks]
    known = [rate for rate in rates if rate]
    if not known:
        return [1.0] * len(tracks)
    usual = median(sorted(known))
    odd = [
        place
        for place, rate in enumerate(rates)
        if rate and abs(rate / usual - 1) > _LEAST_DIFFERENCE and 0.9 < rate / usual < 1.1
    ]
    speeds = [1.0] * len(tracks)
    for place in odd:
        near = sorted(
            (other for other in range(len(tracks)) if other not in odd),
            key=lambda other: abs(other - place),
        )[:_COMPARED]
        speed = usual / (rates[place] or usual)
        others = [compute_features(tracks[other], projection) for other in near]
        if _agree(tracks[place], projection, speed, others) > _agree(
            tracks[place], projection, 1.0, others
        ):
            speeds[place] = speed
    return speeds


def _agree(
    tracks: EpisodeTracks,
    projection: Projection | None,
    speed: float,
    others: Sequence[EpisodeFeatures],
) -> float:
    """Return the seconds that an episode shares with others when it plays at a speed."""
    features = compute_features(tracks, projection, speed)
    size = choose_size(max(len(features), *(len(one) for one in others)))
    spectra = compute_spectra(features, size)
    return sum(
        (run.end - run.start) * run.likeness
        for one in others
        for run in match_episodes(features, one, spectra, compute_spectra(one, size))
    )
