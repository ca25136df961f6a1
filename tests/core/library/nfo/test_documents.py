"""NFO files of series and films: titles, ids, and which file is about which video."""

from pathlib import Path

import pytest

from whenanime_pipeline.core.library.episode import EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.nfo.documents import parse_nfo
from whenanime_pipeline.core.library.nfo.lookup import read_series_infos, resolve_root_title

FRIEREN = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<tvshow>
  <title>Frieren: Beyond Journey's End</title>
  <originaltitle>葬送のフリーレン</originaltitle>
  <sorttitle>Sousou no Frieren</sorttitle>
  <premiered>2023-09-29</premiered>
  <uniqueid type="AniList" default="true">154587</uniqueid>
  <uniqueid type="tvdb">424536</uniqueid>
  <uniqueid type="mal">52991</uniqueid>
  <tmdbid>209867</tmdbid>
  <uniqueid type="anidb">17617</uniqueid>
</tvshow>
"""
FULL = SeriesInfo(
    "Frieren: Beyond Journey's End",
    native="葬送のフリーレン",
    romaji="Sousou no Frieren",
    year=2023,
    anilist=154587,
    mal=52991,
    anidb=17617,
    tvdb=424536,
    tmdb=209867,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_titles_and_ids_are_parsed(encoding: str) -> None:
    nfo = parse_nfo(FRIEREN.encode(encoding), title="x")
    assert (nfo.series, nfo.warnings) == (FULL, ())


@pytest.mark.parametrize("pattern", ["{xml}\n{url}", "{url}\n{xml}"])
def test_link_next_to_the_xml_gives_an_id(pattern: str) -> None:
    xml, url = "<movie><title>Akira</title><year>1988</year></movie>", "https://anilist.co/anime/47"
    nfo = parse_nfo(pattern.format(xml=xml, url=url).encode(), title="x")
    assert nfo.series == SeriesInfo("Akira", year=1988, anilist=47)
    assert nfo.is_film


def test_link_alone_gives_an_id() -> None:
    nfo = parse_nfo(b"https://myanimelist.net/anime/47/Akira\r\n", title="Akira")
    assert nfo.series == SeriesInfo("Akira", mal=47)


@pytest.mark.parametrize(
    "data", [b"", b"GREETINGS FROM THE GROUP", b"<episodedetails/>", b"<artist>anilist.co/anime/1"]
)
def test_other_content_is_no_series(data: bytes) -> None:
    nfo = parse_nfo(data, title="x")
    assert (nfo.series, nfo.warnings) == (None, ())


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        # Jellyfin's elements, tinyMediaManager's, and others' spellings of types and values.
        ("<anilistid>100</anilistid><anidbid>14444</anidbid>", {"anilist": 100, "anidb": 14444}),
        ("<malid>5</malid><tvdbid>6</tvdbid><tmdbid>7</tmdbid>", {"mal": 5, "tvdb": 6, "tmdb": 7}),
        ('<uniqueid type="MyAnimeList">5</uniqueid>', {"mal": 5}),
        ('<uniqueid type="AniDB">anidb-14444</uniqueid>', {"anidb": 14444}),
        ('<id TVDB="6" TMDB="7">6</id>', {"tvdb": 6, "tmdb": 7}),
        # A scraper's default id does not say whose it is.
        ("<id>81189</id>", {}),
        ('<uniqueid type="anilist">0</uniqueid><anilistid/>', {}),
        ('<uniqueid type="anilist">tt0112718</uniqueid>', {}),
        # Ids of people are none of the series.
        ("<actor><name>N</name><tmdbid>9</tmdbid><anilistid>8</anilistid></actor>", {}),
        ('<uniqueid type="anilist">2</uniqueid><anilistid>1</anilistid>', {"anilist": 2}),
    ],
)
def test_ids_are_read_in_all_spellings(xml: str, expected: dict[str, int]) -> None:
    info = parse_nfo(f"<tvshow><title>x</title>{xml}</tvshow>".encode(), title="x").series
    assert info is not None
    found = {site: getattr(info, site) for site in ("anilist", "mal", "anidb", "tvdb", "tmdb")}
    assert {site: number for site, number in found.items() if number is not None} == expected


@pytest.mark.parametrize(
    ("xml", "native", "romaji"),
    [
        ("<originaltitle>葬送のフリーレン</originaltitle>", "葬送のフリーレン", None),
        ("<originaltitle>Sousou no Frieren</originaltitle>", None, "Sousou no Frieren"),
        (
            "<originaltitle>進撃の巨人</originaltitle><sorttitle>Shingeki no Kyojin</sorttitle>",
            "進撃の巨人",
            "Shingeki no Kyojin",
        ),
        # A sort title that is the title itself is no romaji.
        ("<originaltitle>約束</originaltitle><sorttitle>Promise, The</sorttitle>", "約束", None),
        ("<originaltitle>約束</originaltitle><sorttitle>Promise 01</sorttitle>", "約束", None),
        ("<originaltitle>約束</originaltitle><sorttitle>やくそく</sorttitle>", "約束", None),
        ("<originaltitle>约束</originaltitle><romaji>Yakusoku</romaji>", "约束", "Yakusoku"),
    ],
)
def test_titles_are_assigned_to_languages(xml: str, native: str | None, romaji: str | None) -> None:
    info = parse_nfo(f"<tvshow><title>The Promise</title>{xml}</tvshow>".encode(), title="x").series
    assert info is not None
    assert (info.title, info.native, info.romaji) == ("The Promise", native, romaji)


def test_other_titles_are_synonyms() -> None:
    xml = """<tvshow><title>Frieren</title><originaltitle>葬送のフリーレン</originaltitle>
    <showtitle>FRIEREN</showtitle><alternatetitle>Frieren at the Funeral</alternatetitle>
    <alternatetitle>葬送のフリーレン</alternatetitle><englishtitle>Frieren</englishtitle>
    <alternatetitle>Frieren \u202eat the Funeral</alternatetitle><alias>芙莉莲</alias></tvshow>"""
    info = parse_nfo(xml.encode(), title="x").series
    assert info is not None
    assert info.synonyms == ("Frieren at the Funeral", "芙莉莲")
    assert info.english == "Frieren"


def test_genres_and_tags_are_split_and_listed_once() -> None:
    xml = """<tvshow><genre>Action / Sci-Fi &amp; Fantasy</genre><genre>action</genre>
    <genre>Mystery, Drama</genre><tag>24/7</tag><tag>ＭＥＣＨＡ</tag><style>mecha</style>
    <tag>based on manga, in part</tag><keyword>school</keyword></tvshow>"""
    info = parse_nfo(xml.encode(), title="x").series
    assert info is not None
    assert info.genres == ("Action", "Sci-Fi & Fantasy", "Mystery", "Drama")
    assert info.tags == ("24/7", "ＭＥＣＨＡ", "based on manga, in part", "school")


def series_nfo(title: str) -> str:
    return f"<tvshow><title>{title}</title></tvshow>"


def test_each_video_gets_the_metadata_of_its_nfo(tmp_path: Path) -> None:
    files = {
        "tvshow.nfo": series_nfo("Root"),
        "Show/tvshow.nfo": series_nfo("The Show"),
        "Movies/Akira.nfo": "<movie><title>AKIRA</title></movie>",
        "Broken/tvshow.nfo": "<tvshow><year>1999</year>",
        "Refused/tvshow.nfo": "<!DOCTYPE x><tvshow><title>Refused title</title></tvshow>",
        "Movies/OVA/OVA - 01.nfo": "<movie><title>The OVA</title></movie>",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    nfos = sorted(files)
    root = resolve_root_title(tmp_path, nfos, "Configured")
    names = {
        "01_x/01-y.mp4": EpisodeName("Root", 1, "x", 1),
        "Show/Season 01/01.mkv": EpisodeName("Show", 1, number=1),
        "Movies/Akira.mkv": EpisodeName("Akira", kind="film"),
        "Movies/Other.mkv": EpisodeName("Other", kind="film", year=1999),
        "Broken/01.mkv": EpisodeName("Broken", number=1),
        "Refused/01.mkv": EpisodeName("Refused", number=1),
        "Movies/OVA/OVA - 01.mkv": EpisodeName("OVA", number=1),
    }
    infos = read_series_infos(tmp_path, nfos, names, root)
    assert root == "Root"
    assert {path: info.title for path, info in infos.by_path.items()} == {
        "01_x/01-y.mp4": "Root",
        "Show/Season 01/01.mkv": "The Show",
        "Movies/Akira.mkv": "AKIRA",
        "Movies/Other.mkv": "Other",
        "Broken/01.mkv": "Broken",
        "Refused/01.mkv": "Refused",
        "Movies/OVA/OVA - 01.mkv": "The OVA",
    }
    assert infos.by_path["Movies/Other.mkv"].year == 1999
    assert infos.by_path["Broken/01.mkv"].year == 1999
    assert [str(warning) for warning in infos.warnings] == [
        "Broken/tvshow.nfo: is broken XML in line 1 (mismatched tag); what could be read was used",
        "Refused/tvshow.nfo: declares a document type, which is refused; it was not used",
    ]


def test_root_title_is_from_nfo_else_configuration_else_folder(tmp_path: Path) -> None:
    folder = tmp_path / "My videos"
    folder.mkdir()
    assert resolve_root_title(folder, [], None) == "My videos"
    assert resolve_root_title(folder, [], "Configured") == "Configured"
    (folder / "tvshow.nfo").write_text("<tvshow>", encoding="utf-8")
    assert resolve_root_title(folder, ["tvshow.nfo"], "Configured") == "Configured"
    (folder / "tvshow.nfo").write_text(series_nfo("Changed"), encoding="utf-8")
    assert resolve_root_title(folder, ["tvshow.nfo"], "Configured") == "Changed"
