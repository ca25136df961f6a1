"""Builds the partition keys of episodes from their true names.

A key is `SERIES/EPISODE`: `喜羊羊与灰太狼/S24E01 决战次时代`, `Show (2019) [tvdb-1]/S01E02`,
`Show/E12.5`, `Film (2010)/Film`, `Show/S00E01 OVA`. Its spelling is fixed: partitions, addresses
and links of every home depend on it.

- Text is NFC. Control, format, surrogate and private-use characters are dropped, runs of spaces of
  any kind become one space, `...` becomes `…` (Dagster reads it as a range of keys), and slashes
  of both kinds become full-width ones. Names that differ in nothing else are one name.
- Case and width count: `Show` and `ＳＨＯＷ` are two series, as they are two folders. Nothing is
  stored under a key, so that file systems which ignore case do no harm.
- Each half is at most 120 and 79 characters, which makes 200 with the slash.
- A half that is cut, or that another name would be written as too (`Show (2019)` as a title next to
  `Show` of 2019), ends with ` ~` and ten hex digits of a hash. So equal names have equal keys, and
  different names different ones. `.` and `..`, which browsers resolve in addresses, get one too.

Keys hold characters such as `%`, `?`, `#` and spaces: in an address each half is percent-encoded.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache

from whenanime_pipeline.core.library.episode import EpisodeName

MAX_KEY_LENGTH = 200
"""Characters of a key at most."""
KEYS_VERSION = 2
"""Version of the spelling: 1 was transliterated to ASCII. It does not change again."""
_SERIES_LENGTH = 120
_EPISODE_LENGTH = MAX_KEY_LENGTH - _SERIES_LENGTH - 1

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# What Unicode promises never to assign; other unassigned characters stay, since Python versions
# differ in what they know.
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef]|[\ufffe\uffff]")
_HASHED = re.compile(r" ~[0-9a-f]{10}$|^~[0-9a-f]{10}$")
_SERIES = re.compile(
    r"(?P<series>.*?)(?: \((?P<year>[0-9]+)\))?(?P<ids>(?: \[[a-z]+-[a-z0-9]+\])*)"
)
_KIND = re.compile(r"(Film|Special|Episode|[A-Z][a-z]+)(?: (?P<rest>.*))?")
_CODE = re.compile(
    r"(?P<code>(?:S(?P<season>[0-9]{2,}))?(?:E(?P<number>[0-9]{2,})(?P<suffix>\.[0-9]+|[a-z])?)?"
    r"(?:-E(?P<end>[0-9]{2,}))?)(?: (?P<words>.*))?"
)
_DISTINCT = re.compile(r"(?P<rest>.*) \{(?P<distinct>[^{}]*)\}")
_SUFFIX = re.compile(r"\.[0-9]+|[a-z]")
_PART = re.compile(r"part[0-9]+|[a-z]")
# Marks are known by sight where a season's name or a title could stand as well.
_MARK = re.compile(
    r"[A-Z]{2,6}[0-9]*|part[0-9]+|(?:Menu|Logo|Teaser|Trailer|Extra|Short|Featurette|Interview|Scene)[0-9]*"
)
_JOINT = " · "

_Identity = tuple[object, ...]


@lru_cache(maxsize=65536)  # a watched folder is looked at again and again
def build_episode_key(name: EpisodeName, distinct: str = "") -> str:
    """Build the key of an episode: equal for equal names, different for different ones.

    The title of a numbered episode is ignored, as is its absolute number: two files of one episode
    have one key.

    Args:
        name: Name of the episode; text in any Unicode form.
        distinct: Words that tell a file from another one of the same name.

    Returns:
        `Series/S01E02`, `Series/E02` without a season, `Series (2008)/Film`,
        `Series/S01E02 {distinct}`; at most `MAX_KEY_LENGTH` characters with exactly one `/`.
    """
    return f"{_build_series(name)}/{_build_episode(name, distinct)}"


def normalise_text(text: str) -> str:
    """Return text as it stands in keys: see the module's description."""
    kept = [
        " " if unicodedata.category(char) == "Zs" or char in "\t\n\r\v\f" else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\t\n\r\v\f"
        or not (unicodedata.category(char) in _DROPPED_CATEGORIES or _is_noncharacter(char))
    ]
    joined = re.sub(" +", " ", "".join(kept)).strip()
    # Once more: what was dropped may have kept two characters apart.
    joined = unicodedata.normalize("NFC", joined)
    return joined.replace("...", "…").replace("/", "／").replace("\\", "＼")


