"""Converts the series of a snapshot to AniList's `Media`; unknown fields are null."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from typing import Any

from whenanime_app.library.scene_json import build_anilist_info
from whenanime_pipeline.core.search.query.filters import merge_tags
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

Media = dict[str, Any]
"""Fields by AniList's names; missing fields are null."""


class MediaTable:
    """Series by number and by name."""

    def __init__(self, episodes: Sequence[EpisodeRecord] = ()) -> None:
        """Group episodes into series: by AniList's number, else MAL's, else our own.

        A series that has AniList's number is found by our own too.
        """
        series: dict[Hashable, list[EpisodeRecord]] = defaultdict(list)
        for episode in episodes:
            series[_series_identity(episode)].append(episode)
        self._media = [_build_media(group) for group in series.values()]
        self._by_id = {media["id"]: media for media in self._media}
        for media, group in zip(self._media, series.values(), strict=True):
            for number in (number for episode in group for number in episode.series_numbers):
                self._by_id.setdefault(number, media)

    def find_one(
        self, anilist_id: int | None = None, mal_id: int | None = None, search: str | None = None
    ) -> Media:
        """Return the first series that matches every given argument.

        Returns:
            The series; without a match, or without arguments, an empty one with the given ids.
        """
        if anilist_id is None and mal_id is None and search is None:
            return _make_empty_media(None, None)
        anilists = None if anilist_id is None else (anilist_id,)
        mals = None if mal_id is None else (mal_id,)
        found = self.find_all(anilists, mals, search)
        return found[0] if found else _make_empty_media(anilist_id, mal_id)

    def find_all(
        self,
        anilist_ids: Collection[int] | None = None,
        mal_ids: Collection[int] | None = None,
        search: str | None = None,
    ) -> list[Media]:
        """Return the series that match every given argument.

        Args:
            anilist_ids: any of these numbers.
            mal_ids: any of these numbers.
            search: part of a title; case does not matter.
        """
        wanted = (search or "").casefold()
        candidates = (
            self._media
            if anilist_ids is None
            else [
                self._by_id[number]
                for number in dict.fromkeys(anilist_ids)
                if number in self._by_id
            ]
        )
        return [
            media
            for media in candidates
            if (mal_ids is None or media["idMal"] in mal_ids)
            and any(wanted in name.casefold() for name in _list_titles(media))
        ]


def _series_identity(episode: EpisodeRecord) -> Hashable:
    if episode.anilist is not None:
        return "anilist", episode.anilist
    if episode.mal is not None:
        return "mal", episode.mal
    return "number", episode.series_numbers[0]


def _build_media(group: Sequence[EpisodeRecord]) -> Media:
    known = build_anilist_info(group[0])
    title = known.title
    years = [episode.year for episode in group if episode.year is not None]
    films = all(episode.kind == "film" for episode in group)
    on_anilist = group[0].anilist is not None
    return _make_empty_media(known.id, known.id_mal) | {
        "title": title.model_dump()
        | {"userPreferred": title.romaji or title.english or title.native},
        "synonyms": known.synonyms,
        "isAdult": known.is_adult,
        "type": "ANIME",
        # No file says whether episodes were on television or on the web.
        "format": "MOVIE" if films else None,
        "startDate": {"year": min(years, default=None)},
        "genres": list(merge_tags(*(episode.genres for episode in group))),
        "tags": [{"name": tag} for tag in merge_tags(*(episode.tags for episode in group))],
        "siteUrl": f"https://anilist.co/anime/{known.id}" if on_anilist else None,
    }


def _make_empty_media(anilist: int | None, mal: int | None) -> Media:
    return {
        "id": anilist,
        "idMal": mal,
        "title": {},
        "synonyms": [],
        "startDate": {},
        "endDate": {},
        "genres": [],
        "tags": [],
        "coverImage": {},
    }


def _list_titles(media: Media) -> list[str]:
    titles = media["title"].values()
    return [name for name in (*titles, *media["synonyms"]) if name]
