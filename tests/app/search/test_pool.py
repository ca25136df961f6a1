"""Searching in worker processes next to the server's own, which may end or hang at any moment."""

import asyncio
import os
import shutil
import signal
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
from sample_videos import write_film

from app.live_server import run_server
from app.sample_home import Sample, encode_png
from whenanime_app.search import pool
from whenanime_app.search.pool import SearcherPool, choose_process_count
from whenanime_app.search.searcher import Searcher
from whenanime_app.search.worker_process import WorkerExitedError, WorkerProcess
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.search.query.filters import NO_FILTER
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id

SOON = 30.0


class Slow(Searcher):
    """Begins its first search, and goes on when it may."""

    def __init__(self, home: Path) -> None:
        super().__init__(LiveEngine(home))
        self.begun, self.enough = threading.Event(), threading.Event()

    def find_scenes(self, *arguments: Any, **named: Any) -> Any:
        if not self.begun.is_set():
            self.begun.set()
            assert self.enough.wait(SOON)
        return super().find_scenes(*arguments, **named)


class Busy:
    """Searchers whose own process is in the middle of a search."""

    def __init__(
        self, all_: SearcherPool, own: Slow, picture: bytes, thread: ThreadPoolExecutor
    ) -> None:
        self.all = all_
        self.process = ready(all_)
        self._own = own
        self._first = thread.submit(all_.find_scenes, picture, NO_FILTER, 1)
        assert own.begun.wait(SOON)

    def first(self) -> Any:
        """End that search, and return what it found."""
        self._own.enough.set()
        return self._first.result(SOON)


@contextmanager
def busy(home: Path, picture: bytes) -> Iterator[Busy]:
    own = Slow(home)
    all_ = SearcherPool(own, home, processes=1)
    try:
        with ThreadPoolExecutor(1) as thread:
            try:
                yield Busy(all_, own, picture, thread)
            finally:
                own.enough.set()
    finally:
        all_.close()


def ready(all_: SearcherPool) -> WorkerProcess:
    all_.start_missing()
    all_._starter.submit(int).result(SOON)  # they are started one after the other
    (started,) = all_._idle
    return started


