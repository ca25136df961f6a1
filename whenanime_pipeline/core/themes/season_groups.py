"""Groups episodes into seasons, within which themes repeat, and names each season."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.library.identity.series_numbers import identify_series, list_numbers


class _Numbered(Protocol):
    """What the order of an episode in its season goes by."""

    @property
    def number(self) -> int | None: ...
    @property
    def mark(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Season:
    """Episodes that may share themes.

    Attributes:
        id: name of the season's file; see `make_season_id`.
        series: name of the series.
        number: number of the season; 0 for specials, None without seasons.
        episodes: in the order of watching. Two may be versions of one episode, or have one content.
    """

    id: str
    series: str
    number: int | None
    episodes: tuple[Episode, ...]


def make_season_id(series_number: int, season: int | None, kind: str) -> str:
    """Return the id of a season, which stays when the series is renamed.

    Args:
        series_number: the series' own number, see `series_numbers`.
        season: number of the season; 0 for specials, None without seasons.
        kind: kind of its episodes; films of a series without seasons are a group of their own.
    """
    if season is not None:
        return f"{series_number}-s{season:02d}"
    return f"{series_number}-{'films' if kind == 'film' else 'episodes'}"


def group_seasons(catalogue: Catalogue) -> list[Season]:
    """Return the seasons of a catalogue, sorted by id; each episode is in one of them."""
    series = {identify_series(episode.name) for episode in catalogue.episodes}
    numbers = list_numbers(catalogue.series_numbers, series)
    groups: dict[str, list[Episode]] = {}
    for episode in catalogue.episodes:
        name = episode.name
        season_id = make_season_id(numbers[identify_series(name)][0], name.season, name.kind)
        groups.setdefault(season_id, []).append(episode)
    return [_make_season(season_id, groups[season_id]) for season_id in sorted(groups)]


def order_in_season(episode: _Numbered, path: str) -> tuple[object, ...]:
    """Return a sort key for the order of watching: by number, mark and path."""
    return episode.number is None, episode.number or 0, episode.mark or "", path


def _make_season(season_id: str, episodes: Sequence[Episode]) -> Season:
    ordered = sorted(episodes, key=lambda one: order_in_season(one.name, one.path))
    name = ordered[0].name
    return Season(season_id, name.series, name.season, tuple(ordered))
