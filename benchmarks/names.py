"""How many files get a wrong name, and how many are lost to another of the same key.

Names folders of real titles in release styles of fan groups, discs, web releases, media servers,
renamers and download tools, each title as a folder of twelve files and of one. A file is wrong
when series, season, number, last number, kind or episode title differs; it is lost when another
file of its folder has its key. Compares with guessit and anitopy where they are installed, by
`parser=`; and with the test cases of Sonarr and Jellyfin in checkouts of theirs.
"""

from pathlib import Path

from pydantic import Field

from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.names.comparison import ROOT_TITLE, Comparison, compare_folders
from benchmarks.support.names.expectation import describe
from benchmarks.support.names.fixtures import (
    FixtureCase,
    find_wrong_fields,
    read_jellyfin,
    read_sonarr,
)
from benchmarks.support.names.parsers import (
    NameFiles,
    ParserMissingError,
    ParserName,
    load_parser,
)
from benchmarks.support.names.styles import STYLES, build_folders, build_mixed_folder
from benchmarks.support.report import Figure, Report, Target, extract_description

_WRONG = Target("≤", 0.5)
_WRONG_IN_STYLE = Target("≤", 2)
_NONE = Target("=", 0)
_SONARR = {"absolute numbers": Target("≥", 155)}
_JELLYFIN = {"EpisodeNumberTests": Target("≥", 68)}


class Options(BaseOptions):
    """What can be set."""

    parser: ParserName = Field(default="ours", description="the parser that is measured")
    seed: int = Field(default=1, description="of numbers, episode titles and the share")
    share: float = Field(default=1, gt=0, le=1, description="of the titles of each style")
    style: str | None = Field(default=None, description="the only style that is measured")
    list_wrong: str | None = Field(default=None, description="style whose wrong names are listed")
    sonarr: Path | None = Field(default=None, description="a checkout of Sonarr")
    jellyfin: Path | None = Field(default=None, description="a checkout of Jellyfin")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Name all files and count."""
    known = {style.name for style in STYLES}
    for name in (options.style, options.list_wrong):
        if name is not None and name not in known:
            raise BenchmarkError(f"no style {name!r}; there are: {', '.join(sorted(known))}")
    try:
        name_files = load_parser(options.parser)
    except ParserMissingError as error:
        raise BenchmarkError(f"{error} is not installed") from error
    room.log(f"{options.parser}: {len(known)} styles")
    only = options.style or options.list_wrong
    compared = compare_folders(
        name_files, build_folders(options.seed, options.share, only), options.list_wrong
    )
    mixed = compare_folders(
        name_files,
        [
            build_mixed_folder(style, options.seed, options.share)
            for style in STYLES
            if only in {None, style.name}
        ],
    )
    figures, wrong_cases = _summarise(compared, mixed), []
    for name, cases, targets in _read_fixtures(options):
        counts, wrong = _judge_fixtures(name, cases, name_files, targets)
        figures += counts
        wrong_cases += wrong
    return Report(
        "names",
        extract_description(__doc__),
        figures,
        {
            "styles, worst first": _tabulate_styles(compared),
            f"wrong in {options.list_wrong}": [
                {"path": wrong.path, "found": wrong.found, "expected": wrong.expected}
                for wrong in compared.wrong
            ],
            "cases of other programs that differ": wrong_cases,
        },
    )


def _read_fixtures(
    options: Options,
) -> list[tuple[str, list[FixtureCase], dict[str, Target]]]:
    """Return the name of a program, its cases, and how many of a group shall be right."""
    try:
        read = []
        if options.sonarr is not None:
            read.append(("Sonarr", read_sonarr(options.sonarr), _SONARR))
        if options.jellyfin is not None:
            read.append(("Jellyfin", read_jellyfin(options.jellyfin), _JELLYFIN))
    except OSError as error:
        raise BenchmarkError(str(error)) from error
    return read


def _judge_fixtures(
    program: str, cases: list[FixtureCase], name_files: NameFiles, targets: dict[str, Target]
) -> tuple[list[Figure], list[dict[str, object]]]:
    """Judge the cases of a program.

    Returns:
        How many of each group have the right numbers, and are right in all that is judged; and the
        cases that are not.
    """
    figures: list[Figure] = []
    wrong: list[dict[str, object]] = []
    for group in dict.fromkeys(case.group for case in cases):
        of_group = [case for case in cases if case.group == group]
        right = numbered = 0
        for case in of_group:
            name = name_files([case.path], ROOT_TITLE).get(case.path)
            fields = find_wrong_fields(case, name)
            right += not fields
            numbered += not {"number", "number_end"} & set(fields)
            if fields:
                expected = [case.series, case.season, case.numbers, case.number_end or None]
                found = describe(name, ["series", "season", "number", "number_end", "kind"])
                wrong.append(
                    {
                        "case": f"{program} {group}: {case.path}",
                        "wrong": " ".join(fields),
                        "found": found,
                        "expected": f"{expected}" + (" special" if case.is_special else ""),
                    }
                )
        label = f"{program}, {group}: of {len(of_group)}"
        figures.append(Figure(f"{label}, right numbers", numbered, target=targets.get(group)))
        figures.append(Figure(f"{label}, right in all", right))
    return figures, wrong


def _summarise(compared: Comparison, mixed: Comparison) -> list[Figure]:
    results = compared.styles.values()
    titles = {title for result in results for title in result.titles}
    wrong = sum(result.wrong for result in results)
    worst = max(100 * result.wrong / result.files for result in results)
    return [
        Figure("titles", len(titles)),
        Figure("styles", len(compared.styles)),
        Figure("files", compared.files),
        Figure("wrong in all", 100 * wrong / compared.files, "%", target=_WRONG),
        Figure("worst style", worst, "%", target=_WRONG_IN_STYLE),
        Figure("files lost", sum(result.lost for result in results), target=_NONE),
        Figure(
            "wrong with one file of each title in one library",
            100 * sum(result.wrong for result in mixed.styles.values()) / mixed.files,
            "%",
        ),
        Figure("lost in it", sum(result.lost for result in mixed.styles.values()), target=_NONE),
    ]


def _tabulate_styles(compared: Comparison) -> list[dict[str, object]]:
    """Return a row for each style with a wrong or lost file, worst first."""
    ordered = sorted(
        compared.styles.items(), key=lambda item: -item[1].wrong / max(1, item[1].files)
    )
    return [
        {
            "style": name,
            "wrong %": 100 * result.wrong / result.files,
            "titles wrong": f"{len(result.wrong_titles)} of {len(result.titles)}",
            "lost": result.lost,
            "fields": " ".join(f"{name} {count}" for name, count in result.fields.most_common()),
            "the first": result.first,
        }
        for name, result in ordered
        if result.wrong or result.lost
    ]
