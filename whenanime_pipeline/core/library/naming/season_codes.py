"""Reads numbers of season and episode without a letter, `103` for S01E03, where siblings prove it.

A number of three digits is an absolute one unless the folder's other numbers cannot be: they are
those of several seasons (101 to 113, 201 to 213, and none between), or of the season that the
folder names.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from whenanime_pipeline.core.library.episode import EpisodeName

_LAST_SEASON = 9
_LAST_EPISODE = 60
"""Episodes of a season at most; more would be a long series that counts through."""
_LEAST_EPISODES = 3
_LEAST_SHARE = 2 / 3
"""Of a season's episodes up to the last one, how many must be there."""


def read_season_code(name: EpisodeName) -> EpisodeName | None:
    """Return a name whose number is read as season and episode; None where that cannot be.

    Args:
        name: Name with a number that nothing in the file's own name declares.
    """
    if name.kind != "episode" or name.number is None:
        return None
    season, number = divmod(name.number, 100)
    last_season, last = divmod(name.number_end or name.number, 100)
    if not _is_code(season, number) or last_season != season or name.season not in {None, season}:
        return None
    end = None if name.number_end is None else last
    return replace(name, season=season, number=number, number_end=end)


def may_be_season_codes(numbers: Collection[int]) -> bool:
    """Whether each of a folder's numbers can be season and episode."""
    return bool(numbers) and all(_is_code(*divmod(number, 100)) for number in numbers)


def are_season_codes(numbers: Collection[int], season: int | None) -> bool:
    """Whether a folder's numbers prove that they are seasons and episodes.

    Args:
        numbers: All numbers of one series in one folder.
        season: Season that the folder names; None where it names none.
    """
    if not may_be_season_codes(numbers):
        return False
    seasons = _split_seasons(numbers)
    if not all(map(_counts_from_one, seasons.values())):
        return False
    return set(seasons) == {season} if season is not None else len(seasons) > 1


def _is_code(season: int, number: int) -> bool:
    return 1 <= season <= _LAST_SEASON and 1 <= number <= _LAST_EPISODE


def _split_seasons(numbers: Collection[int]) -> Mapping[int, set[int]]:
    seasons: dict[int, set[int]] = defaultdict(set)
    for number in numbers:
        seasons[number // 100].add(number % 100)
    return seasons


def _counts_from_one(episodes: Collection[int]) -> bool:
    is_dense = len(episodes) >= _LEAST_SHARE * max(episodes)
    return 1 in episodes and len(episodes) >= _LEAST_EPISODES and is_dense
