"""Ways to find themes, by name: the product's, the product's with less, and a peer's.

`find_themes` is the only place that knows the product's entry point.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.support.themes.season_tracks import SeasonTracks
from whenanime_pipeline.core.themes.detection import find_season_themes
from whenanime_pipeline.core.themes.segments import SeasonThemes, Segment
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

OURS, SOUND_ALONE, PICTURES_ALONE, PEER = "ours", "sound alone", "pictures alone", "intro-skipper's"

FindThemes = Callable[[Sequence[EpisodeTracks]], SeasonThemes]
"""Episodes of a season → their themes."""
Found = list[tuple[Segment, ...]]
"""What was found in each episode of a season, in its order."""


def find_themes(episodes: Sequence[EpisodeTracks]) -> SeasonThemes:
    """Find the themes of a season as the product does."""
    return find_season_themes(episodes)


def find_by_tracks(season: SeasonTracks, find: FindThemes, way: str = OURS) -> Found:
    """Return what is found in a season by all its tracks, by its sound, or by its pictures."""
    episodes = [_select_tracks(episode, way) for episode in season.episodes]
    themes = find(episodes)
    return [themes.episodes.get(episode.fingerprint, ()) for episode in episodes]


def find_weekly(season: SeasonTracks, find: FindThemes) -> Found:
    """Return what is found in each episode when it and those before it are all there is."""
    return [
        find_by_tracks(season.limit(count), find)[-1]
        for count in range(1, len(season.episodes) + 1)
    ]


def _select_tracks(episode: EpisodeTracks, way: str) -> EpisodeTracks:
    if way == SOUND_ALONE:
        return replace(episode, pictures=None, text=None)
    if way == PICTURES_ALONE:
        return replace(episode, sound=None, text=None)
    return episode
