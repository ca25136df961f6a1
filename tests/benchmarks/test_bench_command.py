"""`whenanime bench`: what it finds, what it refuses, and what it prints."""

import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.support.report import Figure, Report, Target, extract_description, print_report
from whenanime_pipeline.commands import bench
from whenanime_pipeline.commands.errors import CommandError

BENCHMARK = '''
"""A benchmark.

Measures one, and compares
it with two.
"""
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.context import Options as BaseOptions

class Options(BaseOptions):
    one: float = 1

def measure(room, options):
    print("noise")
    room.log("measuring")
    figures = [Figure("one", options.one, target=Target("≤", 2))]
    return Report("small", extract_description(__doc__), figures)
'''


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A checkout with one benchmark; `benchmarks` stays the package of this one."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "small.py").write_text(BENCHMARK)
    import benchmarks

    monkeypatch.setattr(bench, "_CHECKOUT", tmp_path)
    monkeypatch.setattr(benchmarks, "__path__", [*benchmarks.__path__, str(folder)])
    # It is put in front, where processes that are started later would find it instead of ours.
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.mark.usefixtures("small")
def test_json_is_one_document_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.run_bench("small", data=None, as_json=True) == []
    out, err = capsys.readouterr()
    (report,) = json.loads(out)["reports"]
    assert report["title"] == "Measures one, and compares it with two."
    assert report["figures"][0] == {
        "name": "one", "value": 1.0, "unit": "", "spread": None, "target": "≤ 2", "met": True,
    }  # fmt: skip
    assert "measuring" in err
    assert "noise" in err


@pytest.mark.usefixtures("small")
def test_a_missed_target_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.run_bench("all", data=None, as_json=False) == []
    assert bench.run_bench("small", data=None, as_json=False, options=["one=3"]) == ["one"]
    assert "missed" in capsys.readouterr().out


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("other", [], "no benchmark 'other'; there are: small, all"),
        ("small", ["two=2"], "it takes one"),
        ("small", ["one"], "name=value"),
        ("all", ["one=1"], "of one benchmark"),
    ],
)
def test_a_benchmark_that_cannot_run_is_reported(name: str, options: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        bench.run_bench(name, data=None, as_json=False, options=options)


def test_a_missing_checkout_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "_CHECKOUT", tmp_path)
    with pytest.raises(CommandError, match="from a checkout"):
        bench.benchmark_names()


def test_every_benchmark_describes_its_comparison() -> None:
    for name in bench.benchmark_names():
        folder = Path(bench.__file__).resolve().parents[2] / "benchmarks"
        text = extract_description((folder / f"{name}.py").read_text().split('"""')[1])
        assert "compare" in text.lower(), name


@pytest.mark.parametrize(
    ("target", "met", "missed"), [("≤", 1.5, 1.6), ("≥", 1.5, 1.4), ("=", 1.5, 1.6)]
)
def test_a_target_is_met_or_missed(target: str, met: float, missed: float) -> None:
    goal = Target(target, 1.5)  # type: ignore[arg-type]
    assert goal.is_met_by(met)
    assert not goal.is_met_by(missed)


def test_a_report_is_drawn_with_its_details() -> None:
    text = io.StringIO()
    figures = [Figure("speed [x]", 2.0, "×", (1.5, 2.5), Target("≥", 1))]
    print_report(
        Console(file=text, width=100), Report("r", "t", figures, {"errors": [{"file": "a"}]})
    )
    for part in ("speed [x]", "2 ×", "1.5–2.5", "≥ 1", "met", "errors", "file"):
        assert part in text.getvalue()
