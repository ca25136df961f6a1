"""What of all that the page asks counts as a search."""

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


def test_the_page_counts_its_searches_and_nothing_else(sample: Sample, picture: bytes) -> None:
    """Opening it, its list and its status are no searches; its searches and the API's are one."""
    settings = AppSettings(home=sample.home, searches_per_minute=SEARCHES)
    headers = {"x-forwarded-for": "198.51.100.30"}
    with (
        run_server(settings) as url,
        httpx.Client(base_url=url, timeout=60, headers=headers) as client,
    ):

        def used() -> int:
            return int(client.get("/me").json()["quotaUsed"])

        def searched() -> dict[str, Any]:
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
            assert searched()["state"] == "results"
            assert used() == number
        assert client.post("/search", files={"image": picture}).status_code == 200
        refused = searched()
        assert (refused["state"], refused["code"]) == ("error", "errorLimited")
        assert client.post("/search", files={"image": picture}).status_code == 429
        page = PageCaller(client)
        page.join("load")
        assert page.wait_for_state()["library"]["ready"]
        page = PageCaller(client, {"x-forwarded-for": "198.51.100.31"})
        page.join("search", {"url": "http://10.0.0.1/shot.png"})
        assert page.wait_for_state()["code"] == "errorUrl"


def test_the_pages_searches_under_way_are_counted(sample: Sample) -> None:
    """One waits for a picture from elsewhere; another of this visitor is refused meanwhile."""
    settings = AppSettings(
        home=sample.home,
        searches_at_once=1,
        fetch_networks=(ipaddress.ip_network("127.0.0.1/32"),),
    )
    headers = {"x-forwarded-for": "198.51.100.32"}
    with (
        run_server(settings) as url,
        httpx.Client(base_url=url, timeout=60, headers=headers) as client,
        socket.create_server(("127.0.0.1", 0)) as elsewhere,
    ):
        asked = {"url": f"http://127.0.0.1:{elsewhere.getsockname()[1]}/shot.png"}
        first, second = PageCaller(client), PageCaller(client)
        first.join("search", asked)
        waiting, _ = elsewhere.accept()
        second.join("search", asked)
        assert second.wait_for_state()["code"] == "errorAtOnce"
        waiting.close()
        assert first.wait_for_state()["code"] == "errorUrl"
        third = PageCaller(client)
        third.join("search", asked)
        elsewhere.accept()[0].close()
        assert third.wait_for_state()["code"] == "errorUrl"
