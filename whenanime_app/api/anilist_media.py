"""The series of a snapshot as AniList's `Media`; what no name and no NFO tells is null."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from typing import Any

from whenanime_app.library.scene_json import anilist_of
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

Media = dict[str, Any]
"""Fields by AniList's names; fields that are not there are null."""


class MediaTable:
    """Series by number and by name."""

    def __init__(self, episodes: Sequence[EpisodeRecord] = ()) -> None:
        """Gather episodes into series: by AniList's number, else MAL's, else the name."""
        series: dict[Hashable, list[EpisodeRecord]] = defaultdict(list)
        for episode in episodes:
            series[_identity(episode)].append(episode)
        self._all = [_media(group) for group in series.values()]
        self._by_id = {media["id"]: media for media in self._all if media["id"] is not None}

    def one(
        self, anilist: int | None = None, mal: int | None = None, search: str | None = None
    ) -> Media:
        """Return the first series that fits all that is given.

        Returns:
            Of a series that is not here, or when nothing is given: the numbers that were asked
            for and nothing more.
        """
        if anilist is None and mal is None and search is None:
            return _nothing(None, None)
        anilists = None if anilist is None else (anilist,)
        mals = None if mal is None else (mal,)
        found = self.select(anilists, mals, search)
        return found[0] if found else _nothing(anilist, mal)

    def select(
        self,
        anilist: Collection[int] | None = None,
        mal: Collection[int] | None = None,
        search: str | None = None,
    ) -> list[Media]:
        """Return the series that fit all that is given.

        Args:
            anilist: any of these numbers.
            mal: any of these numbers.
            search: part of a title; case does not matter.
        """
        wanted = (search or "").casefold()
        candidates = (
            self._all
            if anilist is None
            else [self._by_id[number] for number in dict.fromkeys(anilist) if number in self._by_id]
        )
        return [
            media
            for media in candidates
            if (mal is None or media["idMal"] in mal)
            and any(wanted in name.casefold() for name in _names(media))
        ]


def _identity(episode: EpisodeRecord) -> Hashable:
    if episode.anilist is not None:
        return "anilist", episode.anilist
    if episode.mal is not None:
        return "mal", episode.mal
    return "name", episode.series, episode.year


def _media(group: Sequence[EpisodeRecord]) -> Media:
    known = anilist_of(group[0])
    title = known["title"]
    years = [episode.year for episode in group if episode.year is not None]
    films = all(episode.kind == "film" for episode in group)
    number = known["id"]
    return _nothing(number, known["idMal"]) | {
        "title": title | {"userPreferred": title["romaji"] or title["english"] or title["native"]},
        "synonyms": known["synonyms"],
        "isAdult": known["isAdult"],
        "type": "ANIME",
        # Whether episodes were on television or on the web no file tells.
        "format": "MOVIE" if films else None,
        "startDate": {"year": min(years, default=None)},
        "siteUrl": None if number is None else f"https://anilist.co/anime/{number}",
    }


def _nothing(anilist: int | None, mal: int | None) -> Media:
    return {
        "id": anilist,
        "idMal": mal,
        "title": {},
        "synonyms": [],
        "startDate": {},
        "endDate": {},
        "genres": [],
        "coverImage": {},
    }


def _names(media: Media) -> list[str]:
    titles = media["title"].values()
    return [name for name in (*titles, *media["synonyms"]) if name]
