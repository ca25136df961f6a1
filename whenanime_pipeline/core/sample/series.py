"""Defines the invented series: titles, naming schemes and peculiar episodes."""

from dataclasses import dataclass
from typing import Literal

from whenanime_pipeline.core.sample.characters import CharacterDesign, make_cast
from whenanime_pipeline.core.sample.style import Style, make_style

Scheme = Literal["numbered", "plex"]


@dataclass(frozen=True)
class Series:
    """An invented series.

    Attributes:
        index: 0 or 1.
        title: title in the name of its folder.
        native, romaji, english: titles.
        logo: text of the title card, in Latin letters.
        season_name: name of the season.
        scheme: "numbered" is `title/01_season/01-episode.mp4`, "plex" is
            `title/Season 01/title - S01E01 - Episode.mkv` with a `tvshow.nfo`.
        anilist, mal: ids, far above any real one.
        episode_titles: titles in order, used cyclically.
        cast, style: appearance of the series.
        seed: seed of its songs.
    """

    index: int
    title: str
    native: str
    romaji: str
    english: str
    logo: str
    season_name: str
    scheme: Scheme
    anilist: int
    mal: int
    episode_titles: tuple[str, ...]
    cast: tuple[CharacterDesign, ...]
    style: Style
    seed: int

    def episode_title(self, number: int) -> str:
        """Return the title of an episode, from 1."""
        return self.episode_titles[(number - 1) % len(self.episode_titles)]

    def episode_path(self, number: int) -> str:
        """Return the path of an episode relative to the library's folder, with forward slashes."""
        title = self.episode_title(number)
        if self.scheme == "numbered":
            return f"{self.title}/01_{self.season_name}/{number:02d}-{title}.mp4"
        name = f"{self.title} - S01E{number:02d} - {title}.mkv"
        return f"{self.title}/{self.season_name}/{name}"

    def build_nfo(self) -> str | None:
        """Return the text of the series' `tvshow.nfo`; None in a scheme without one."""
        if self.scheme == "numbered":
            return None
        actors = "".join(
            f"  <actor><role>{look.name}</role><order>{place}</order></actor>\n"
            for place, look in enumerate(self.cast)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<tvshow>\n'
            f"  <title>{self.title}</title>\n"
            f"  <originaltitle>{self.native}</originaltitle>\n"
            f'  <uniqueid type="anilist" default="true">{self.anilist}</uniqueid>\n'
            f'  <uniqueid type="mal">{self.mal}</uniqueid>\n'
            f"{actors}"
            "</tvshow>\n"
        )


def make_sample_series(seed: int) -> tuple[Series, ...]:
    """Return the two series of a sample library.

    Args:
        seed: any integer >= 0; titles stay, looks and songs change.
    """
    star, tide = 2 * seed, 2 * seed + 1
    return (
        Series(
            index=0,
            title="星空邮局",
            native="星空郵便局",
            romaji="Hoshizora Yuubinkyoku",
            english="Starlit Post Office",
            logo="Starlit\nPost Office",
            season_name="第一季",
            scheme="numbered",
            anilist=9_000_001,
            mal=9_100_001,
            episode_titles=("第一封信", "雨天的来客", "没有地址的明信片", "山那边的灯火",
                            "迟到的包裹", "写给冬天", "夜行列车", "星空下的约定"),
            cast=make_cast(star, 5),
            style=make_style(star),
            seed=star,
        ),
        Series(
            index=1,
            title="Tide and Lantern",
            native="潮とランタン",
            romaji="Shio to Lantern",
            english="Tide and Lantern",
            logo="TIDE\n& LANTERN",
            season_name="Season 01",
            scheme="plex",
            anilist=9_000_002,
            mal=9_100_002,
            episode_titles=("The Harbour Wakes", "A Borrowed Boat", "Low Water", "Lights Out",
                            "Salt on the Window", "The Long Pier", "Fog Signal", "Homeward"),
            cast=make_cast(tide, 5),
            style=make_style(tide),
            seed=tide,
        ),
    )  # fmt: skip
