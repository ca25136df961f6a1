"""Reads the characters of a series or film from the people of its NFO file."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from whenanime_pipeline.core.library.episode import Character
from whenanime_pipeline.core.library.nfo.fields import clean_text, find_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_CHARACTERS = 24
"""Maximum characters of a series: they are stored per episode, and a long series has hundreds."""
_MAX_NAME_LENGTH = 100

# Jellyfin and Emby write everyone but directors and writers as an actor, and the kind as a type.
_ACTING_TYPES = frozenset(
    {"", "actor", "actress", "gueststar", "voiceactor", "voice", "seiyuu", "cast", "star"}
    | {"main", "supporting", "unknown"}
)
_NOTE = re.compile(r"\s*[(\[\uff08](?P<text>[^()\[\]\uff08\uff09]*)[)\]\uff09]\s*$")
_VOICE_NOTE = re.compile(
    r"(?:(?:english|japanese|singing|original|\w{2,12})[ -])?(?:voice|voix|voz|stimme|voce|głos)\b"
    r".*|uncredited.*|credit only|credited as .*|archive (?:footage|sound|audio).*|cv\b.*"
    r"|(?:english|japanese) (?:version|dub)|声.*|聲.*|配音.*|목소리|성우|голос|озвучка"
    r"|озвучивание|дубляж",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s+/\s+|\s*[|／]\s*")
_NOBODY = re.compile(
    r"(?:additional |various |other )?(?:voices?|characters?|roles?)|various|guest(?: star)?|cast"
    r"|voice (?:actor|actress|cast|talent)|act(?:or|ress)|unknown|n/?a|-+|\?+",
    re.IGNORECASE,
)
_JOB = re.compile(
    r"(?:(?:executive|co-?executive|associate|assistant|animation|art|chief|series|episode|sound"
    r"|music|original|co|line|supervising|planning|general|technical|3d|cg|key|lead|voice|casting"
    r"|unit|adr|dub|script|story|photography|colou?r|background|recording|line)[\s-]+)*"
    r"(?:producers?|directors?|directed by|writers?|screenwriters?|screenplay|script|story|teleplay"
    r"|composers?|music|music composer|score|creators?|created by|editors?|editing"
    r"|storyboards?(?: artist)?|character design(?:er|s)?|mechanical design(?:er)?"
    r"|series composition|series composer|concept|work|original work|manga|novel|studio"
    r"|cinematographer|photography|director of photography|production|production manager"
    r"|theme song(?: performance| lyrics| composition)?|lyricist|lyrics|arrang(?:er|ement)"
    r"|showrunner|colou?r designer)"
    r"|(?:総|副|助|作画|音響|美術|撮影|演出|絵コンテ|製作|制作|企画|アニメーション)*"
    r"(?:監督|監修|原作|原案|脚本|シリーズ構成|音楽|作曲|演出|絵コンテ|キャラクターデザイン|プロデューサー|製作総指揮)"
    r"|(?:总|副|执行|动画|音响|美术)*(?:导演|監製|监制|制片人?|编剧|編劇|原作|作曲|音乐|音樂|人物设定|角色设计|導演)"
    r"|감독|각본|원작|음악|프로듀서|режиссёр|режиссер|продюсер|сценарист|композитор"
    r"|regisseur(?:in)?|produzent(?:in)?|drehbuch|musik|réalisat(?:eur|rice)|productrice|producteur"
    r"|scénariste|compositeur|director(?:a)?|productor(?:a)?|guionista|compositor(?:a)?",
    re.IGNORECASE,
)


def find_characters(root: "Element") -> tuple[Character, ...]:
    """Return the roles of all who act, in the file's order.

    Scrapers write a role as `Frieren`, `Frieren (voice)`, or several separated by ` / `. People
    whose type is no acting one are left out; where there is no type, those whose role is a job.
    """
    characters: dict[str, Character] = {}
    for actor in sorted(root.iterfind("actor"), key=_find_order):
        kind = re.sub(r"[^a-z]", "", (find_text(actor, "type") or "").lower())
        if kind not in _ACTING_TYPES:
            continue
        voice = clean_text(actor.findtext("name") or "", _MAX_NAME_LENGTH) or None
        for role in _SEPARATOR.split(clean_text(actor.findtext("role") or "")):
            name = _clean_role(role)
            is_job = kind in {"", "unknown"} and _JOB.fullmatch(name)
            if name and not is_job and name.casefold() not in characters:
                characters[name.casefold()] = Character(name, voice)
    return tuple(characters.values())[:MAX_CHARACTERS]


def merge_characters(*groups: Iterable[Character]) -> tuple[Character, ...]:
    """Return the characters of all groups, each name once, in order of appearance."""
    merged: dict[str, Character] = {}
    for group in groups:
        for character in group:
            merged.setdefault(character.name.casefold(), character)
    return tuple(merged.values())


def _clean_role(role: str) -> str:
    """Return the name of a character without notes on its voice; empty where nobody is named."""
    name = role
    while (note := _NOTE.search(name)) and _VOICE_NOTE.fullmatch(note["text"].strip()):
        name = name[: note.start()]
    name = name.strip()[:_MAX_NAME_LENGTH].strip()
    return "" if _NOBODY.fullmatch(name) else name


def _find_order(actor: "Element") -> int:
    """Return the sort order of an actor; those without one come last, in file order."""
    order = find_text(actor, "order", "sortorder") or ""
    return int(order) if re.fullmatch(r"[0-9]{1,9}", order) else 10**10
