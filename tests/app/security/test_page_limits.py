"""Which of the page's requests count as searches."""

import ipaddress
import socket
from pathlib import Path
from typing import Any

import httpx

from app.live_server import run_server
from app.page_caller import PageCaller
from app.sample_home import Sample
from whenanime_app.settings import AppSettings

SEARCHES = 3


def test_only_searches_of_the_page_count_as_searches(sample: Sample, picture: bytes) -> None:
    """Page and API share one limit; opening the page, its list and its status do not count."""
    settings = AppSettings(home=sample.home, searches_per_minute=SEARCHES)
    headers = {"x-forwarded-for": "198.51.100.30"}
    with (
        run_server(settings) as url,
        httpx.Client(base_url=url, timeout=60, headers=headers) as client,
    ):

        def used() -> int:
            return int(client.get("/me").json()["quotaUsed"])

        def search() -> dict[str, Any]:
            upload = client.post("/gradio_api/upload", files={"files": ("shot.png", picture)})
            (path,) = upload.json()
            page = PageCaller(client)
            assert page.join("search", {"id": 7, "path": path}).status_code == 200
            state = page.wait_for_state()
            assert not Path(path).exists()
            assert state["id"] == 7
            return state

        for event in ("load", "filled", "refresh", "load"):
            page = PageCaller(client)
            assert page.join(event).status_code == 200
            assert page.wait_for_state()["library"]["ready"]
        page = PageCaller(client)
        page.join("search", {"limit": 1000})
        assert page.wait_for_state()["code"] == "errorServer"
        assert used() == 0
        for number in range(1, SEARCHES):
            assert search()["state"] == "results"
            assert used() == number
        assert client.post("/search", files={"image": picture}).status_code == 200
        refused = search()
        assert (refused["state"], refused["code"]) == ("error", "errorLimited")
        assert client.post("/search", files={"image": picture}).status_code == 429
        page = PageCaller(client)
        page.join("load")
        assert page.wait_for_state()["library"]["ready"]
        page = PageCaller(client, {"x-forwarded-for": "198.51.100.31"})
        page.join("search", {"url": "http://10.0.0.1/shot.png"})
        assert page.wait_for_state()["code"] == "errorUrl"


def test_running_searches_of_the_page_are_limited(sample: Sample) -> None:
    """While one search waits for a picture to download, the same client's second is refused."""
    settings = AppSettings(
        home=sample.home,
        searches_at_once=1,
        fetch_networks=(ipaddress.ip_network("127.0.0.1/32"),),
    )
    headers = {"x-forwarded-for": "198.51.100.32"}
    with (
        run_server(settings) as url,
        httpx.Client(base_url=url, timeout=60, headers=headers) as client,
        socket.create_server(("127.0.0.1", 0)) as picture_server,
    ):
        fields = {"url": f"http://127.0.0.1:{picture_server.getsockname()[1]}/shot.png"}
        first, second = PageCaller(client), PageCaller(client)
        first.join("search", fields)
        waiting, _ = picture_server.accept()
        second.join("search", fields)
        assert second.wait_for_state()["code"] == "errorAtOnce"
        waiting.close()
        assert first.wait_for_state()["code"] == "errorUrl"
        third = PageCaller(client)
        third.join("search", fields)
        picture_server.accept()[0].close()
        assert third.wait_for_state()["code"] == "errorUrl"
