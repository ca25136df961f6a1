"""Reduces a stem to the text that holds title and number, and takes all else aside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from whenanime_pipeline.core.library.naming.brackets import (
    Segment,
    parse_id,
    parse_year,
    split_segments,
)
from whenanime_pipeline.core.library.naming.labels import parse_label
from whenanime_pipeline.core.library.naming.plain_numbers import (
    BOUND,
    NUMBER_CLOSE,
    NUMBER_OPEN,
    ROUND_CLOSE,
    ROUND_OPEN,
    YEAR,
)
from whenanime_pipeline.core.library.naming.tags import find_tag_tail, is_strong_tag
from whenanime_pipeline.core.library.naming.titles import split_title, unify_separators
from whenanime_pipeline.core.library.naming.words import FILM_WORDS

_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_STARRED = re.compile(r"[★☆]\s*[^★☆]*(?:新番|月番|旧番|新作|连载|完结)[^★☆]*[★☆]")
_BARE_GROUPS = re.compile(r"^(?:coalgirls|thora|doki|utw|ryuumaru)[_\s]+(?=\S)", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:www\.)?[\w-]+\.(?:com|net|org|tv|cc|me|co|io)\s*[-_@]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StemBody:
    """A stem without its tags.

    Attributes:
        text: Text, with the private characters of `plain_numbers` for brackets.
        is_dotted: Whether dots stand for its spaces.
        bracket_title: Text in square brackets that is the title where the text holds none.
        bracket_text: Last text in square brackets.
        ids: Ids in brackets, sorted.
        year: Year in brackets.
        season: Season in brackets.
        label: Label of a special or extra in brackets.
        label_number: Number with that label.
        label_text: Content of the brackets with the label.
        is_film: Whether brackets say that it is a film.
    """

    text: str
    is_dotted: bool
    bracket_title: str | None
    bracket_text: str | None
    ids: tuple[str, ...]
    year: int | None
    season: int | None
    label: str | None
    label_number: int | None
    label_text: str | None
    is_film: bool


def build_body(stem: str) -> StemBody:
    """Take tags, ids, years and labels out of a stem.

    Args:
        stem: File name without its extension, or a folder's name, NFC.
    """
    text = _STARRED.sub(" ", stem).translate(_FULL_WIDTH)
    text = _BARE_GROUPS.sub("", _DOMAIN.sub("", text))
    segments = _find_number_title(_unify(split_segments(text)))
    label = next((s for s in segments if s.role == "label"), None)
    found = parse_label(label.text) if label else None
    texts = _list_bracket_texts(segments)
    is_film = any(text.casefold() in FILM_WORDS for text in texts)
    texts = [text for text in texts if text.casefold() not in FILM_WORDS]
    title = _choose_bracket_title(segments, texts)
    after = [s.text for s in segments if s.opener and s.role == "text" and not s.is_round]
    season = next((s.text for s in segments if s.role == "season"), None)
    years = [parse_year(s.text) for s in segments if s.role == "year"]
    flat = "".join(_flatten(segment, index) for index, segment in enumerate(segments))
    if title and not is_film and not re.search(r"[^\W_]", flat):
        flat += unify_separators(title) + BOUND  # `[Group][Title 05][1080p]`
    return StemBody(
        text=_strip_pieces(flat),
        is_dotted=is_dotted(text),
        bracket_title=title,
        bracket_text=after[-1] if after else None,
        ids=tuple(sorted({parse_id(s.text) or "" for s in segments if s.role == "id"})),
        year=next(iter(years), None),
        season=split_title(f"- {season}").season if season else _season_of(texts),
        label=found.mark if found else None,
        label_number=found.number if found else None,
        label_text=label.text if label else None,
        is_film=is_film,
    )


def is_dotted(text: str) -> bool:
    """Whether dots stand for the spaces of a name."""
    return " " not in text.strip() and text.strip(".").count(".") > 1


def _unify(segments: Sequence[Segment]) -> list[Segment]:
    """Replace the dots and underscores that stand for spaces in the text outside brackets."""
    mark = "\ue00f"
    outside = [segment.text for segment in segments if not segment.opener]
    unified = iter(unify_separators(mark.join(outside)).split(mark))
    return [segment if segment.opener else Segment(next(unified)) for segment in segments]


def _find_number_title(segments: list[Segment]) -> list[Segment]:
    """Read a number as the title where the episode's own follows: `[Group][86][05]`."""
    if any(segment.text.strip(" _-") for segment in segments if not segment.opener):
        return segments
    filled = [index for index, segment in enumerate(segments) if segment.opener]
    roles = [segments[index].role for index in filled]
    counted = [index for index in filled if _tells_episode(segments[index])]
    if len(counted) < 2 or roles[:2] != ["text", "number"] or filled[1] != counted[0]:
        return segments
    title = replace(segments[filled[1]], role="text")
    return [*segments[: filled[1]], title, *segments[filled[1] + 1 :]]


def _tells_episode(segment: Segment) -> bool:
    is_film = segment.role == "text" and segment.text.casefold() in FILM_WORDS
    return is_film or segment.role in {"number", "part", "code", "label", "date"}


def _list_bracket_texts(segments: Sequence[Segment]) -> list[str]:
    """Return the texts in square brackets before the first number or label.

    The first is the release group where the name begins with brackets, even if it looks like tags.
    """
    texts = []
    for index, segment in enumerate(segments):
        if index == 0 and segment.role == "tag":
            texts.append(segment.text)
            continue
        if segment.role in {"number", "code", "label", "date"} and texts:
            break
        if segment.opener and segment.role == "text" and not segment.is_round:
            texts.append(segment.text)
    return texts


def _choose_bracket_title(segments: Sequence[Segment], texts: Sequence[str]) -> str | None:
    """Return the title among bracketed texts: the second, after the release group, or the only."""
    if not texts:
        return None
    starts_with_text = next((not s.opener for s in segments if s.text.strip()), False)
    return texts[0] if len(texts) == 1 or starts_with_text else texts[1]


def _season_of(texts: Sequence[str]) -> int | None:
    """Return the season that one of several titles of a release names."""
    seasons = [split_title(text).season for text in texts[1:]]
    return next((season for season in seasons if season is not None), None)


def _flatten(segment: Segment, index: int) -> str:
    if not segment.opener:
        return segment.text
    if segment.role in {"number", "part"}:
        if segment.is_round:
            return f"{ROUND_OPEN}{segment.text}{ROUND_CLOSE}"
        return f"{NUMBER_OPEN}{segment.text}{NUMBER_CLOSE}"
    if segment.role in {"code", "date"}:
        return f"{BOUND}{segment.text}{BOUND}"
    if segment.role == "year":
        return YEAR
    if segment.role == "text" and segment.is_round and index > 0:
        return f"({segment.text})"
    return BOUND


def _strip_pieces(flat: str) -> str:
    """Take the release tags off each piece of text between brackets."""
    pieces = re.split("([\ue000-\ue005])", flat)
    return "".join(_strip_piece(piece) for piece in pieces)


def _strip_piece(piece: str) -> str:
    words = piece.split(" ")
    filled = [word for word in words if word]
    while filled and is_strong_tag(filled[0]) and len(filled) > 1:
        filled = filled[1:]
        piece = " ".join(filled)
    tail = find_tag_tail(filled)
    if tail in {0, len(filled)}:
        return piece
    kept = " ".join(filled[:tail])
    if re.fullmatch(r"\d{1,3}(?:v\d)?", filled[-1]) and not re.search(r"\d", kept):
        kept += f" {filled[-1]}"
    return (" " if piece.startswith(" ") else "") + kept + BOUND
