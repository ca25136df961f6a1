"""NFO files of Kodi and Jellyfin, and untrusted ones."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import Character, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.nfo import (
    MAX_CHARACTERS,
    MAX_NFO_BYTES,
    NfoError,
    parse_nfo,
    read_nfo,
)
from whenanime_pipeline.core.library.nfo_lookup import read_series_infos, resolve_root_title

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
    assert parse_nfo(FRIEREN.encode(encoding), title="x") == FULL


def test_declared_encoding_is_used() -> None:
    text = '<?xml version="1.0" encoding="GB18030"?><tvshow><title>喜羊羊</title></tvshow>'
    assert parse_nfo(text.encode("gb18030"), title="x") == SeriesInfo("喜羊羊", native="喜羊羊")


@pytest.mark.parametrize("pattern", ["{xml}\n{url}", "{url}\n{xml}"])
def test_link_next_to_the_xml_gives_an_id(pattern: str) -> None:
    xml, url = "<movie><title>Akira</title><year>1988</year></movie>", "https://anilist.co/anime/47"
    info = parse_nfo(pattern.format(xml=xml, url=url).encode(), title="x")
    assert info == SeriesInfo("Akira", year=1988, anilist=47)


def test_link_alone_gives_an_id() -> None:
    info = parse_nfo(b"https://myanimelist.net/anime/47/Akira\r\n", title="Akira")
    assert info == SeriesInfo("Akira", mal=47)


@pytest.mark.parametrize("data", [b"", b"GREETINGS FROM THE GROUP", b"<episodedetails/>"])
def test_other_content_yields_none(data: bytes) -> None:
    assert parse_nfo(data, title="x") is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<tvshow><title>x</title>", "last tag"),
        (b"<tvshow><title>x</tvshow>", "broken XML"),
        (b"<tvshow><title>\xff\xfe\x00</title></tvshow>", "encoding"),
        (b'<?xml version="1.0" encoding="klingon"?><tvshow></tvshow>', "encoding"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><tvshow><title>&b;</title></tvshow>', "refused"),
    ],
)
def test_broken_file_raises_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_nfo(data, title="x")


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_content_is_parsed_or_refused(data: bytes, text: str) -> None:
    for content in (data, b"<tvshow>" + data + b"</tvshow>", f"<movie>{text}</movie>".encode()):
        with suppress(ValueError):
            info = parse_nfo(content, title="x")
            assert info is None or info.title


def test_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tvshow.nfo"
    path.write_bytes(b" " * (MAX_NFO_BYTES + 1))
    with pytest.raises(NfoError, match=r"tvshow\.nfo: is larger than 2 MiB"):
        read_nfo(path, title="x")


def series_nfo(title: str) -> str:
    return f"<tvshow><title>{title}</title></tvshow>"


def test_each_video_gets_the_metadata_of_its_nfo(tmp_path: Path) -> None:
    files = {
        "tvshow.nfo": series_nfo("Root"),
        "Show/tvshow.nfo": series_nfo("The Show"),
        "Movies/Akira.nfo": "<movie><title>AKIRA</title></movie>",
        "Broken/tvshow.nfo": "<tvshow>",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    nfos = sorted(files)
    root = resolve_root_title(tmp_path, nfos, "Configured")
    names = {
        "01_x/01-y.mp4": EpisodeName("Root", 1, "x", 1),
        "Show/Season 01/01.mkv": EpisodeName("Show", 1, number=1),
        "Movies/Akira.mkv": EpisodeName("Akira", kind="film"),
        "Movies/Other.mkv": EpisodeName("Other", kind="film", year=1999),
        "Broken/01.mkv": EpisodeName("Broken", number=1),
    }
    infos = read_series_infos(tmp_path, nfos, names, root)
    assert root == "Root"
    assert {path: info.title for path, info in infos.by_path.items()} == {
        "01_x/01-y.mp4": "Root",
        "Show/Season 01/01.mkv": "The Show",
        "Movies/Akira.mkv": "AKIRA",
        "Movies/Other.mkv": "Other",
        "Broken/01.mkv": "Broken",
    }
    assert infos.by_path["Movies/Other.mkv"].year == 1999
    (warning,) = infos.warnings
    assert str(warning).startswith("Broken/tvshow.nfo: is broken XML")


def test_root_title_is_from_nfo_else_configuration_else_folder(tmp_path: Path) -> None:
    folder = tmp_path / "My videos"
    folder.mkdir()
    assert resolve_root_title(folder, [], None) == "My videos"
    assert resolve_root_title(folder, [], "Configured") == "Configured"
    (folder / "tvshow.nfo").write_text("<tvshow>", encoding="utf-8")
    assert resolve_root_title(folder, ["tvshow.nfo"], "Configured") == "Configured"


def test_characters_are_parsed() -> None:
    actors = """
    <actor><name>Ichinose Kana</name>
    <role>Fern (voice: Japanese) (uncredited)</role><order>1</order></actor>
    <actor><name>A guest</name><role>\u200b </role></actor>
    <actor><name>Kobayashi Chiaki</name><role>Stark</role></actor>
    <actor><name>Tanezaki Atsumi</name><role>フリーレン（声）</role><order>0</order></actor>
    <actor><role>Himmel / Young \u202e Himmel</role><order>2</order></actor>
    <actor><name>Another</name><role>FERN</role><order>7</order></actor>
    <actor><role>Fate/Servant</role></actor>
    """
    info = parse_nfo(f"<tvshow><title>x</title>{actors}</tvshow>".encode(), title="x")
    assert info is not None
    assert info.characters == (
        Character("フリーレン", "Tanezaki Atsumi"),
        Character("Fern", "Ichinose Kana"),
        Character("Himmel"),
        Character("Young Himmel"),
        Character("Stark", "Kobayashi Chiaki"),
        Character("Fate/Servant"),
    )


def test_number_of_characters_is_limited() -> None:
    actors = "".join(
        f"<actor><role>{'x' * 500}{n}</role><order>{n}</order></actor>" for n in range(2)
    ) + "".join(f"<actor><role>Villager {n}</role></actor>" for n in range(300))
    info = parse_nfo(f"<tvshow>{actors}</tvshow>".encode(), title="x")
    assert info is not None
    assert len(info.characters) == MAX_CHARACTERS
    assert info.characters[0] == Character("x" * 100)
    assert info.characters[1] == Character("Villager 0")
