"""Searches in worker processes, which may exit or hang at any moment."""

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


class BlockingSearcher(Searcher):
    """Blocks its first search until `released` is set."""

    def __init__(self, home: Path) -> None:
        super().__init__(LiveEngine(home))
        self.started, self.released = threading.Event(), threading.Event()

    def find_scenes(self, *arguments: Any, **named: Any) -> Any:
        if not self.started.is_set():
            self.started.set()
            assert self.released.wait(SOON)
        return super().find_scenes(*arguments, **named)


class BusyPool:
    """A pool with one worker, whose own process is running a search."""

    def __init__(
        self,
        searcher_pool: SearcherPool,
        searcher: BlockingSearcher,
        picture: bytes,
        thread: ThreadPoolExecutor,
    ) -> None:
        self.pool = searcher_pool
        self.process = start_worker(searcher_pool)
        self._searcher = searcher
        self._first = thread.submit(searcher_pool.find_scenes, picture, NO_FILTER, 1)
        assert searcher.started.wait(SOON)

    def finish_first(self) -> Any:
        """Let the running search finish, and return its answer."""
        self._searcher.released.set()
        return self._first.result(SOON)


@contextmanager
def busy_pool(home: Path, picture: bytes) -> Iterator[BusyPool]:
    searcher = BlockingSearcher(home)
    searcher_pool = SearcherPool(searcher, home, processes=1)
    try:
        with ThreadPoolExecutor(1) as thread:
            try:
                yield BusyPool(searcher_pool, searcher, picture, thread)
            finally:
                searcher.released.set()
    finally:
        searcher_pool.close()


def start_worker(searcher_pool: SearcherPool) -> WorkerProcess:
    searcher_pool.start_missing()
    searcher_pool._starter.submit(int).result(SOON)  # workers are started one after the other
    (started,) = searcher_pool._idle
    return started


