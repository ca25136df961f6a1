"""A sample of the hostile campaign, and that what watches it would see."""

import os
from pathlib import Path

import pytest

from app.sample_home import Sample
from benchmarks.hostile import Options, measure
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.hostile.addresses import ALLOWED_ADDRESS, TRAP_ADDRESSES
from benchmarks.support.hostile.audited_server import AuditLog
from benchmarks.support.hostile.hostile_request import SLOW_SECONDS, HostileRequest, HostileResponse

pytestmark = pytest.mark.timeout(600)  # a server of its own, and a hundred requests
SLOWNESS = "answers after more than 5 s"  # on a machine that does other things too


def test_nothing_breaks(sample: Sample, tmp_path: Path) -> None:
    room = BenchmarkContext(tmp_path, tmp_path / "cache", None, print)
    options = Options(requests=100, bombs=False, home=sample.home, videos=sample.videos)
    report = measure(room, options)
    figures = {figure.name: figure for figure in report.figures}
    assert [name for name in report.missed_figures if name != SLOWNESS] == [], report.details
    assert figures["requests"].value >= 100
    assert figures["searches that were answered"].value >= 1
    kinds = {row["kind"] for row in report.details["by kind"]}
    assert {"OpenAPI", "broken pictures", "paths and headers", "addresses", "page"} <= kinds


def test_what_is_opened_and_reached_elsewhere_is_noted() -> None:
    notes = AuditLog(("/home/", "/usr/"), ("/home/",))
    notes.on_audit_event("open", ("/etc/passwd", "r", os.O_RDONLY))
    assert not notes.findings
    notes.is_watching = True
    for event, arguments in (
        ("open", ("/home/a", "w", os.O_WRONLY)),
        ("open", ("/usr/lib/x", "r", os.O_RDONLY)),
        ("open", (3, "r", os.O_RDONLY)),
        ("socket.connect", (None, (ALLOWED_ADDRESS, 80))),
    ):
        notes.on_audit_event(event, arguments)
    assert not notes.findings
    notes.on_audit_event("open", ("/home/../etc/passwd", "r", os.O_RDONLY))
    notes.on_audit_event("open", (b"/usr/lib/x", "w", os.O_WRONLY))
    notes.on_audit_event("os.remove", ("/usr/lib/x", -1))
    notes.on_audit_event("os.rename", ("/home/a", "/etc/a", -1, -1))
    notes.on_audit_event("socket.connect", (None, (TRAP_ADDRESSES[0], 80)))
    notes.on_audit_event("subprocess.Popen", ("sh", ["sh"], None, None))
    assert list(notes.findings) == [
        "read: /etc/passwd",
        "written: /usr/lib/x",
        "os.remove: /usr/lib/x",
        "os.rename: /etc/a",
        f"connected to ('{TRAP_ADDRESSES[0]}', 80)",
        "subprocess.Popen ('sh', ['sh'], None, None)",
    ]


@pytest.mark.parametrize(
    ("status", "seconds", "problem", "failed"),
    [
        (200, 0.1, "", False),
        (404, 0.1, "", False),
        (503, 0.1, "", False),
        (500, 0.1, "", True),
        (502, 0.1, "", True),
        (200, SLOW_SECONDS + 1, "", True),
        (0, 0.1, "no answer", True),
    ],
)
def test_what_is_not_as_it_shall_be(
    status: int, seconds: float, problem: str, failed: bool
) -> None:
    hit = HostileResponse(
        HostileRequest("a kind", "a name", b"/"), status, seconds, problem=problem
    )
    assert bool(hit.failure) is failed
