"""The benchmark `load`, small: each figure is made, and each promise can be broken."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from sample_videos import copy_drawn_library, index, new_workspace

from benchmarks.load import LoadReport, Options, build_figures, measure, time_preview
from benchmarks.support.app_process import start_app
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.load_generator import REFUSAL_CODES, ClientGroup, Response
from benchmarks.support.load_measurement import LoadRun, is_responding, measure_load, percentile_95
from benchmarks.support.report import Report
from whenanime_app.links.preview_links import PreviewLinkSigner

pytestmark = pytest.mark.timeout(600)  # an indexing, a server, and crowds that search it

OPTIONS = Options(clients=2, seconds=2, crowd=80, crowd_seconds=2, frames=1, previews=2, film=6)
ANSWERED = Response(200, 0.2)
KEPT = LoadReport(
    gallery=1000,
    startup_seconds=3,
    regular=LoadRun([ANSWERED] * 50, seconds=2, processor=4, peak=400e6),
    crowd=LoadRun(
        [ANSWERED, Response(402, 0.1), Response(503, 0.1)], seconds=2, processor=4, peak=500e6
    ),
    narrow_previews=[300, 400],
    wide_previews=[500, 600],
    private_bytes=350e6,
    mapped_bytes=500e6,
    is_responding=True,
)
"""What was measured of a server that keeps every promise."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home and its videos, as the benchmark is given them."""
    workspace = new_workspace(tmp_path_factory.mktemp("load"))
    workspace.videos_folder.rmdir()
    copy_drawn_library(workspace.videos_folder)
    assert not index(workspace).problems
    return workspace.home.root.parent


@pytest.fixture(scope="module")
def report(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    scratch = tmp_path_factory.mktemp("room")
    room = BenchmarkContext(scratch, scratch / "cache", None, print)
    return measure(room, OPTIONS.model_copy(update={"home": folder}))


def test_every_figure_is_made(report: Report) -> None:
    assert [figure.name for figure in report.figures] == [
        figure.name for figure in build_figures(KEPT, OPTIONS)
    ]
    made = {figure.name: figure.value for figure in report.figures}
    for name, value in made.items():
        if not name.endswith(("refused", "failed")):
            assert 0 < value < inf, name
    assert made["gallery"] > 100
    assert made["2 clients: refused"] == 0
    assert made["80 clients: failed"] == 0
    assert made["server responds afterwards (1 = yes)"] == 1
    # What this process or an empty server would take, and what no server here does.
    assert 50 < made["2 clients: peak private memory"] < 2000
    assert made["80 clients: peak private memory"] >= 0.9 * made["2 clients: peak private memory"]


def test_details_are_the_answers_that_the_figures_count(report: Report) -> None:
    made = {figure.name: figure.value for figure in report.figures}
    few, crowd = report.details["normal load"], report.details["overload"]
    assert [row["status"] for row in few] == [200]
    assert few[0]["responses"] == made["2 clients: throughput"] * OPTIONS.seconds
    reported = [row["responses"] for row in crowd if row["status"] in REFUSAL_CODES]
    assert sum(reported) == made["80 clients: refused with Retry-After"]


def test_results_within_the_targets_are_met() -> None:
    met = [figure.is_met for figure in build_figures(KEPT, OPTIONS)]
    assert met.count(True) == 10
    assert False not in met


@pytest.mark.parametrize(
    ("broken", "missed"),
    [
        (replace(KEPT, startup_seconds=5.1), "start-up to the first response"),
        (replace(KEPT, narrow_previews=[300, 701]), "preview, 320 pixels: 95th percentile"),
        (replace(KEPT, narrow_previews=[300, inf]), "preview, 320 pixels: 95th percentile"),
        (replace(KEPT, is_responding=False), "server responds afterwards (1 = yes)"),
        *(
            (replace(KEPT, regular=LoadRun(given, 2, 4, peak)), f"2 clients: {name}")
            for given, peak, name in (
                ([ANSWERED] * 23, 0, "throughput"),
                ([Response(200, 0.9)] * 50, 0, "latency, 95th percentile"),
                ([ANSWERED] * 50 + [Response(429, 0.1)], 0, "refused"),
                ([ANSWERED] * 50, 601e6, "peak private memory"),
            )
        ),
        *(
            (replace(KEPT, crowd=LoadRun(given, 2, 4, peak)), f"80 clients: {name}")
            for given, peak, name in (
                ([Response(200, 3.1)], 0, "latency of the accepted, 95th percentile"),
                ([ANSWERED, Response(500, 0.1)], 0, "failed"),
                ([ANSWERED, Response(0, 0.1)], 0, "failed"),
                (
                    [ANSWERED, Response(503, 0.1, has_retry_after=False)],
                    0,
                    "failed",
                ),
                ([ANSWERED], 601e6, "peak private memory"),
            )
        ),
    ],
)
def test_each_promise_can_be_broken(broken: LoadReport, missed: str) -> None:
    assert Report("load", "", build_figures(broken, OPTIONS)).missed_figures == [missed]


def test_a_crashed_server_misses_its_targets(folder: Path) -> None:
    server = start_app(folder / "home", None)
    with server:
        assert is_responding(server)
    assert not is_responding(server)
    shot = folder / "shot.jpg"
    shot.write_bytes(b"never read")
    watched = measure_load(server, [shot], [ClientGroup(1, 0.2)], 0)
    assert watched.accepted_milliseconds == []
    assert watched.broken_count == len(watched.responses) > 0
    assert time_preview(server, PreviewLinkSigner("key"), 0, 1.0, "m") == inf
    gone = replace(KEPT, regular=watched, crowd=watched, narrow_previews=[inf], is_responding=False)
    missed = Report("load", "", build_figures(gone, OPTIONS)).missed_figures
    assert {
        "2 clients: throughput",
        "2 clients: latency, 95th percentile",
        "server responds afterwards (1 = yes)",
    } < set(missed)


def test_the_late_ones_are_reported_even_where_some_never_came() -> None:
    assert percentile_95([]) == inf
    assert percentile_95([1.0] * 96 + [inf] * 4) == 1
    assert percentile_95([1.0] * 90 + [inf] * 10) == inf
