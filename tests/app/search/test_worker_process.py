"""A process that searches: both of its ends."""

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
from whenanime_app.search.worker_process import Question, SearchProcess
process = SearchProcess.start(Path(sys.argv[1]), None)
process.ask(Question(None))
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


def test_it_answers_as_the_server_itself_does(
    process: WorkerProcess, sample: Sample, snapshot: str, picture: bytes
) -> None:
    here = Searcher(LiveEngine(sample.home)).find_scenes(picture, NO_FILTER, 3)
    assert process.call(WorkerRequest(snapshot)) is None
    there = process.call(WorkerRequest(snapshot, picture, NO_FILTER, 3))
    assert isinstance(there, Answer)
    assert there.scenes == here.scenes
    assert (there.snapshot_id, there.frame_count) == (here.snapshot_id, here.frame_count)
    assert there.timings.searching > 0
    nothing = process.call(WorkerRequest(snapshot, picture, Filter(seasons={99}), 3))
    assert isinstance(nothing, Answer)
    assert nothing.scenes == []


def test_it_says_what_it_cannot_do(process: WorkerProcess, snapshot: str) -> None:
    assert process.call(WorkerRequest(None)) is None
    large = io.BytesIO()
    Image.new("L", (5000, 4000)).save(large, "PNG")
    reply = process.call(WorkerRequest(snapshot, large.getvalue(), NO_FILTER, 1))
    assert isinstance(reply, NeedsServerProcessError)
    reply = process.call(WorkerRequest("000000-none", b"", NO_FILTER, 1))
    assert isinstance(reply, SnapshotNotLoadedError)
    assert "000000-none" in str(reply)
    assert process.call(WorkerRequest(snapshot)) is None


def test_modules_of_the_current_folder_are_not_its_own(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cv2.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    started = WorkerProcess.start(sample.home, None)
    assert started.call(WorkerRequest(None)) is None
    started.close()


@pytest.mark.parametrize("said", ["hello", "cunknown", "Loading patches"])
def test_what_others_print_is_no_reply(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"print({said!r}, flush=True)")
    monkeypatch.syspath_prepend(tmp_path)
    started = WorkerProcess.start(sample.home, None)
    with pytest.raises(WorkerExitedError):
        started.call(WorkerRequest(None), 1.0)
    started.close()


def test_it_ends_with_the_server_however_that_ends(sample: Sample) -> None:
    command = [sys.executable, "-c", PARENT, str(sample.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert not psutil.wait_procs([child], SOON)[1]


def test_what_cannot_be_pickled_is_reported_as_text(tmp_path: Path) -> None:
    class OddError(Exception):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(f"{one} {two}")

    class Raising(SearchWorker):
        def reply(self, question: WorkerRequest) -> WorkerReply:
            assert question.data == b"x"
            return OddError("all", "wrong")

    asked, reported = io.BytesIO(pickle.dumps(WorkerRequest(None, b"x"))), io.BytesIO()
    serve_requests(Raising(tmp_path), asked, reported)
    error = pickle.loads(reported.getvalue())
    assert isinstance(error, RuntimeError)
    assert "all wrong" in str(error)


def test_half_a_question_ends_it_quietly(tmp_path: Path) -> None:
    reported = io.BytesIO()
    serve_requests(
        SearchWorker(tmp_path), io.BytesIO(pickle.dumps(WorkerRequest(None, b"abc"))[:20]), reported
    )
    assert reported.getvalue() == b""