def hear(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event that is set when a process is about to be asked for a picture."""
    asked, ask = threading.Event(), WorkerProcess.call

    def heard(self: WorkerProcess, *arguments: Any) -> Any:
        asked.set()
        return ask(self, *arguments)

    monkeypatch.setattr(WorkerProcess, "call", heard)
    return asked


def test_two_search_at_once(sample: Sample, picture: bytes) -> None:
    with busy(sample.home, picture) as there:
        found = there.all.find_scenes(picture, NO_FILTER, 1)
        # The server's own search has not ended, and could not.
        assert found.scenes == there.first().scenes
        assert there.process.is_alive


def test_a_process_follows_to_what_is_published_meanwhile(
    sample: Sample, picture: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whenanime_pipeline.core.search.query.live.POLL_INTERVAL", 0.0)
    before = sample.index(tmp_path, sample.episodes[:1])
    with busy(tmp_path, picture) as there:
        assert there.all.find_scenes(picture, NO_FILTER, 1).snapshot_id == before
        after = sample.index(tmp_path, sample.episodes)
        found = there.all.find_scenes(picture, NO_FILTER, 1)
        assert found.snapshot_id == after
        assert there.all._idle == [there.process]
        assert found.scenes == there.first().scenes


def test_errors_of_a_process_are_those_of_the_server(sample: Sample, picture: bytes) -> None:
    with busy(sample.home, picture) as there:
        with pytest.raises(PictureError) as elsewhere:
            there.all.find_scenes(b"GIF89a, it says", NO_FILTER, 1)
        with pytest.raises(PictureError) as here:
            Searcher(LiveEngine(sample.home)).decode_query(b"GIF89a, it says")
        assert str(elsewhere.value) == str(here.value)
        assert elsewhere.value.code == here.value.code == "damaged_picture"
        assert elsewhere.value.message == here.value.message
        assert there.all._idle == [there.process]


@pytest.mark.parametrize("kind", ["large", "video"])
def test_the_server_itself_decodes_what_takes_much_memory(
    sample: Sample, picture: bytes, tmp_path: Path, kind: str
) -> None:
    write_film(tmp_path / "a.mp4", seed=1, seconds=1)
    large = encode_png(np.kron(sample.frame(), np.ones((16, 16, 1), np.uint8)))
    data = large if kind == "large" else (tmp_path / "a.mp4").read_bytes()
    with busy(sample.home, picture) as there:
        found = there.all.find_scenes(data, NO_FILTER, 1)
        assert there.all._idle == [there.process]
        first = there.first()
        assert found.snapshot_id == first.snapshot_id
        assert kind == "video" or found.scenes[0].episode == first.scenes[0].episode


def test_a_process_that_ended_is_replaced_and_costs_nobody_an_answer(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(pool, "RESTART_DELAY", 0.0)
    with busy(sample.home, picture) as there:
        os.kill(there.process.pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(there.process.pid)], SOON)
        assert there.all.find_scenes(picture, NO_FILTER, 1).scenes == there.first().scenes
        assert f"process {there.process.pid} ended" in caplog.text
        assert ready(there.all).pid != there.process.pid


def test_a_search_is_lost_with_its_process_and_no_other(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with busy(sample.home, picture) as there, ThreadPoolExecutor(1) as thread:
        asked = hear(monkeypatch)
        os.kill(there.process.pid, signal.SIGSTOP)  # so that it cannot have answered
        lost = thread.submit(there.all.find_scenes, picture, NO_FILTER, 1)
        assert asked.wait(SOON)
        os.kill(there.process.pid, signal.SIGKILL)
        with pytest.raises(WorkerExitedError, match="try again"):
            lost.result(SOON)
        assert "in the middle of a search" in caplog.text
        assert there.all.find_scenes(picture, NO_FILTER, 1).scenes == there.first().scenes


def test_a_process_that_hangs_is_ended(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy(sample.home, picture) as there:
        monkeypatch.setattr(WorkerProcess.call, "__defaults__", (0.2,))
        os.kill(there.process.pid, signal.SIGSTOP)
        with pytest.raises(WorkerExitedError):
            there.all.find_scenes(picture, NO_FILTER, 1)
        assert not there.process.is_alive


def test_the_server_ends_also_while_a_process_hangs(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_STOP_GRACE", 0.2)
    with busy(sample.home, picture) as there, ThreadPoolExecutor(1) as thread:
        asked = hear(monkeypatch)
        os.kill(there.process.pid, signal.SIGSTOP)
        lost = thread.submit(there.all.find_scenes, picture, NO_FILTER, 1)
        assert asked.wait(SOON)
        there.all.stop()
        with pytest.raises(WorkerExitedError):
            lost.result(SOON)
        there.first()
    assert not there.process.is_alive


def test_what_is_no_reply_ends_the_process_and_no_other_answer_is_given(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy(sample.home, picture) as there:
        with monkeypatch.context() as patch:
            patch.setattr("pickle.load", lambda _: 1 // 0)
            with pytest.raises(WorkerExitedError):
                there.all.find_scenes(picture, NO_FILTER, 1)
        assert not there.process.is_alive
        assert there.all._idle == []


def test_a_process_that_cannot_load_what_is_searched_is_given_up(
    sample: Sample, picture: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample.home, home)
    own = Searcher(LiveEngine(home))
    own.get_engine()
    newest = home / "snapshots" / str(read_latest_id(home / "snapshots"))
    with (newest / "meta.json").open("ab") as file:
        file.write(b" ")
    both = SearcherPool(own, home, processes=1)
    both.start_missing()
    both._starter.submit(int).result(SOON)
    assert both.find_scenes(picture, NO_FILTER, 1).scenes
    assert "meta.json" in caplog.text
    assert not both._running
    both.close()


@pytest.mark.parametrize("python", ["no-such-python", "/bin/true", None])
def test_where_no_process_can_be_started_the_server_searches_alone(
    sample: Sample,
    picture: bytes,
    python: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    both = SearcherPool(Searcher(LiveEngine(sample.home)), sample.home, processes=2)
    both.start_missing()
    both._starter.submit(int).result(SOON)
    assert both.find_scenes(picture, NO_FILTER, 1).scenes
    assert "no process could be started" in caplog.text
    both.close()


@pytest.mark.parametrize(
    ("cores", "gibibytes", "processes"),
    [(1, 8, 0), (2, 8, 1), (64, 8, 3), (64, 0.55, 0), (64, 1, 1), (2, None, 1), (1, None, 0)],
)
def test_there_are_as_many_as_cores_and_memory_let_seem_best(
    cores: int, gibibytes: float | None, processes: int
) -> None:
    memory = None if gibibytes is None else int(gibibytes * 2**30)
    assert choose_process_count(cores, memory) == processes


def test_a_large_index_is_held_once(sample: Sample, picture: bytes) -> None:
    both = SearcherPool(
        Searcher(LiveEngine(sample.home)), sample.home, processes=1, max_index_bytes=10
    )
    process = ready(both)
    assert both.find_scenes(picture, NO_FILTER, 1).scenes
    assert not process.is_alive
    both.start_missing()
    both._starter.submit(int).result(SOON)
    assert not both._running
    both.close()


def test_a_server_with_a_process_answers_and_leaves_none_behind(
    sample: Sample, picture: bytes
) -> None:
    async def together(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=url, timeout=SOON) as client:
            return await asyncio.gather(
                *(client.post("/search", files={"image": picture}) for _ in range(6))
            )

    before = set(psutil.Process().children())
    with run_server(AppSettings(home=sample.home, processes=1)) as url:
        answers = asyncio.run(together(url))
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.json()["result"][0]["filename"]) for answer in answers}) == 1
    assert set(psutil.Process().children()) <= before