def _is_noncharacter(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE or _NONCHARACTERS.match(char) is not None


def _build_series(name: EpisodeName) -> str:
    series = normalise_text(name.series)
    year = "" if name.year is None else f" ({name.year})"
    ids = tuple(normalise_text(one) for one in name.ids)
    text = series + year + "".join(f" [{one}]" for one in ids)
    identity = (series, name.year, ids)
    is_plain = len(text) <= _SERIES_LENGTH and text not in {".", ".."}
    if is_plain and _parse_series(text) == identity:
        return text
    return _add_hash(text, identity, _SERIES_LENGTH)


def _parse_series(text: str) -> _Identity | None:
    """Return series, year and ids of a series' half; None where it ends with a hash."""
    found = _SERIES.fullmatch(text)
    if found is None or not found["series"] or _HASHED.search(text):
        return None
    year = None if found["year"] is None else int(found["year"])
    return found["series"], year, tuple(re.findall(r"\[(.*?)\]", found["ids"]))


def _build_episode(name: EpisodeName, distinct: str) -> str:
    words = [
        normalise_text(text or "") or None
        for text in (name.season_name, name.mark, name.title if name.number is None else None)
    ]
    season_name, mark, title = words
    distinct = normalise_text(distinct)
    numbers = (name.season, name.number, name.number_end)
    identity = (name.kind, *numbers, season_name, mark, title, distinct)
    text = _format_episode(name, words)
    text += f" {{{distinct}}}" if distinct else ""
    if len(text) <= _EPISODE_LENGTH and _parse_episode(text) == identity:
        return text
    return _add_hash(text, identity, _EPISODE_LENGTH)


def _format_episode(name: EpisodeName, words: list[str | None]) -> str:
    season = "" if name.season is None else f"S{name.season:02d}"
    number = "" if name.number is None else f"E{name.number:02d}"
    end = "" if name.number_end is None else f"-E{name.number_end:02d}"
    season_name, mark, title = words
    suffix = mark if number and mark and _SUFFIX.fullmatch(mark) else ""
    code = season + number + suffix + end
    kind = "" if code and name.kind == _imply_kind(name.season, mark) else name.kind.title()
    said = [text for text in (season_name, "" if suffix else mark, title) if text]
    return " ".join(part for part in (kind, code, _JOINT.join(said)) if part)


def _imply_kind(season: int | None, mark: str | None) -> str:
    """Return the kind that needs no word in a key."""
    is_special = season == 0 or not (mark is None or _PART.fullmatch(mark))
    return "special" if is_special else "episode"


def _parse_episode(text: str) -> _Identity | None:
    """Return what an episode's half says; None where it says nothing for certain."""
    if _HASHED.search(text):
        return None
    distinct, kind = "", None
    if found := _DISTINCT.fullmatch(text):
        text, distinct = found["rest"], found["distinct"]
    if not _CODE.fullmatch(text) and (found := _KIND.fullmatch(text)):
        kind, text = found[1].lower(), found["rest"] or ""
    found = _CODE.fullmatch(text) or _CODE.fullmatch(f" {text}" if text else "")
    if found is None:
        return None
    season, number, end = (
        None if found[group] is None else int(found[group]) for group in ("season", "number", "end")
    )
    words = found["words"].split(_JOINT) if found["words"] else []
    said = _assign_words(words, season, number)
    if said is None:
        return None
    season_name, mark, title = said
    mark = mark or found["suffix"]
    kind = kind or _imply_kind(season, mark)
    return kind, season, number, end, season_name, mark, title, distinct


def _assign_words(
    words: list[str], season: int | None, number: int | None
) -> tuple[str | None, str | None, str | None] | None:
    """Return which words are season name, mark and title; None for too many."""
    is_mark = bool(words) and _MARK.fullmatch(words[0]) is not None
    if number is not None:
        is_mark = is_mark or not season
        slots = {0: "", 1: "m" if is_mark else "s", 2: "sm"}.get(len(words))
    else:
        slots = {0: "", 1: "m" if is_mark else "t", 2: "mt" if is_mark else "st", 3: "smt"}.get(
            len(words)
        )
    if slots is None:
        return None
    found = dict(zip(slots, words, strict=True))
    return found.get("s"), found.get("m"), found.get("t")


def _add_hash(text: str, identity: _Identity, length: int) -> str:
    """Return text, cut to a length, with a hash of what it stands for."""
    data = repr(identity).encode("utf-8", "surrogatepass")
    digest = f"~{hashlib.blake2b(data, digest_size=5).hexdigest()}"
    room = length - len(digest) - 2
    kept = text if len(text) <= room else text[:room].rstrip() + "…"
    return f"{kept} {digest}" if kept else digest
