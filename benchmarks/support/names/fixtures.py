"""Test cases of Sonarr and Jellyfin, read from checkouts of theirs; none is kept here.

A case is one name, judged by what its test asserts. Sonarr writes season 0 for an unknown one, and
leaves year and season of a release in the series' title (`Show (2011)`, `Show S2`), which here are
fields of their own; both are accepted.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whenanime_pipeline.core.library.episode import EpisodeName

_VIDEO: Final = re.compile(r"\.(mkv|mp4|avi|wtv)$", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"^\s*\[(?:TestCase|InlineData)\((.*)\)\]")
_METHOD: Final = re.compile(r"^\s*public (?:async )?\w+ (\w+)\(")
_ARGUMENT: Final = re.compile(
    r'@?"((?:[^"\\]|\\.)*)"|new\s*\w*\[\]\s*\{([^}]*)\}|(-?\d+(?:\.\d+)?)|(null|true|false)'
)

Argument = str | float | list[int] | None


@dataclass(frozen=True, slots=True)
class FixtureCase:
    """A name and what a test asserts of it.

    Attributes:
        group: fixture that it is from.
        path: relative path.
        numbers: accepted first numbers; empty where none is right, None where not judged.
        number_end: last number; 0 where not judged, None where there is one episode.
        season: season; None where not judged.
        series: title, None where not judged.
        is_special: whether it must be a special.
    """

    group: str
    path: str
    numbers: tuple[int, ...] | None = None
    number_end: int | None = 0
    season: int | None = None
    series: str | None = None
    is_special: bool = False


def find_wrong_fields(case: FixtureCase, name: EpisodeName | None) -> list[str]:
    """Return the fields in which a parsed name is not what the test asserts."""
    if name is None:
        return ["number"]
    wrong = {
        "number": case.numbers is not None and name.number not in (case.numbers or (None,)),
        "number_end": case.number_end != 0 and name.number_end != case.number_end,
        "season": case.season is not None and name.season != case.season,
        "kind": case.is_special and name.kind != "special",
        "series": case.series is not None and not _is_series(case.series, name),
    }
    return [field for field, is_wrong in wrong.items() if is_wrong]


def read_sonarr(checkout: Path) -> list[FixtureCase]:
    """Read the tests of absolute numbers, several episodes and mini series.

    Cases that are no file names are left out: season packs, and names with a slash.

    Args:
        checkout: work tree of Sonarr, of commit 49df353 for the published figures.

    Raises:
        OSError: a fixture is missing.
    """
    folder = checkout / "src/NzbDrone.Core.Test/ParserTests"
    cases = []
    for group, file_name in (
        ("absolute numbers", "AbsoluteEpisodeNumberParserFixture.cs"),
        ("several episodes", "MultiEpisodeParserFixture.cs"),
        ("mini series", "MiniSeriesEpisodeParserFixture.cs"),
    ):
        for method, arguments in _read_cases(folder / file_name):
            if "packs" in method or "/" in str(arguments[0]):
                continue
            cases.append(_make_sonarr_case(group, method, arguments))
    return cases


def read_jellyfin(checkout: Path) -> list[FixtureCase]:
    """Read the tests of episode numbers, last numbers and seasons.

    Args:
        checkout: work tree of Jellyfin, of commit c3ed1407 for the published figures.

    Raises:
        OSError: a test is missing.
    """
    folder = checkout / "tests/Jellyfin.Naming.Tests/TV"
    makers: dict[str, Callable[[list[Argument]], FixtureCase]] = {
        "EpisodeNumberTests": lambda a: FixtureCase("", _to_path(a[0]), (_to_int(a[1]),)),
        "EpisodeNumberWithoutSeasonTests": lambda a: FixtureCase(
            "", _to_path(a[1]), (_to_int(a[0]),)
        ),
        "AbsoluteEpisodeNumberTests": lambda a: FixtureCase("", _to_path(a[0]), (_to_int(a[1]),)),
        "MultiEpisodeTests": lambda a: FixtureCase(
            "", _to_path(a[0]), number_end=None if a[1] is None else _to_int(a[1])
        ),
        "SeasonNumberTests": lambda a: FixtureCase(
            "", _to_path(a[0]), season=None if a[1] is None else _to_int(a[1])
        ),
        "DailyEpisodeTests": lambda a: FixtureCase(
            "", _to_path(a[0]), series=str(a[1]).replace(".", " ")
        ),
    }
    return [
        _with_group(make(arguments), group)
        for group, make in makers.items()
        for _, arguments in _read_cases(folder / f"{group}.cs")
    ]


def _make_sonarr_case(group: str, method: str, arguments: list[Argument]) -> FixtureCase:
    path, title, *rest = arguments
    if "ambiguously" in method:  # the release is a folder
        path, title, rest = f"{path}/{title}", rest[0], rest[1:]
    name = _to_path(path)
    series = str(title) or None  # without one, the name has none
    if group == "several episodes":
        season, episodes = _to_int(rest[0]), rest[1]
        assert isinstance(episodes, list)
        return FixtureCase(group, name, (episodes[0],), episodes[-1], season, series)
    if "multi_episode" in method:
        first, last = _to_int(rest[0]), _to_int(rest[1])
        return FixtureCase(group, name, (first,), last, None, series)
    if "followed_by_standard" in method:
        season, number = _to_int(rest[1]), _to_int(rest[2])
        return FixtureCase(group, name, (number,), None, season, series)
    number = _to_int(rest[0])
    if "without_absolute_number" in method:
        return FixtureCase(group, name, (), None, None, series, is_special=True)
    if "specials" in method or "recap" in method:
        return FixtureCase(group, name, (number,), None, None, series, is_special=True)
    if "absolute_numbers" in method and _to_int(rest[1]):
        season, episode = _to_int(rest[1]), _to_int(rest[2])
        return FixtureCase(group, name, (episode or number, number), None, season, series)
    return FixtureCase(group, name, (number,), None, None, series)


def _is_series(expected: str, name: EpisodeName) -> bool:
    spelled = {name.series, f"{name.series} ({name.year})", f"{name.series} {name.year}"}
    if name.season is not None:
        spelled |= {f"{name.series} S{name.season}", f"{name.series} S{name.season:02d}"}
    return expected.casefold() in {text.casefold() for text in spelled}


def _with_group(case: FixtureCase, group: str) -> FixtureCase:
    return FixtureCase(
        group, case.path, case.numbers, case.number_end, case.season, case.series, case.is_special
    )


def _read_cases(source: Path) -> Iterator[tuple[str, list[Argument]]]:
    """Read test method and arguments of each case; cases in comments are not run there."""
    waiting: list[list[Argument]] = []
    for line in source.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        if attribute := _ATTRIBUTE.match(line):
            waiting.append([_parse_argument(match) for match in _ARGUMENT.finditer(attribute[1])])
        elif method := _METHOD.match(line):
            yield from ((method[1], arguments) for arguments in waiting)
            waiting = []


def _parse_argument(match: re.Match[str]) -> Argument:
    text, numbers, number, _word = match.groups()
    if text is not None:
        return text.replace('\\"', '"').replace("\\\\", "\\")
    if numbers is not None:
        return [int(each) for each in numbers.split(",")]
    return None if number is None else float(number)


def _to_int(argument: Argument) -> int:
    assert isinstance(argument, float)
    return int(argument)


def _to_path(argument: Argument) -> str:
    path = str(argument).lstrip("/")
    return path if _VIDEO.search(path) else f"{path}.mkv"
