"""The command `python -m whenanime_app`, run as a process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from app.sample_home import Sample

STARTS_WITHIN = 5.0
"""Documented seconds to the first answer, as processor time, since the machine may be busy."""
RESIDENT = 600
"""Documented megabytes of memory."""
# Prints the stubs (`.pyi`) of Gradio's classes that creating the app opens.
OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from pathlib import Path
from whenanime_app.server import create_app
from whenanime_app.settings import AppSettings
create_app(AppSettings(home=Path(sys.argv[1])))
assert any("gradio" in path for path in opened)
print([path for path in opened if path.endswith(".pyi")])
"""


@contextmanager
def running(*arguments: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "whenanime_app", *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_app_starts_fast_answers_and_stops_on_interrupt(sample: Sample) -> None:
    port = free_port()
    environment = {"WHENANIME_HOME": str(sample.home), "WHENANIME_VIDEOS": str(sample.videos)}
    # As on two cores, for which the memory is documented.
    environment |= {"WHENANIME_PROCESSES": "1"}
    with running("--port", str(port), environment=environment) as process:
        wait_for(port, process)
        answer = httpx.get(f"http://127.0.0.1:{port}/", timeout=30)
        assert answer.status_code == 200
        assert "WhenAnime" in answer.text
        assert _processor_seconds(process.pid) < STARTS_WITHIN
        assert httpx.get(f"http://127.0.0.1:{port}/status", timeout=30).json()["episodes"] == 2
        assert _resident_megabytes(process.pid) < RESIDENT
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stdout is not None
        output = process.stdout.read()
        assert f"http://127.0.0.1:{port}" in output
        assert "Traceback" not in output


def test_address_is_printed_once_the_server_answers(sample: Sample) -> None:
    port = free_port()
    with running("--port", str(port), environment={"WHENANIME_HOME": str(sample.home)}) as process:
        assert process.stdout is not None
        address = process.stdout.readline().partition("WhenAnime: ")[2].strip()
        assert address == f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/status", timeout=30).status_code == 200


def test_used_port_ends_the_app_before_an_address_is_printed(sample: Sample) -> None:
    environment = {"WHENANIME_HOME": str(sample.home)}
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        running("--port", str(taken.getsockname()[1]), environment=environment) as process,
    ):
        assert process.wait(60) > 0
        assert process.stdout is not None
        output = process.stdout.read()
        assert "address already in use" in output
        assert "WhenAnime: " not in output


def test_start_writes_no_stubs_into_the_installed_gradio(tmp_path: Path) -> None:
    """By default, Gradio parses its own source at each start and writes stubs next to it."""
    ended = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stdout == "[]\n", ended.stderr


def test_missing_folder_of_videos_is_named(tmp_path: Path) -> None:
    with running("--videos", str(tmp_path / "none"), environment={}) as process:
        assert process.wait(60) == 2
        assert process.stdout is not None
        assert "none: no such folder" in process.stdout.read()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int, process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"the app ended before it answered: {process.wait(0.05)}")
        else:
            return
    pytest.fail("the app did not start")


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_megabytes(pid: int) -> float:
    """Return the memory of a process and its children; shared files count for each."""
    server = psutil.Process(pid)
    family = [server, *server.children(recursive=True)]
    return sum(float(one.memory_info().rss) for one in family) / 1e6
