"""A worker process, from the server's side and from its own."""

import io
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from app.sample_home import Sample
from whenanime_app.search.searcher import Answer, Searcher
from whenanime_app.search.worker_main import SearchWorker, serve_requests
from whenanime_app.search.worker_process import (
    FindFacesRequest,
    NeedsServerProcessError,
    SnapshotNotLoadedError,
    WorkerExitedError,
    WorkerProcess,
    WorkerReply,
    WorkerRequest,
)
from whenanime_pipeline.core.search.query.filters import NO_FILTER, Filter
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id

SOON = 30.0
PARENT = """
import sys, time
from pathlib import Path
from whenanime_app.search.worker_process import WorkerProcess, WorkerRequest
process = WorkerProcess.start(Path(sys.argv[1]), None)
process.call(WorkerRequest(None))
print(process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def process(sample: Sample) -> Iterator[WorkerProcess]:
    started = WorkerProcess.start(sample.home, 64)
    yield started
    started.close()
    assert not started.is_alive


@pytest.fixture(scope="module")
def snapshot(sample: Sample) -> str:
    return str(read_latest_id(sample.home / "snapshots"))


def test_worker_returns_the_same_scenes_as_the_server_process(
    process: WorkerProcess, sample: Sample, snapshot: str, picture: bytes
) -> None:
    in_process = Searcher(LiveEngine(sample.home)).find_scenes(picture, NO_FILTER, 3)
    assert process.call(WorkerRequest(snapshot)) is None
    answer = process.call(WorkerRequest(snapshot, picture, NO_FILTER, 3))
    assert isinstance(answer, Answer)
    assert answer.scenes == in_process.scenes
    assert answer.snapshot_id == in_process.snapshot_id
    assert answer.frame_count == in_process.frame_count
    assert answer.timings.searching > 0
    filtered = process.call(WorkerRequest(snapshot, picture, Filter(seasons={99}), 3))
    assert isinstance(filtered, Answer)
    assert filtered.scenes == []


def test_worker_reports_large_pictures_and_missing_snapshots(
    process: WorkerProcess, snapshot: str
) -> None:
    assert process.call(WorkerRequest(None)) is None
    large = io.BytesIO()
    Image.new("L", (5000, 4000)).save(large, "PNG")
    reply = process.call(WorkerRequest(snapshot, large.getvalue(), NO_FILTER, 1))
    assert isinstance(reply, NeedsServerProcessError)
    reply = process.call(WorkerRequest("000000-none", b"", NO_FILTER, 1))
    assert isinstance(reply, SnapshotNotLoadedError)
    assert "000000-none" in str(reply)
    assert process.call(WorkerRequest(snapshot)) is None


def test_worker_imports_nothing_from_the_current_folder(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cv2.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    started = WorkerProcess.start(sample.home, None)
    assert started.call(WorkerRequest(None)) is None
    started.close()


@pytest.mark.parametrize("text", ["hello", "cunknown", "Loading patches"])
def test_printed_text_is_not_taken_for_a_reply(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"print({text!r}, flush=True)")
    monkeypatch.syspath_prepend(tmp_path)
    started = WorkerProcess.start(sample.home, None)
    with pytest.raises(WorkerExitedError):
        started.call(WorkerRequest(None), 1.0)
    started.close()


def test_worker_exits_when_the_server_is_killed(sample: Sample) -> None:
    command = [sys.executable, "-c", PARENT, str(sample.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert not psutil.wait_procs([child], SOON)[1]


def test_unpicklable_error_is_returned_as_text(tmp_path: Path) -> None:
    class OddError(Exception):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(f"{one} {two}")

    class Raising(SearchWorker):
        def handle_request(self, request: WorkerRequest | FindFacesRequest) -> WorkerReply:
            assert request == WorkerRequest(None, b"x")
            return OddError("all", "wrong")

    requests, replies = io.BytesIO(pickle.dumps(WorkerRequest(None, b"x"))), io.BytesIO()
    serve_requests(Raising(tmp_path), requests, replies)
    error = pickle.loads(replies.getvalue())
    assert isinstance(error, RuntimeError)
    assert "all wrong" in str(error)


def test_truncated_request_ends_the_worker_without_a_reply(tmp_path: Path) -> None:
    replies = io.BytesIO()
    truncated = io.BytesIO(pickle.dumps(WorkerRequest(None, b"abc"))[:20])
    serve_requests(SearchWorker(tmp_path), truncated, replies)
    assert replies.getvalue() == b""
