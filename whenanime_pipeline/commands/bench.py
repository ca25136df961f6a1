"""`whenanime bench`: run what is in `benchmarks/`, which only a checkout has."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.console import Console

from whenanime_pipeline.commands.errors import CommandError

if TYPE_CHECKING:
    from benchmarks.support.report import Report

ALL_BENCHMARKS = "all"
_WIDE = 140
"""Columns of a table in a file or a pipe."""
_CHECKOUT = Path(__file__).resolve().parents[2]


def run_bench(
    name: str, *, data: Path | None, as_json: bool, options: Sequence[str] = ()
) -> list[str]:
    """Run a benchmark, or all of them, and print their figures.

    Standard output gets the tables, or, with `as_json`, exactly one JSON document; what is going
    on is printed to standard error.

    Args:
        name: of a module in `benchmarks/`, or `all`.
        data: the folder of films, only read.
        as_json: whether to print JSON.
        options: `name=value` each, as the benchmark has them.

    Returns:
        The figures that missed their target.

    Raises:
        CommandError: there is no checkout, no such benchmark or option, or it lacks something.
    """
    known = benchmark_names()
    if name != ALL_BENCHMARKS and name not in known:
        raise CommandError(
            f"no benchmark {name!r}; there are: {', '.join((*known, ALL_BENCHMARKS))}"
        )
    if data is not None and not data.is_dir():
        raise CommandError(f"{data}: no such folder")
    if name == ALL_BENCHMARKS and options:
        raise CommandError("options are of one benchmark; give its name instead of `all`")
    _add_checkout_to_path()
    progress = Console(stderr=True)
    with redirect_stdout(sys.stderr):
        reports = [
            _run(each, data, dict(_parse_option(option) for option in options), progress)
            for each in (known if name == ALL_BENCHMARKS else [name])
        ]
    support = import_module("benchmarks.support.report")
    if as_json:
        document = {
            "machine": support.describe_machine(),
            "reports": [r.to_json() for r in reports],
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        console = Console()
        if not console.is_terminal:
            console.width = _WIDE
        for report in reports:
            support.print_report(console, report)
    return [missed for report in reports for missed in report.missed_figures]


def benchmark_names() -> list[str]:
    """Return the names of all benchmarks.

    Raises:
        CommandError: this is not a checkout.
    """
    folder = _CHECKOUT / "benchmarks"
    if not (folder / "__init__.py").is_file():
        raise CommandError(
            "benchmarks are not installed with whenanime; run this from a checkout, "
            "with `pip install -e '.[pipeline,app,pictures,train,dev]'`"
        )
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def cache_folder() -> Path:
    """Return where benchmarks keep films that are slow to make."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "whenanime" / "bench"


def _add_checkout_to_path() -> None:
    """Find `benchmarks` here, also in the processes that it starts."""
    if str(_CHECKOUT) not in sys.path:
        sys.path.insert(0, str(_CHECKOUT))


def _run(name: str, data: Path | None, options: dict[str, str], progress: Console) -> "Report":
    module = import_module(f"benchmarks.{name}")
    room = import_module("benchmarks.support.context")
    try:
        chosen = module.Options.model_validate(options)
    except ValidationError as error:
        problems = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
        raise CommandError(
            f"benchmark {name}: {problems}; it takes {', '.join(module.Options.model_fields)}"
        ) from error

    def say(line: str) -> None:
        progress.print(f"{name}: {line}", markup=False, highlight=False, soft_wrap=True)

    with TemporaryDirectory(prefix="whenanime-bench-") as scratch:
        place = room.BenchmarkContext(Path(scratch), cache_folder(), data and data.resolve(), say)
        try:
            report: Report = module.measure(place, chosen)
        except room.BenchmarkError as error:
            raise CommandError(f"benchmark {name}: {error}") from error
    return report


def _parse_option(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals:
        raise CommandError(f"{option!r}: an option of a benchmark is name=value")
    return name, value
