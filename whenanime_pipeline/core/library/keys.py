"""Builds safe keys from the names of episodes: `Popeye/S01E02`, `Sintel-2010/Film`.

Keys name partitions, so they hold only `[A-Za-z0-9_-]` and one `/`. Other names are transliterated
and get eight hex digits of a hash, so that two names never share a key.
"""

import hashlib
import re
import unicodedata

from anyascii import anyascii

from whenanime_pipeline.core.library.episode import EpisodeName

_MAX_SLUG = 48
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")
# Endings that plain names must not have, because years and hashes are written this way.
_RESERVED_ENDING = re.compile(r"-(?:\d{1,4}|[0-9a-f]{8})")


def build_episode_key(name: EpisodeName) -> str:
    """Build the key of an episode: equal for equal names, different for different ones.

    The title of a numbered episode is ignored: two files of one episode have one key.

    Args:
        name: Name of the episode; text in any Unicode form.

    Returns:
        `Series/S01E02`, `Series/E02` without a season, `Series-2008/Film`, `Series/S00E01`;
        at most about 200 ASCII characters.
    """
    series = _make_slug(name.series)
    if name.year is not None:
        series = f"{series}-{name.year}"
    return f"{series}/{_format_episode(name)}"


def _format_episode(name: EpisodeName) -> str:
    film = name.kind == "film"
    season = "" if name.season is None else f"S{name.season:02d}"
    number = "" if name.number is None else f"E{name.number:02d}"
    end = "" if name.number_end is None else f"-E{name.number_end:02d}"
    words = [name.mark, name.season_name, name.title if name.number is None else None]
    parts = [_to_ascii_words(text) for text in words if text]
    head = ("Film" if film else "") + season + number + end
    plain_kind = name.kind if film else ("special" if name.season == 0 else "episode")
    if not parts and name.kind == plain_kind and (film or number):
        return head
    # Season and number stay readable; the hash covers the rest, equal for a whole season.
    identity = (name.kind, name.number_end, *map(_normalise_nfc, words))
    return "-".join([head or name.kind.title(), *filter(None, parts), _hash_text(repr(identity))])


def _make_slug(text: str) -> str:
    """Return ASCII letters, digits, `_` for spaces and `-`, with a hash where that loses text."""
    text = unicodedata.normalize("NFC", text)
    fits = _PLAIN.fullmatch(text) and len(text) <= _MAX_SLUG
    if fits and not _RESERVED_ENDING.search(text[-9:]):
        return text.replace(" ", "_")
    return "-".join(filter(None, [_to_ascii_words(text), _hash_text(text)]))


def _to_ascii_words(text: str) -> str:
    ascii_text = anyascii(unicodedata.normalize("NFC", text))
    return re.sub(r"[^A-Za-z0-9]+", "_", ascii_text)[:_MAX_SLUG].strip("_")


def _normalise_nfc(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFC", text)


def _hash_text(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=4).hexdigest()
