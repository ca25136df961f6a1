"""Slow searches do not delay other requests."""

import asyncio
import threading
from typing import Any

import httpx
import pytest

from app.sample_home import Sample
from whenanime_app.search.service import SearchService
from whenanime_app.server import create_app
from whenanime_app.settings import AppSettings

SOON = 20.0
"""Seconds, with a margin for a busy machine."""


def test_status_is_returned_while_searches_wait(
    sample: Sample, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = 2
    started, released = threading.Semaphore(0), threading.Event()
    search = SearchService._find_scenes

    def slow(self: SearchService, *arguments: Any) -> Any:
        started.release()
        assert released.wait(60)
        return search(self, *arguments)

    async def run() -> tuple[list[int], list[int]]:
        app = create_app(AppSettings(home=sample.home, threads=threads, max_waiting=1))
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://here") as client,
        ):
            files = {"image": picture}
            # Load the index first, which takes a thread too.
            assert (await client.post("/search", files=files)).status_code == 200
            monkeypatch.setattr(SearchService, "_find_scenes", slow)
            searches = [
                asyncio.create_task(client.post("/search", files=files)) for _ in range(threads + 1)
            ]
            try:
                for _ in range(threads):
                    await asyncio.to_thread(started.acquire)
                async with asyncio.timeout(SOON):
                    others = [await client.get("/status"), await client.get("/me")]
                    others.append(await client.post("/search", files=files))
            finally:
                released.set()
            answers = [await search for search in searches]
        return [one.status_code for one in others], [one.status_code for one in answers]

    other_codes, search_codes = asyncio.run(run())
    # One search may wait, and no more.
    assert other_codes == [200, 200, 503]
    assert search_codes == [200] * (threads + 1)
