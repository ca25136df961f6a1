"""Recognises openings and endings by the titles of a file's chapters.

A title names a theme when it consists of a theme's name, in the languages of releases and discs,
and of what follows such names: a number, a version, the song's title. Words within other titles,
such as "Ending the War", count only in a file whose other chapters are parts and numbers.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

ThemeKind = Literal["opening", "ending"]
_Found = Literal["opening", "ending", "intro", "outro", "either"]

_NUMBERING = re.compile(
    r"(?:\[?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\]?\s*[-–]?\s*)?"
    r"(?:(?:chapters?|chap|kapitel|chapitre|cap[ií]tulo|capitolo|rozdział|глава|チャプター|챕터)"
    r"[\s._-]*\d{1,3}\s*[.:)–-]?\s*|\d{1,3}\s*[.:)]\s*|\d{1,3}\s+-\s+"
    r"|part\s*\d{1,2}\s*[:–-]\s*|第\s*\w{1,4}?\s*[话話集章回]\s*|s\d{1,3}e\d{1,4}\s*[:-]?\s*"
    r"|(?:ep(?:isode)?|folge|серия)[\s._]*\d{1,4}\s*[:-]?\s+)?",
    re.IGNORECASE,
)
_ADJECTIVE = (
    r"(?:(?:nc|creditless|clean|textless|non-credit|tv|anime|series|season|show|main|original"
    r"|special|new|first|second|third|fourth|japanese|english|alternate|\d{1,2}(?:st|nd|rd|th)"
    r"|ノンクレジット(?:版)?|ノンテロップ)[\s._-]*)*"
)
_SONG = (
    r"(?:theme(?: song| music)?|song|music|credits?|titles?|sequence|animation|movie|video|roll"
    r"|clip|テーマ(?:曲|ソング)?|主題歌|主题[曲歌]|アニメーション|アニメ|映像|曲|ムービー|クレジット|歌|테마|곡"
    r"|thema|lied|musik)"
)
_OPENING = (
    rf"(?:op(?:ening)?s?|オープニング|오프닝|опенинг)[\s・_-]*{_SONG}?"
    r"|(?:main |opening |start )?title (?:sequence|credits?|song|theme|track)|main titles?"
    r"|main theme|(?:start|beginning|initial) credits|theme(?: song)?|片[头頭][曲歌]?"
    r"|主[题題][曲歌]|주제가"
    r"|vorspann|titel(?:song|lied|melodie)|g[ée]n[ée]rique (?:de |du )?(?:d[ée]but|d'ouverture)"
    r"|(?:tema|canción|créditos|secuencia) (?:de )?(?:apertura|inicial(?:es)?)|cabecera|apertura"
    r"|(?:tema de |créditos de )?abertura|créditos iniciais|tema inicial"
    r"|sigla (?:iniziale|di apertura|d'apertura)|titoli di testa|czołówka|заставка"
    r"|(?:начальн(?:ые|ая)|вступительн(?:ые|ая)) (?:титры|заставка|песня)"
)
_ENDING = (
    rf"(?:ed|endings?|エンディング|엔딩|эндинг)[\s・_-]*{_SONG}?"
    r"|(?:end|closing|final|ending|staff|cast)[\s-]*"
    r"(?:credits?|titles?|theme(?: song)?|song|roll|sequence)"
    r"|closing|credits?(?: roll)?|エンド(?:ロール|クレジット|テーマ)|スタッフロール|クレジット"
    r"|片尾[曲歌]?|终曲|尾声曲|엔드 ?크레딧|크레딧|abspann|nachspann"
    r"|g[ée]n[ée]rique (?:de |du )?(?:fin|fermeture)|crédits(?: de fin)?"
    r"|(?:tema|canción|créditos|secuencia) (?:de )?(?:cierre|finales|final)|cierre|créditos"
    r"|(?:tema de )?encerramento|créditos finais|sigla (?:finale|di chiusura)|titoli di coda"
    r"|napisy (?:końcowe|koncowe)|tyłówka|(?:финальн|заключительн|конечн)(?:ые|ая) (?:титры|песня)"
)
_INTRO = r"intro(?:duction|dução|ducción)?s?|イントロ(?:ダクション)?|인트로|интро|вступление"
_OUTRO = r"outros?|アウトロ|아웃트로|аутро"
_EITHER = r"g[ée]n[ée]rique|sigla|титры|jenerik"
_NUMBER = r"(?:[\s._#-]*(?:no\.?\s*)?(?:\d{1,3}[a-z]?|[ivx]{1,4}))?"
_TAIL = (
    rf"(?:{_NUMBER}(?:\s+(?:v\d|ver(?:sion)?)\b.*)?|[\s._#-]*\d{{1,3}}\s+.*)"
    r"(?:\s*(?:starts?|begins?|beginn|開始|开始|スタート))?"
    r"(?:\s*[:：~〜–—“”«「『(\[【《<].*|\s+(?:-\s|[\"']).*)?"
)
_THEME = re.compile(
    rf"{_ADJECTIVE}(?:(?P<opening>{_OPENING})|(?P<ending>{_ENDING})|(?P<intro>{_INTRO})"
    rf"|(?P<outro>{_OUTRO})|(?P<either>{_EITHER})){_TAIL}"
)
# Titles of releases in Chinese and Japanese, which no story has.
_ANYWHERE = re.compile(
    r"(?P<ending>片尾|ed主题|ed主題)|(?P<opening>片[头頭]|主[题題][曲歌]|op主题)"
)
_END_MARK = re.compile(r"(?:\s*[-:]?\s*\b(?:ends?|over|ende)|終了|終わり|おわり|结束|結束|끝)$")
_CONJUNCTION = re.compile(r"\s*[/+&|／＋＆]\s*|、")
_LAST_WORD = re.compile(
    r"(?<![^\W\d_])(?:(?P<opening>(?:NC)?OP|[Oo]pening|OPENING)"
    r"|(?P<ending>(?:NC)?ED|[Ee]nding|ENDING))(?=[\s._-]*\d{0,3}$)"
)
_FIRST_WORD = re.compile(r"(?:(?P<opening>(?:NC)?OP)|(?P<ending>(?:NC)?ED))\s+\S")
_BEFORE_OR_AFTER = re.compile(r"\b(?:pre|post|before|after|avant|vor|nach|until|to)[\s-]*$", re.I)
_STRUCTURE = re.compile(
    r"(?:(?:part|chapter|chap|act|scene|segment|section|half|teil|partie|parte|часть|kapitel"
    r"|chapitre|capítulo|capitolo|глава|パート|チャプター|파트|챕터|sequence)s?[\s._-]*[\w]{0,4}"
    r"|[a-z\d][\s-]*(?:part|パート|파트|half)|(?:first|second|third|1st|2nd|3rd) (?:half|part)"
    r"|(?:main|the)?\s*(?:episode|feature|story|film|program)|本[編篇编片]|正片|정편|본편"
    r"|eye\s*-?catch(?:er)?s?|アイキャッチ|cm\d*|commercials?|sponsors?|提供|title(?: card)?"
    r"|タイトル"
    r"|(?:next(?: episode| time)?|episode)?\s*(?:previews?|trailer|teaser)|next (?:episode|time)|pv"
    r"|次回(?:予告)?|予告|下集预告|预告|예고|vorschau|avance|anteprima|превью|анонс"
    r"|(?:re)?cap|recaps?|previously(?: on)?.*|前回(?:まで)?の?(?:あらすじ)?|あらすじ|前情提要"
    r"|avant(?:-?title)?|アバン(?:タイトル)?|prologue?|プロローグ|epilogue?|エピローグ"
    r"|cold open(?:ing)?|teaser|logos?|black|blank|end(?: card)?|エンドカード|[a-z]"
    r"|[\d\s:.,-]*)[\s._-]*\d{0,3}"
)


def find_theme_kinds(titles: Sequence[str]) -> list[ThemeKind | None]:
    """Return the kind of theme that each chapter of a file is; None for other chapters.

    An intro next to an opening is the scene before it, and an outro next to an ending the scene
    after it; alone they are the opening and the ending.

    Args:
        titles: Titles of all chapters of the file, in order of time.
    """
    named = [_normalize(title) for title in titles]
    found = [_find_theme(title) for title in named]
    if _is_structure([title for title, kind in zip(named, found, strict=True) if kind is None]):
        guesses = [_guess_theme(title) for title in named]
        found = [
            kind or (None if guess in found else guess)
            for kind, guess in zip(found, guesses, strict=True)
        ]
    return [_decide_kind(kind, index, found) for index, kind in enumerate(found)]


def _decide_kind(
    kind: _Found | None, index: int, found: Sequence[_Found | None]
) -> ThemeKind | None:
    """Return the kind of theme of a chapter, given what all chapters of the file name."""
    if kind == "intro":
        return None if "opening" in found else "opening"
    if kind == "outro":
        return None if "ending" in found else "ending"
    if kind == "either":
        return "opening" if index < len(found) / 2 else "ending"
    return kind


def _normalize(title: str) -> str:
    """Return a title without markup and without the number of its chapter."""
    text = unicodedata.normalize("NFKC", re.sub(r"<[^<>]{1,40}>", "", title))
    text = " ".join(text.split())
    match = _NUMBERING.match(text)
    return text[match.end() :].strip() if match and match.end() < len(text) else text


def _find_theme(title: str) -> _Found | None:
    """Return the theme that a title names, the first one where it names two."""
    text = title.casefold()
    if _END_MARK.search(text) and _match_theme(_END_MARK.sub("", text).strip()):
        return None
    whole = _match_theme(text)
    if whole is not None:
        return whole
    parts = [_match_theme(part) for part in _CONJUNCTION.split(text)]
    if len(parts) > 1:
        return next((part for part in parts if part is not None), None)
    anywhere = _ANYWHERE.search(text)
    if anywhere is None or _END_MARK.search(text):
        return None
    return "ending" if anywhere["ending"] else "opening"


def _match_theme(text: str) -> _Found | None:
    match = _THEME.fullmatch(text)
    if match is None:
        return None
    kinds: tuple[_Found, ...] = ("opening", "ending", "intro", "outro", "either")
    return next(kind for kind in kinds if match[kind])


def _guess_theme(title: str) -> ThemeKind | None:
    """Return the theme whose word a title ends or begins with: `Show OP2`, `OP Silhouette`."""
    match = _LAST_WORD.search(title) or _FIRST_WORD.match(title)
    if match is None or _BEFORE_OR_AFTER.search(title[: match.start()]):
        return None
    return "opening" if match["opening"] else "ending"


def _is_structure(titles: Sequence[str]) -> bool:
    """Whether the chapters that name no theme are parts and numbers or guesses, some of each."""
    others = [title for title in titles if _guess_theme(title) is None]
    return 0 < len(others) < len(titles) and all(
        _STRUCTURE.fullmatch(title.casefold()) for title in others
    )
