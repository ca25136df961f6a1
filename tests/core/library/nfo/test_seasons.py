"""NFO files of seasons and episodes, as Jellyfin, Emby, Kodi and tinyMediaManager write them."""

from pathlib import Path

import pytest

from whenanime_pipeline.core.library.episode import EpisodeInfo, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.nfo.documents import parse_nfo
from whenanime_pipeline.core.library.nfo.lookup import read_series_infos

SHOW = "<tvshow><title>Show</title><anilistid>100</anilistid><malid>101</malid>{}</tvshow>"


def read_infos(
    folder: Path, nfos: dict[str, str], seasons: dict[str, int | None]
) -> dict[str, SeriesInfo]:
    """Return the metadata of videos, given NFO files and each video's season."""
    for path, text in nfos.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    names = {path: EpisodeName("Show", season, number=1) for path, season in seasons.items()}
    found = read_series_infos(folder, sorted(nfos), names, "Root")
    assert found.warnings == ()
    return dict(found.by_path)


def season_nfo(number: int | None, anilist: int | None = None, more: str = "") -> str:
    numbered = "" if number is None else f"<seasonnumber>{number}</seasonnumber>"
    ids = "" if anilist is None else f"<anilistid>{anilist}</anilistid>"
    return f"<season>{numbered}{ids}{more}</season>"


S1, S2, S3 = "Show/Season 01/1.mkv", "Show/Season 02/1.mkv", "Show/Season 03/1.mkv"
FLAT = "Show/Show S02E01.mkv"


@pytest.mark.parametrize(
    ("nfos", "seasons", "anilist"),
    [
        # Jellyfin and Emby: in the season's folder, with its number.
        ({"Show/Season 02/season.nfo": season_nfo(2, 200)}, {S1: 1, S2: 2}, {S1: 100, S2: 200}),
        # Without the number, by its folder.
        ({"Show/Season 02/season.nfo": season_nfo(None, 200)}, {S1: 1, S2: 2}, {S1: 100, S2: 200}),
        ({"Show/Season 02/SEASON.NFO": season_nfo(2, 200)}, {S2: 2}, {S2: 200}),
        # The folder's only season, where its number is not in the names, or is another one.
        ({"Show/Season 02/season.nfo": season_nfo(2, 200)}, {S2: None}, {S2: 200}),
        ({"Show/Season 02/season.nfo": season_nfo(1, 200)}, {S2: 2}, {S2: 200}),
        # Below the season's folder.
        (
            {"Show/Season 02/season.nfo": season_nfo(None, 200)},
            {"Show/Season 02/Disc 1/1.mkv": 2},
            {"Show/Season 02/Disc 1/1.mkv": 200},
        ),
        # tinyMediaManager: all in the series' folder.
        (
            {"Show/season01.nfo": season_nfo(None, 110), "Show/season02.nfo": season_nfo(None, 200),
             "Show/season-specials.nfo": season_nfo(None, 300)},
            {S1: 1, FLAT: 2, "Show/Specials/1.mkv": 0, S3: 3},
            {S1: 110, FLAT: 200, "Show/Specials/1.mkv": 300, S3: None},
        ),
        # One in the series' folder, without a number: its first season.
        ({"Show/season.nfo": season_nfo(None, 110)}, {"Show/1.mkv": 1, S2: 2},
         {"Show/1.mkv": 110, S2: None}),
        ({"Show/season.nfo": season_nfo(1, 110)}, {"Show/1.mkv": None}, {"Show/1.mkv": 110}),
        ({"Show/season.nfo": season_nfo(2, 200)}, {"Show/1.mkv": 1, S2: 2},
         {"Show/1.mkv": 100, S2: 200}),
        # A special in a season's folder is none of the season.
        ({"Show/Season 02/season.nfo": season_nfo(2, 200)},
         {S2: 2, "Show/Season 02/SP.mkv": 0}, {S2: 200, "Show/Season 02/SP.mkv": 100}),
        # Where a season has its own id, the series' is the first season's and the specials'.
        ({"Show/Season 02/season.nfo": season_nfo(2, 200)},
         {S1: 1, S2: 2, S3: 3, "Show/a.mkv": None, "Show/0.mkv": 0},
         {S1: 100, S2: 200, S3: None, "Show/a.mkv": 100, "Show/0.mkv": 100}),
        # Where none has, it is everybody's.
        ({"Show/Season 02/season.nfo": season_nfo(2)}, {S1: 1, S2: 2, S3: 3},
         {S1: 100, S2: 100, S3: 100}),
        # Nothing but a season's file.
        ({"Show/tvshow.nfo": "", "Show/Season 02/season.nfo": season_nfo(2, 200)},
         {S1: 1, S2: 2}, {S1: None, S2: 200}),
    ],
)  # fmt: skip
def test_season_answers_with_its_own_id(
    tmp_path: Path,
    nfos: dict[str, str],
    seasons: dict[str, int | None],
    anilist: dict[str, int | None],
) -> None:
    infos = read_infos(tmp_path, {"Show/tvshow.nfo": SHOW.format("")} | nfos, seasons)
    assert {path: info.anilist for path, info in infos.items()} == anilist


def test_ids_of_a_season_replace_those_that_number_seasons(tmp_path: Path) -> None:
    show = SHOW.format("<anidbid>1</anidbid><tvdbid>2</tvdbid><tmdbid>3</tmdbid>")
    season = season_nfo(2, None, "<anidbid>11</anidbid><tmdbid>33</tmdbid>")
    nfos = {"Show/tvshow.nfo": show, "Show/Season 02/season.nfo": season}
    info = read_infos(tmp_path, nfos, {S2: 2})[S2]
    # TheTVDB numbers series: its id stays.
    assert info == SeriesInfo("Show", anidb=11, tvdb=2, tmdb=33)


