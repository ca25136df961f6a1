"""A sample of the benchmark with hostile requests, and its detection of failures."""

import os
from pathlib import Path

import pytest

from app.sample_home import Sample
from benchmarks.hostile import Options, measure
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.hostile.addresses import ALLOWED_ADDRESS, TRAP_ADDRESSES
from benchmarks.support.hostile.audited_server import AuditLog
from benchmarks.support.hostile.hostile_request import SLOW_SECONDS, HostileRequest, HostileResponse

pytestmark = pytest.mark.timeout(600)  # starts a server and sends a hundred requests
SLOWNESS = "responses after more than 5 s"  # ignored, as the machine may be busy


def test_hostile_requests_cause_no_failure(sample: Sample, tmp_path: Path) -> None:
    context = BenchmarkContext(tmp_path, tmp_path / "cache", None, print)
    options = Options(requests=100, bombs=False, home=sample.home, videos=sample.videos)
    report = measure(context, options)
    figures = {figure.name: figure for figure in report.figures}
    assert [name for name in report.missed_figures if name != SLOWNESS] == [], report.details
    assert figures["requests"].value >= 100
    assert figures["successful searches"].value >= 1
    kinds = {row["kind"] for row in report.details["by kind"]}
    assert {"OpenAPI", "broken pictures", "paths and headers", "addresses", "page"} <= kinds


def test_audit_log_records_access_outside_the_allowed_folders() -> None:
    log = AuditLog(("/home/", "/usr/"), ("/home/",))
    log.on_audit_event("open", ("/etc/passwd", "r", os.O_RDONLY))
    assert not log.findings
    log.is_watching = True
    for event, arguments in (
        ("open", ("/home/a", "w", os.O_WRONLY)),
        ("open", ("/usr/lib/x", "r", os.O_RDONLY)),
        ("open", (3, "r", os.O_RDONLY)),
        ("socket.connect", (None, (ALLOWED_ADDRESS, 80))),
    ):
        log.on_audit_event(event, arguments)
    assert not log.findings
    log.on_audit_event("open", ("/home/../etc/passwd", "r", os.O_RDONLY))
    log.on_audit_event("open", (b"/usr/lib/x", "w", os.O_WRONLY))
    log.on_audit_event("os.remove", ("/usr/lib/x", -1))
    log.on_audit_event("os.rename", ("/home/a", "/etc/a", -1, -1))
    log.on_audit_event("socket.connect", (None, (TRAP_ADDRESSES[0], 80)))
    log.on_audit_event("subprocess.Popen", ("sh", ["sh"], None, None))
    assert list(log.findings) == [
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
def test_errors_and_slow_responses_count_as_failures(
    status: int, seconds: float, problem: str, failed: bool
) -> None:
    response = HostileResponse(
        HostileRequest("a kind", "a name", b"/"), status, seconds, problem=problem
    )
    assert bool(response.failure) is failed
