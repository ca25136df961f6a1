"""`whenanime up` as its user has it: an episode is dropped in, and the page finds it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import httpx
import psutil
import pytest
from PIL import Image
from sample_videos import draw_shots, new_workspace, write_film

from whenanime_pipeline.core.workspace import Workspace

Value = TypeVar("Value")
PATIENCE = 240.0
"""Seconds a stage may take: ten times what it takes on an idle machine."""


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


@contextmanager
def up(workspace: Workspace, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the command while the block runs; yields it and the page's address."""
    port, dagster_port = free_ports(2)
    command = [
        sys.executable, "-m", "whenanime_pipeline", "up",
        "--home", str(workspace.home.root), "--videos", str(workspace.videos_folder),
        "--port", str(port), "--dagster-port", str(dagster_port),
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def until(ask: Callable[[], Value | None], process: subprocess.Popen[bytes], log: Path) -> Value:
    """Ask once a second until there is an answer, and fail when the command ends or never does."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        found = ask()
        if found is not None:
            return found
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(log.read_text(errors="replace")[-4000:])


@pytest.mark.timeout(3 * PATIENCE)
def test_an_episode_dropped_in_is_found_by_itself(tmp_path: Path) -> None:
    workspace, log = new_workspace(tmp_path), tmp_path / "up.log"
    picture = tmp_path / "shot.png"
    Image.fromarray(draw_shots(2, 6)[3]).save(picture)

    with up(workspace, log) as (process, url):

        def search() -> dict[str, Any] | None:
            try:
                answer = httpx.post(f"{url}/search", content=picture.read_bytes(),
                                    headers={"content-type": "image/png"}, timeout=30)  # fmt: skip
            except httpx.TransportError:
                return None
            results = answer.json().get("result") if answer.status_code == 200 else None
            return results[0] if results and results[0]["match"] == "certain" else None

        assert search() is None
        write_film(workspace.videos_folder / "Show" / "Show - S01E01.mp4", seed=1)
        write_film(workspace.videos_folder / "Show" / "Show - S01E02.mp4", seed=2)
        (workspace.videos_folder / "Show" / "Show - S01E03.mp4").write_text("rubbish")
        best = until(search, process, log)
        assert best["filename"] == "Show - S01E02.mp4"
        assert 1.5 <= best["at"] < 2.0

        # A second one on the same home is refused, and does no harm.
        second = subprocess.run(
            [sys.executable, "-m", "whenanime_pipeline", "up", "--home", workspace.home.root],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert second.returncode == 1
        assert "another `whenanime up`" in second.stderr

        # `index` at the same time shares the work: nothing is done twice; both know the bad file.
        write_film(workspace.videos_folder / "Show" / "Show - S01E04.mp4", seed=4)
        other = subprocess.run(
            [sys.executable, "-m", "whenanime_pipeline", "index", "--home", workspace.home.root],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert other.returncode == 1
        assert other.stderr.startswith("Show/Show - S01E03.mp4: ")
        assert other.stderr.count("\n") == 1
        made = sorted((workspace.home.root / "frames").rglob("*.arrow"))
        assert len(made) == 3

        # And the folder's other changes: what is deleted is soon not found any more.
        (workspace.videos_folder / "Show" / "Show - S01E02.mp4").unlink()
        until(lambda: True if search() is None else None, process, log)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 3

    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    printed = log.read_text()
    assert "Show/Show - S01E03.mp4: " in printed
    # `now: EPISODE` is not asked for: a film of seconds may begin and end between two looks.
    assert "3 episodes found" in printed
    assert "Warning" not in printed
    assert printed.count("\n") < 40
    assert "Daemon threads shut down" in workspace.home.service_log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_child_processes_end_with_up_even_when_it_is_killed(tmp_path: Path) -> None:
    workspace, log = new_workspace(tmp_path), tmp_path / "up.log"
    with up(workspace, log) as (process, url):

        def answers() -> bool | None:
            try:
                return httpx.get(f"{url}/status", timeout=30).status_code == 200 or None
            except httpx.TransportError:
                return None

        until(answers, process, log)
        family = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive
