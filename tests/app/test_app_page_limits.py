"""What of all that the page asks counts as a search."""

from pathlib import Path
from typing import Any

import httpx

from app.page_caller import PageCaller
from app.sample_home import Sample
from app.served import served
from whenanime_app.settings import AppSettings

SEARCHES = 3


def test_the_page_counts_its_searches_and_nothing_else(sample: Sample, picture: bytes) -> None:
    """Opening it, its list and its status are no searches; its searches and the API's are one."""
    settings = AppSettings(home=sample.home, searches_a_minute=SEARCHES)
    headers = {"x-forwarded-for": "198.51.100.30"}
    with (
        served(settings) as url,
        httpx.Client(base_url=url, timeout=60, headers=headers) as client,
    ):

        def used() -> int:
            return int(client.get("/me").json()["quotaUsed"])

        def searched() -> dict[str, Any]:
            upload = client.post("/gradio_api/upload", files={"files": ("shot.png", picture)})
            (path,) = upload.json()
            page = PageCaller(client)
            assert page.join("search", {"id": 7, "path": path}).status_code == 200
            state = page.told()
            assert not Path(path).exists()
            assert state["id"] == 7
            return state

        for event in ("load", "filled", "refresh", "load"):
            page = PageCaller(client)
            assert page.join(event).status_code == 200
            assert page.told()["library"]["ready"]
        page = PageCaller(client)
        page.join("search", {"limit": 1000})
        assert page.told()["code"] == "errorServer"
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
        assert page.told()["library"]["ready"]
        page = PageCaller(client, {"x-forwarded-for": "198.51.100.31"})
        page.join("search", {"url": "http://10.0.0.1/shot.png"})
        assert page.told()["code"] == "errorUrl"