def watch_calls(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event that is set when a worker is about to be called."""
    called, call = threading.Event(), WorkerProcess.call

    def watched_call(self: WorkerProcess, *arguments: Any) -> Any:
        called.set()
        return call(self, *arguments)

    monkeypatch.setattr(WorkerProcess, "call", watched_call)
    return called


def test_worker_searches_while_the_server_process_is_busy(sample: Sample, picture: bytes) -> None:
    with busy_pool(sample.home, picture) as busy:
        answer = busy.pool.find_scenes(picture, NO_FILTER, 1)
        # The server's own search is still blocked.
        assert answer.scenes == busy.finish_first().scenes
        assert busy.process.is_alive


def test_worker_switches_to_a_newly_published_snapshot(
    sample: Sample, picture: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whenanime_pipeline.core.search.query.live.POLL_INTERVAL", 0.0)
    before = sample.index(tmp_path, sample.episodes[:1])
    with busy_pool(tmp_path, picture) as busy:
        assert busy.pool.find_scenes(picture, NO_FILTER, 1).snapshot_id == before
        after = sample.index(tmp_path, sample.episodes)
        answer = busy.pool.find_scenes(picture, NO_FILTER, 1)
        assert answer.snapshot_id == after
        assert busy.pool._idle == [busy.process]
        assert answer.scenes == busy.finish_first().scenes


def test_worker_raises_the_same_errors_as_the_server_process(
    sample: Sample, picture: bytes
) -> None:
    with busy_pool(sample.home, picture) as busy:
        with pytest.raises(PictureError) as in_worker:
            busy.pool.find_scenes(b"GIF89a, it says", NO_FILTER, 1)
        with pytest.raises(PictureError) as in_process:
            Searcher(LiveEngine(sample.home)).decode_query(b"GIF89a, it says")
        assert str(in_worker.value) == str(in_process.value)
        assert in_worker.value.code == in_process.value.code == "damaged_picture"
        assert in_worker.value.message == in_process.value.message
        assert busy.pool._idle == [busy.process]


@pytest.mark.parametrize("kind", ["large", "video"])
def test_large_pictures_and_videos_are_decoded_in_the_server_process(
    sample: Sample, picture: bytes, tmp_path: Path, kind: str
) -> None:
    write_film(tmp_path / "a.mp4", seed=1, seconds=1)
    large = encode_png(np.kron(sample.frame(), np.ones((16, 16, 1), np.uint8)))
    data = large if kind == "large" else (tmp_path / "a.mp4").read_bytes()
    with busy_pool(sample.home, picture) as busy:
        answer = busy.pool.find_scenes(data, NO_FILTER, 1)
        assert busy.pool._idle == [busy.process]
        first = busy.finish_first()
        assert answer.snapshot_id == first.snapshot_id
        assert kind == "video" or answer.scenes[0].episode == first.scenes[0].episode


def test_exited_worker_is_replaced_and_no_search_fails(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(pool, "RESTART_DELAY", 0.0)
    with busy_pool(sample.home, picture) as busy:
        os.kill(busy.process.pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(busy.process.pid)], SOON)
        assert busy.pool.find_scenes(picture, NO_FILTER, 1).scenes == busy.finish_first().scenes
        assert f"process {busy.process.pid} ended" in caplog.text
        assert start_worker(busy.pool).pid != busy.process.pid


def test_killed_worker_fails_only_its_own_search(
    sample: Sample,
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with busy_pool(sample.home, picture) as busy, ThreadPoolExecutor(1) as thread:
        called = watch_calls(monkeypatch)
        os.kill(busy.process.pid, signal.SIGSTOP)  # so that it cannot reply
        lost = thread.submit(busy.pool.find_scenes, picture, NO_FILTER, 1)
        assert called.wait(SOON)
        os.kill(busy.process.pid, signal.SIGKILL)
        with pytest.raises(WorkerExitedError, match="try again"):
            lost.result(SOON)
        assert "in the middle of a search" in caplog.text
        assert busy.pool.find_scenes(picture, NO_FILTER, 1).scenes == busy.finish_first().scenes


def test_hung_worker_is_killed(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy_pool(sample.home, picture) as busy:
        monkeypatch.setattr(WorkerProcess.call, "__defaults__", (0.2,))
        os.kill(busy.process.pid, signal.SIGSTOP)
        with pytest.raises(WorkerExitedError):
            busy.pool.find_scenes(picture, NO_FILTER, 1)
        assert not busy.process.is_alive


def test_server_stops_while_a_worker_hangs(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_STOP_GRACE", 0.2)
    with busy_pool(sample.home, picture) as busy, ThreadPoolExecutor(1) as thread:
        called = watch_calls(monkeypatch)
        os.kill(busy.process.pid, signal.SIGSTOP)
        lost = thread.submit(busy.pool.find_scenes, picture, NO_FILTER, 1)
        assert called.wait(SOON)
        busy.pool.stop()
        with pytest.raises(WorkerExitedError):
            lost.result(SOON)
        busy.finish_first()
    assert not busy.process.is_alive


def test_invalid_reply_ends_the_worker(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy_pool(sample.home, picture) as busy:
        with monkeypatch.context() as patch:
            patch.setattr("pickle.load", lambda _: 1 // 0)
            with pytest.raises(WorkerExitedError):
                busy.pool.find_scenes(picture, NO_FILTER, 1)
        assert not busy.process.is_alive
        assert busy.pool._idle == []


def test_worker_that_cannot_load_the_snapshot_is_closed(
    sample: Sample, picture: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample.home, home)
    searcher = Searcher(LiveEngine(home))
    searcher.get_engine()
    newest = home / "snapshots" / str(read_latest_id(home / "snapshots"))
    with (newest / "meta.json").open("ab") as file:
        file.write(b" ")
    searcher_pool = SearcherPool(searcher, home, processes=1)
    searcher_pool.start_missing()
    searcher_pool._starter.submit(int).result(SOON)
    assert searcher_pool.find_scenes(picture, NO_FILTER, 1).scenes
    assert "meta.json" in caplog.text
    assert not searcher_pool._running
    searcher_pool.close()


@pytest.mark.parametrize("python", ["no-such-python", "/bin/true", None])
def test_server_process_searches_when_no_worker_can_be_started(
    sample: Sample,
    picture: bytes,
    python: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    searcher_pool = SearcherPool(Searcher(LiveEngine(sample.home)), sample.home, processes=2)
    searcher_pool.start_missing()
    searcher_pool._starter.submit(int).result(SOON)
    assert searcher_pool.find_scenes(picture, NO_FILTER, 1).scenes
    assert "no process could be started" in caplog.text
    searcher_pool.close()


@pytest.mark.parametrize(
    ("cores", "gibibytes", "processes"),
    [(1, 8, 0), (2, 8, 1), (64, 8, 3), (64, 0.55, 0), (64, 1, 1), (2, None, 1), (1, None, 0)],
)
def test_process_count_follows_cores_and_memory(
    cores: int, gibibytes: float | None, processes: int
) -> None:
    memory = None if gibibytes is None else int(gibibytes * 2**30)
    assert choose_process_count(cores, memory) == processes


def test_large_index_is_loaded_by_the_server_process_only(sample: Sample, picture: bytes) -> None:
    searcher_pool = SearcherPool(
        Searcher(LiveEngine(sample.home)), sample.home, processes=1, max_index_bytes=10
    )
    process = start_worker(searcher_pool)
    assert searcher_pool.find_scenes(picture, NO_FILTER, 1).scenes
    assert not process.is_alive
    searcher_pool.start_missing()
    searcher_pool._starter.submit(int).result(SOON)
    assert not searcher_pool._running
    searcher_pool.close()


def test_server_with_a_worker_answers_and_leaves_no_process_behind(
    sample: Sample, picture: bytes
) -> None:
    async def search_concurrently(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=url, timeout=SOON) as client:
            return await asyncio.gather(
                *(client.post("/search", files={"image": picture}) for _ in range(6))
            )

    before = set(psutil.Process().children())
    with run_server(AppSettings(home=sample.home, processes=1)) as url:
        answers = asyncio.run(search_concurrently(url))
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.json()["result"][0]["filename"]) for answer in answers}) == 1
    assert set(psutil.Process().children()) <= before