def test_season_of_the_root_series_is_found(tmp_path: Path) -> None:
    nfos = {"tvshow.nfo": SHOW.format(""), "season02.nfo": season_nfo(None, 200)}
    for path, text in nfos.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    names = {
        "Season 2/1.mkv": EpisodeName("Show", 2, number=1),
        "Other/Season 2/1.mkv": EpisodeName("Other", 2, number=1),
    }
    infos = read_series_infos(tmp_path, sorted(nfos), names, "Show").by_path
    assert infos["Season 2/1.mkv"].anilist == 200
    assert infos["Other/Season 2/1.mkv"].anilist is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Kyoto Arc", "Kyoto Arc"),
        ("Season 2: The Return", "Season 2: The Return"),
        ("Book Two: Earth", "Book Two: Earth"),
        ("决战次时代", "决战次时代"),
        ("Season 2", None),
        ("season 02", None),
        ("Season 2 (2022)", None),
        ("2nd Season", None),
        ("Season Two", None),
        ("Season II", None),
        ("S02", None),
        ("2", None),
        ("第 2 季", None),
        ("第二季", None),
        ("第2期", None),
        ("シーズン2", None),
        ("시즌 2", None),
        ("2기", None),
        ("Staffel 2", None),
        ("2. Staffel", None),
        ("Saison 2", None),
        ("Temporada 2", None),
        ("2ª Temporada", None),
        ("Stagione 2", None),
        ("Сезон 2", None),
        ("2 сезон", None),
        ("Specials", None),
        ("特别篇", None),
        ("Show", None),  # the series' own title
    ],
)
def test_season_is_named_unless_its_name_is_its_number(
    tmp_path: Path, title: str, name: str | None
) -> None:
    season = season_nfo(2, None, f"<title>{title}</title>")
    by_file = {"Show/tvshow.nfo": SHOW.format(""), "Show/Season 02/season.nfo": season}
    assert read_infos(tmp_path / "a", by_file, {S2: 2})[S2].season_name == name
    named = (
        f'<namedseason number="1">First</namedseason><namedseason number="2">{title}</namedseason>'
    )
    by_series = {"Show/tvshow.nfo": SHOW.format(named)}
    infos = read_infos(tmp_path / "b", by_series, {S1: 1, S2: 2, S3: 3})
    assert [infos[path].season_name for path in (S1, S2, S3)] == ["First", name, None]


def test_newer_kodi_names_seasons_by_details() -> None:
    names = '<seasondetails number="2"><name>Kyoto Arc</name><plot>x</plot></seasondetails>'
    assert parse_nfo(SHOW.format(names).encode(), title="x").season_names == {2: "Kyoto Arc"}


def episode(title: str, number: int | None = None, season: int = 1, more: str = "") -> str:
    numbered = "" if number is None else f"<season>{season}</season><episode>{number}</episode>"
    return f"<episodedetails><title>{title}</title>{numbered}{more}</episodedetails>"


KODI = '<?xml version="1.0"?>\n' + episode("One", 1) + "\n" + episode("Two & Half", 2)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (episode("The Start", 1), EpisodeName("S", 1, number=1), EpisodeInfo("The Start", 1, 1)),
        (
            episode("A", 1, more="<aired>2023-09-29</aired>"),
            EpisodeName("S", 1, number=1),
            EpisodeInfo("A", 1, 1, "2023-09-29"),
        ),
        # A file of several episodes, as Kodi writes it: several documents in one file.
        (KODI, EpisodeName("S", 1, number=1, number_end=2), EpisodeInfo("One / Two & Half", 1, 1)),
        (KODI, EpisodeName("S", 1, number=2), EpisodeInfo("Two & Half", 1, 2)),
        (KODI, EpisodeName("S", None, number=2), EpisodeInfo("Two & Half", 1, 2)),
        # Its numbers do not count, only which of several is meant.
        (episode("A", 7, season=3), EpisodeName("S", 1, number=1), EpisodeInfo("A", 3, 7)),
        (KODI, EpisodeName("S", None, number=13), EpisodeInfo("One / Two & Half", 1, 1)),
        # Titles that say nothing.
        (episode("Episode 5", 5), EpisodeName("S", 1, number=5), EpisodeInfo(None, 1, 5)),
        (episode("第5話", 5), EpisodeName("S", 1, number=5), EpisodeInfo(None, 1, 5)),
        (episode("TBA", 5), EpisodeName("S", 1, number=5), EpisodeInfo(None, 1, 5)),
        (episode("[G] Show - 05"), EpisodeName("S", number=5), None),
        (episode("第5話 灯"), EpisodeName("S", 1, number=5), EpisodeInfo("第5話 灯")),
        ("<episodedetails/>", EpisodeName("S", number=5), None),
        ("Released by a group: anilist.co/anime/5", EpisodeName("S", number=5), None),
    ],
)
def test_episode_has_the_title_of_its_own_file(
    tmp_path: Path, text: str, name: EpisodeName, expected: EpisodeInfo | None
) -> None:
    (tmp_path / "[G] Show - 05.nfo").write_text(text, encoding="utf-8")
    infos = read_series_infos(tmp_path, ["[G] Show - 05.nfo"], {"[G] Show - 05.mkv": name}, "Root")
    info = infos.by_path["[G] Show - 05.mkv"]
    assert info == SeriesInfo("S", episode=expected)
    assert infos.warnings == ()
