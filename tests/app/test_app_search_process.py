"""Searching in processes beside the server's own, which may end at any moment."""

import asyncio
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from filming import film
from PIL import Image

from app.sample_home import Sample, png
from app.served import served
from whenanime_app import searchers
from whenanime_app.search_process import (
    NotHereError,
    ProcessGoneError,
    SearchProcess,
    answer_questions,
)
from whenanime_app.searchers import Searchers, processes_beside
from whenanime_app.searching import NothingIndexedError, Searcher
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.search.filters import EVERYTHING, Filter
from whenanime_pipeline.core.search.live import LiveEngine
from whenanime_pipeline.core.search.manifest import LATEST
from whenanime_pipeline.core.search.plan import SEGMENT

SOON = 30.0
PARENT = """
import sys, time
from pathlib import Path
from whenanime_app.search_process import SearchProcess
process = SearchProcess.start(Path(sys.argv[1]), None)
process.wait_until_ready()
print(process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def process(sample: Sample) -> Iterator[SearchProcess]:
    started = SearchProcess.start(sample.home, None)
    started.wait_until_ready()
    yield started
    started.close()
    assert not started.alive


@contextmanager
def beside(
    sample: Sample, own: Searcher | None = None
) -> Iterator[tuple[Searchers, SearchProcess]]:
    """Yield searchers with one process, which is ready."""
    both = Searchers(own or Searcher(LiveEngine(sample.home)), sample.home, processes=1)
    try:
        yield both, ready(both)
    finally:
        both.close()


def ready(both: Searchers) -> SearchProcess:
    both.start()
    both._starter.submit(int).result(SOON)  # it starts one after the other
    (started,) = both._idle
    return started


class Slow(Searcher):
    """Begins its first search, and goes on when it may."""

    def __init__(self, live: LiveEngine) -> None:
        super().__init__(live)
        self.begun, self.enough = threading.Event(), threading.Event()

    def find(self, *arguments: Any, **named: Any) -> Any:
        if not self.begun.is_set():
            self.begun.set()
            assert self.enough.wait(SOON)
        return super().find(*arguments, **named)


def test_a_process_answers_as_the_server_itself_does(
    process: SearchProcess, sample: Sample, picture: bytes
) -> None:
    here = Searcher(LiveEngine(sample.home)).find(picture, EVERYTHING, 3)
    there = process.find(picture, EVERYTHING, 3)
    assert there.scenes == here.scenes
    assert (there.snapshot, there.frame_count) == (here.snapshot, here.frame_count)
    assert there.timings.searching > 0
    assert process.find(picture, Filter(seasons={99}), 3).scenes == []


def test_what_is_no_picture_is_told_in_the_same_words(process: SearchProcess) -> None:
    with pytest.raises(PictureError) as here:
        Searcher(LiveEngine(Path())).picture(b"GIF89a, it says")
    with pytest.raises(PictureError) as there:
        process.find(b"GIF89a, it says", EVERYTHING, 3)
    assert str(there.value) == str(here.value)


def test_videos_and_what_takes_much_memory_are_left_to_the_server(
    process: SearchProcess, tmp_path: Path
) -> None:
    film(tmp_path / "a.mp4", seed=1, seconds=1)
    large = io.BytesIO()
    Image.new("L", (5000, 4000)).save(large, "PNG")
    for data in ((tmp_path / "a.mp4").read_bytes(), large.getvalue()):
        with pytest.raises(NotHereError):
            process.find(data, EVERYTHING, 3)


def test_the_server_searches_itself_for_what_is_left_to_it(sample: Sample, picture: bytes) -> None:
    large = png(np.kron(sample.frame(), np.ones((16, 16, 1), np.uint8)))
    slow = Slow(LiveEngine(sample.home))
    with beside(sample, slow) as (both, _), ThreadPoolExecutor(1) as elsewhere:
        here = elsewhere.submit(both.find, picture, EVERYTHING, 1)
        assert slow.begun.wait(SOON)
        found = both.find(large, EVERYTHING, 1).scenes
        slow.enough.set()
        assert found[0].episode == here.result(SOON).scenes[0].episode


def test_nothing_indexed_is_told_as_such(tmp_path: Path, picture: bytes) -> None:
    empty = SearchProcess.start(tmp_path, 64)
    try:
        empty.wait_until_ready()
        with pytest.raises(NothingIndexedError):
            empty.find(picture, EVERYTHING, 1)
    finally:
        empty.close()


def test_two_search_at_once(sample: Sample, picture: bytes) -> None:
    slow = Slow(LiveEngine(sample.home))
    with beside(sample, slow) as (both, _), ThreadPoolExecutor(1) as elsewhere:
        here = elsewhere.submit(both.find, picture, EVERYTHING, 1)
        assert slow.begun.wait(SOON)
        # The server's own search has not ended, and could not.
        there = both.find(picture, EVERYTHING, 1)
        assert not here.done()
        slow.enough.set()
        assert here.result(SOON).scenes == there.scenes


def test_a_process_that_ended_is_replaced_and_costs_nobody_an_answer(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(searchers, "RETRY_AFTER", 0.0)
    slow = Slow(LiveEngine(sample.home))
    with beside(sample, slow) as (both, process), ThreadPoolExecutor(1) as elsewhere:
        os.kill(process.pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(process.pid)], SOON)
        first = elsewhere.submit(both.find, picture, EVERYTHING, 1)
        assert slow.begun.wait(SOON)
        slow.enough.set()
        assert both.find(picture, EVERYTHING, 1).scenes == first.result(SOON).scenes
        assert f"process {process.pid} ended" in caplog.text
        assert ready(both).pid != process.pid


def test_a_search_is_lost_with_the_process_and_no_other(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow, asked, find = Slow(LiveEngine(sample.home)), threading.Event(), SearchProcess.find

    def heard(self: SearchProcess, *arguments: Any) -> Any:
        asked.set()
        return find(self, *arguments)

    monkeypatch.setattr(SearchProcess, "find", heard)
    with beside(sample, slow) as (both, process), ThreadPoolExecutor(2) as elsewhere:
        here = elsewhere.submit(both.find, picture, EVERYTHING, 1)
        assert slow.begun.wait(SOON)
        os.kill(process.pid, signal.SIGSTOP)  # so that it cannot have answered
        there = elsewhere.submit(both.find, picture, EVERYTHING, 1)
        assert asked.wait(SOON)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(ProcessGoneError, match="try again"):
            there.result(SOON)
        slow.enough.set()
        assert here.result(SOON).scenes
        assert "in the middle of a search" in caplog.text
        assert both.find(picture, EVERYTHING, 1).scenes


def test_where_no_process_can_be_started_the_server_searches_alone(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sys, "executable", str(sample.home / "no-such-python"))
    both = Searchers(Searcher(LiveEngine(sample.home)), sample.home, processes=1)
    both.start()
    both._starter.submit(int).result(SOON)
    assert both.find(picture, EVERYTHING, 1).scenes
    assert "no process can be started" in caplog.text
    both.close()


def test_a_process_that_ends_at_once_is_told_of(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    both = Searchers(Searcher(LiveEngine(sample.home)), sample.home, processes=2)
    both.start()
    both.close()
    assert "ended before it was ready" in caplog.text


def test_a_process_ends_with_the_server_however_that_ends(sample: Sample) -> None:
    command = [sys.executable, "-c", PARENT, str(sample.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert not psutil.wait_procs([child], SOON)[1]


def test_what_cannot_be_pickled_is_told_as_text() -> None:
    class OddError(Exception):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(f"{one} {two}")

    class Raising(Searcher):
        def find(self, *_: Any, **__: Any) -> Any:
            raise OddError("all", "wrong")

    asked, told = io.BytesIO(pickle.dumps((b"", EVERYTHING, 1))), io.BytesIO()
    answer_questions(Raising(LiveEngine(Path())), asked, told)
    error = pickle.loads(told.getvalue())
    assert isinstance(error, RuntimeError)
    assert "all wrong" in str(error)


def test_a_server_with_a_process_answers_and_leaves_none_behind(
    sample: Sample, picture: bytes
) -> None:
    async def together(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=url, timeout=SOON) as client:
            return await asyncio.gather(
                *(client.post("/search", files={"image": picture}) for _ in range(6))
            )

    before = set(psutil.Process().children())
    with served(AppSettings(home=sample.home, processes=1)) as url:
        answers = asyncio.run(together(url))
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.json()["result"][0]["filename"]) for answer in answers}) == 1
    assert set(psutil.Process().children()) <= before


def test_a_large_index_is_held_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes_beside(tmp_path, 1) == 0
    assert processes_beside(tmp_path, 2) == 1
    assert processes_beside(tmp_path, 64) == 3
    snapshots = tmp_path / "snapshots"
    (snapshots / "7").mkdir(parents=True)
    (snapshots / LATEST).write_text("7")
    (snapshots / "7" / SEGMENT).write_bytes(b"12345")
    assert processes_beside(tmp_path, 2) == 1
    monkeypatch.setattr(searchers, "_LARGE_INDEX", 4)
    assert processes_beside(tmp_path, 2) == 0
