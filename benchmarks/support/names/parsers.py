"""Parsers of file names behind one signature: ours, guessit and anitopy."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from benchmarks.support.names.guarded_call import GuardedFunction
from whenanime_pipeline.core.library import naming
from whenanime_pipeline.core.library.episode import EpisodeKind, EpisodeName

NameFiles = Callable[[Sequence[str], str], Mapping[str, EpisodeName]]
"""Names all files of a library by their relative paths and the title of its root; a path without
an answer is missing."""
ParserName = Literal["ours", "guessit", "anitopy"]
PARSERS: Final[tuple[ParserName, ...]] = ("ours", "guessit", "anitopy")

_SECONDS_PER_NAME = 5.0
"""A parser that takes longer gives no answer; the others of a name take milliseconds."""


class ParserMissingError(Exception):
    """A parser is not installed; the message is its name."""


def load_parser(name: ParserName) -> NameFiles:
    """Return a parser of a library's names.

    Raises:
        ParserMissingError: it is not installed.
    """
    if name == "ours":
        return naming.name_files
    try:
        import_module(name)
    except ImportError as error:
        raise ParserMissingError(name) from error
    parse = GuardedFunction(
        _parse_with_guessit if name == "guessit" else _parse_with_anitopy, _SECONDS_PER_NAME
    )

    def name_files(paths: Sequence[str], _root_title: str) -> Mapping[str, EpisodeName]:
        named = {path: parse(path) for path in paths}
        return {path: name for path, name in named.items() if name is not None}

    return name_files


def _parse_with_guessit(path: str) -> EpisodeName | None:
    found = import_module("guessit").guessit(path)
    numbers = _as_list(found.get("episode"))
    season = next(iter(_as_list(found.get("season"))), None)
    kind: EpisodeKind = "film" if found.get("type") == "movie" else "episode"
    if season == 0 or "episode_details" in found:
        kind, season = "special", 0
    return EpisodeName(
        series=str(next(iter(_as_list(found.get("title"))), "")),
        season=season,
        number=numbers[0] if numbers else None,
        number_end=numbers[-1] if len(numbers) > 1 else None,
        title=next(iter(_as_list(found.get("episode_title"))), None),
        kind=kind,
        year=found.get("year"),
    )


def _parse_with_anitopy(path: str) -> EpisodeName | None:
    folder, name = PurePosixPath(path).parent.name, PurePosixPath(path).name
    found = import_module("anitopy").parse(unicodedata.normalize("NFC", name)) or {}
    numbers = [int(text) for text in _as_list(found.get("episode_number")) if text.isdecimal()]
    seasons = [int(text) for text in _as_list(found.get("anime_season")) if text.isdecimal()]
    types = {text.casefold() for text in _as_list(found.get("anime_type"))}
    kind: EpisodeKind = "film" if not numbers or "movie" in types else "episode"
    if types - {"movie", "tv", "gekijouban"} or 0 in seasons:
        kind = "special"
    return EpisodeName(
        series=next(iter(_as_list(found.get("anime_title"))), folder or name),
        season=0 if kind == "special" else next(iter(seasons), None),
        number=numbers[0] if numbers else None,
        number_end=numbers[-1] if len(numbers) > 1 else None,
        title=next(iter(_as_list(found.get("episode_title"))), None),
        kind=kind,
    )


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
