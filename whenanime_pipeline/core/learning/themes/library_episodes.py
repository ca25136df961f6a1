"""Collects what a library knows of its themes: from a labels file, or from its own seasons."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.themes.errors import ThemesError
from whenanime_pipeline.core.themes.labels_file import LabelledEpisode, read_labels
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.season_store import read_season_themes
from whenanime_pipeline.core.themes.segments import SeasonThemes

Truth = Mapping[str, tuple[TrueSegment, ...]]
"""Segments by the fingerprint of an episode's content; none means that it has no themes."""


def collect_labels(
    path: Path, episodes: Sequence[Episode]
) -> tuple[Truth, dict[str, LabelledEpisode]]:
    """Return what a labels file says of a library's episodes.

    An entry is of the episode whose key, path, file name, or name without its suffix it gives as
    id, url or name, or whose folder has its id as name, as the seed project keeps its videos.

    Args:
        path: of the file.
        episodes: of the library.

    Returns:
        The segments; and the entries that they come from, by the same fingerprints.

    Raises:
        LabelsFileError: the file cannot be read, or says what cannot be.
        TrainingError: no entry is of an episode of the library.
    """
    known = _name_episodes(episodes)
    truth: dict[str, tuple[TrueSegment, ...]] = {}
    entries: dict[str, LabelledEpisode] = {}
    for entry in read_labels(path):
        names = (entry.id, entry.url, entry.name)
        found = next((known[name] for name in names if name in known), None)
        if found is not None:
            truth[found.fingerprint] = tuple(
                TrueSegment(one.type, one.start, one.end) for one in entry.segments
            )
            entries[found.fingerprint] = entry
    if not truth:
        raise TrainingError(
            f"{path}: no entry is of an episode of this library: give file names or keys as ids"
        )
    return truth, entries


def _name_episodes(episodes: Sequence[Episode]) -> dict[str, Episode]:
    """Return episodes by all their names that only one of them has."""
    found: dict[str, list[Episode]] = {}
    for episode in episodes:
        file = PurePosixPath(episode.path)
        for name in {episode.key, episode.path, file.name, file.stem, file.parent.name} - {""}:
            found.setdefault(name, []).append(episode)
    return {name: each[0] for name, each in found.items() if len(each) == 1}


def collect_certain(seasons: Iterable[SeasonThemes]) -> Truth:
    """Return what seasons say for certain of their episodes.

    An episode with a segment that is not certain is left out: what it is, is not known. So is one
    without any: it may have themes that no other episode shares.

    Args:
        seasons: themes of the library's seasons.
    """
    return {
        fingerprint: tuple(TrueSegment(one.type, one.start, one.end) for one in segments)
        for season in seasons
        for fingerprint, segments in season.episodes.items()
        if segments and all(one.confidence == "certain" for one in segments)
    }


def read_seasons(home: Home) -> list[SeasonThemes]:
    """Return the stored themes of a library's seasons; damaged files are left out.

    Args:
        home: of the library.
    """
    found = []
    for path in sorted(home.season_themes_file("x").parent.glob("*.json")):
        try:
            themes = read_season_themes(path)
        except ThemesError:
            continue  # computed again by the step that makes them
        if themes is not None:
            found.append(themes)
    return found
