"""Broken and hostile NFO files: read as far as they go, within the guard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import SeriesInfo
from whenanime_pipeline.core.library.nfo.documents import MAX_NFO_BYTES, Nfo, parse_nfo, read_nfo
from whenanime_pipeline.core.library.nfo.xml_recovery import MAX_DEPTH, recover_elements

ID = '<uniqueid type="anilist">7</uniqueid>'


def parse_series(text: str | bytes) -> tuple[SeriesInfo, tuple[str, ...]]:
    nfo = parse_nfo(text if isinstance(text, bytes) else text.encode(), title="From path")
    assert nfo.series is not None
    return nfo.series, nfo.warnings


@pytest.mark.parametrize(
    ("xml", "title"),
    [
        ("<title>Spice & Wolf</title>", "Spice & Wolf"),
        ("<title>Pok&eacute;mon</title>", "Pokémon"),
        ("<title>K&ouml;nig&nbsp;&hellip;</title>", "König …"),
        ("<title>Q&A; &unknown; &#0; R&D</title>", "Q&A; &unknown; R&D"),
        ("<title>A &LT; B &AMP; C</title>", "A < B & C"),
        ("<title>Caf&#233; &#xe9; &#XE9;</title>", "Café é é"),
        ("<title><![CDATA[A & B &eacute;]]></title>", "A & B é"),
        ("<title>Spice &amp;amp; Wolf</title>", "Spice & Wolf"),
        ("<title>A\x08B\x1f</title>", "AB"),
        ("<thumb>https://example.org/p.jpg?w=100&h=200&copy=1</thumb><title>A</title>", "A"),
        ("<plot>x &lt;!DOCTYPE</plot><title>A</title>", "A"),
    ],
)
def test_characters_that_xml_cannot_hold_are_read_without_a_warning(xml: str, title: str) -> None:
    info, warnings = parse_series(f"<tvshow>{xml}{ID}</tvshow>")
    assert (info.title, info.anilist, warnings) == (title, 7, ())


@pytest.mark.parametrize(
    ("xml", "title"),
    [
        (f"<tvshow><title>A</title>{ID}", "A"),
        (f"<tvshow><title>A{ID}</tvshow>", "A"),
        (f"<tvshow>{ID}<title>A</tvshow>", "A"),
        (f"<tvshow><title>A</title{ID}</tvshow>", "A"),
        (f"<tvshow><title>A < B</title>{ID}</tvshow>", "A < B"),
        (f"<tvshow><title>I <3 you</title>{ID}</tvshow>", "I <3 you"),
        (f"<tvshow><title>A</title><plot>x<br>y</plot>{ID}</tvshow>", "A"),
        ("<tvshow><title>A</title><uniqueid type=anilist>7</uniqueid></tvshow>", "A"),
        (f"<tvshow><actor><role>R</actor><title>A</title>{ID}</tvshow>", "A"),
        (f"<tvshow></actor><title>A</title>{ID}</tvshow>", "A"),
        (f"<tvshow><title>A</Title>{ID}</tvshow>", "A"),
        (f"<tvshow><!-- x <title>A</title>{ID}</tvshow>", "From path"),
        (f"<tvshow>{ID}<title>A</title><plot>cut of", "A"),
        (f"<tvshow>{ID}<title>A</title><mpaa", "A"),
        (f"<tvshow>{ID}<title>A cut tit", "From path"),
        (f"<x:tvshow/><tvshow>{ID}<title>A</title><x:y/></tvshow>", "A"),
    ],
)
def test_broken_xml_is_read_as_far_as_it_goes(xml: str, title: str) -> None:
    info, (warning,) = parse_series(f'<?xml version="1.0"?>\n{xml}')
    assert warning.startswith("is broken XML in line 2 (")
    assert info.title == title
    assert info.anilist == (None if "<!--" in xml else 7)


def test_number_at_the_cut_of_a_file_is_not_used() -> None:
    info, _ = parse_series("<tvshow><title>A</title>\n<anilistid>1545")
    assert info.anilist is None


@pytest.mark.parametrize(
    ("data", "title", "words"),
    [
        ('<?xml encoding="GB18030"?><tvshow><title>喜羊羊</title></tvshow>'.encode("gb18030"),
         "喜羊羊", None),
        ('<?xml encoding="gb2312"?><tvshow><title>芙莉蓮</title></tvshow>'.encode("gbk"),
         "芙莉蓮", None),
        ('<?xml encoding="Shift_JIS"?><tvshow><title>①灯</title></tvshow>'.encode("cp932"),
         "①灯", None),
        ('<?xml encoding="utf-16"?><tvshow><title>灯</title></tvshow>'.encode(), "灯", "is UTF-8"),
        ('<?xml encoding="latin-1"?><tvshow><title>é</title></tvshow>'.encode(), "é", "is UTF-8"),
        ('<?xml encoding="shift_jis"?><tvshow><title>灯火</title></tvshow>'.encode(),
         "灯火", "is UTF-8"),
        ('<?xml encoding="klingon"?><tvshow><title>é</title></tvshow>'.encode(), "é", "is UTF-8"),
        ('<?xml encoding="utf-8"?><tvshow><title>Pokémon</title></tvshow>'.encode("latin-1"),
         "Pokémon", "Windows-1252"),
        ("<tvshow><title>灯</title></tvshow>".encode("utf-16-le"), "灯", None),
        # Text that cannot be decoded is not used; what stands next to it is.
        ("<tvshow><title>喜羊羊</title></tvshow>".encode("gb18030"), "From path", "not text"),
        (b"<tvshow><title>\xff\xfe\x00</title></tvshow>", "From path", "not text"),
    ],
)  # fmt: skip
def test_wrong_encodings_are_read(data: bytes, title: str, words: str | None) -> None:
    info, warnings = parse_series(data)
    assert info.title == title
    assert [words is not None and words in warning for warning in warnings] == (
        [True] if words else []
    )


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///dev/null">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
        '<!ENTITY b "c">',
    ],
)
@pytest.mark.parametrize("broken", ["", "<", "</x>"])
def test_document_types_are_refused_in_any_document(declaration: str, broken: str) -> None:
    for text in (
        f"{declaration}<tvshow><title>&b;</title>{broken}</tvshow>",
        f"<tvshow>{declaration}<title>&b;</title>{broken}</tvshow>",
    ):
        nfo = parse_nfo(text.encode(), title="x")
        (warning,) = nfo.warnings
        assert "refused" in warning
        assert nfo == Nfo(warnings=(warning,))


def test_depth_is_limited() -> None:
    top = recover_elements("<a>" * 5000 + "x" + "</a>" * 3000 + "<b/>")
    depth, level = 0, [top]
    while level := [child for element in level for child in element]:
        depth += 1
    assert depth == MAX_DEPTH


def long_texts() -> Iterator[str]:
    """Yield texts at which a reader that goes back over what it has read takes hours."""
    for part in ("<", "<a>", "<!--", "<![CDATA[", "<?", '<a "', "<a b=c ", "</a>", "&#", "("):
        for before, after in (
            ("<tvshow>", ""),
            ("<tvshow><title>", ">"),
            ("<tvshow>", "</tvshow>"),
        ):
            yield before + part * (100_000 // len(part)) + after
    yield "thetvdb.com/" * 10_000


def test_long_broken_texts_are_read_in_one_pass() -> None:
    for text in long_texts():
        parse_nfo(text.encode(), title="x")


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_content_is_parsed_or_refused(data: bytes, text: str) -> None:
    markup = text.replace("a", "<title>").replace("b", "</x>").replace("c", "<actor a='")
    for content in (data, b"<tvshow>" + data + b"</tvshow>", f"<movie>{markup}".encode()):
        nfo = parse_nfo(content, title="x")
        assert nfo.series is None or nfo.series.title


def test_file_that_is_too_large_or_missing_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "tvshow.nfo"
    path.write_bytes(b"<tvshow/>" + b" " * MAX_NFO_BYTES)
    assert read_nfo(path, title="x").warnings == ("is larger than 2 MiB and was not read",)
    path.unlink()
    (warning,) = read_nfo(path, title="x").warnings
    assert warning.startswith("cannot be read (")
