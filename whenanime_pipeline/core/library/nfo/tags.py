"""Reads the genres and tags of a series or film from its NFO file."""

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from whenanime_pipeline.core.library.nfo.fields import iterate_texts

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_GENRES = 24
"""Maximum genres of a series."""
MAX_TAGS = 48
"""Maximum tags of a series: they are stored per episode."""
_MAX_TAG_LENGTH = 60
_GENRE_SEPARATOR = re.compile(r"\s*[/|,;、，；／]\s*")
_TAG_SEPARATOR = re.compile(r"\s+/\s+|\s*[|]\s*")


def normalize_tag(text: str) -> str:
    """Return a genre or tag as it is compared: NFKC, case folded, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def find_genres(root: "Element") -> tuple[str, ...]:
    """Return the genres, which may be several in one element: `Action / Drama`."""
    return _split(iterate_texts(root, "genre", "genres/genre"), _GENRE_SEPARATOR)[:MAX_GENRES]


def find_tags(root: "Element") -> tuple[str, ...]:
    """Return the tags, which some programs call styles or keywords."""
    texts = iterate_texts(root, "tag", "tags/tag", "style", "keyword")
    return _split(texts, _TAG_SEPARATOR)[:MAX_TAGS]


def merge_tags(*groups: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of all groups, each once, as it is spelled first."""
    merged: dict[str, str] = {}
    for group in groups:
        for tag in group:
            merged.setdefault(normalize_tag(tag), tag)
    return tuple(merged.values())


def _split(texts: Iterable[str], separator: re.Pattern[str]) -> tuple[str, ...]:
    parts = (part.strip()[:_MAX_TAG_LENGTH] for text in texts for part in separator.split(text))
    return merge_tags(part for part in parts if part)
