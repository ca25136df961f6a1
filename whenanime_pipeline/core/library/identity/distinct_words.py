"""Finds the words that tell two files of one name apart."""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from whenanime_pipeline.core.library.naming.versions import describe_version

_BETWEEN_WORDS = re.compile(r"[\s._/\\()\[\]{}【】「」『』（）~-]+")
_MAX_LENGTH = 40


def find_distinct_words(path: str, other: str) -> str:
    """Return the words of a path that another path has not, in order.

    Tags of the release count only where nothing else differs, and a hash of the path stands where
    no word does.

    Args:
        path: Path of the file to describe.
        other: Path of the file with the same episode name.

    Returns:
        A non-empty text that depends on the two paths alone; at most 40 characters.
    """
    own, others = _split_words(path), _split_words(other)
    core = {word.casefold() for word in _split_words(describe_version(path).core, has_suffix=False)}
    new = _list_new_words(own, others)
    kept = [word for word in new if word.casefold() in core] or new
    return " ".join(kept)[:_MAX_LENGTH].strip() or hash_path(path)


def hash_path(path: str) -> str:
    """Return six hex digits that depend on a path, in any Unicode form."""
    data = unicodedata.normalize("NFC", path).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=3).hexdigest()


def _list_new_words(words: list[str], others: list[str]) -> list[str]:
    """Return words, each once, that others lack."""
    known = {word.casefold() for word in others}
    new: dict[str, str] = {}
    for word in words:
        if word.casefold() not in known:
            new.setdefault(word.casefold(), word)
    return list(new.values())


def _split_words(path: str, *, has_suffix: bool = True) -> list[str]:
    text = unicodedata.normalize("NFC", path)
    stem = str(PurePosixPath(text).with_suffix("")) if has_suffix else text
    return [word for word in _BETWEEN_WORDS.split(stem) if word]
