"""One browser and one server for the tests of the page."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from app.live_server import run_server
from app.page.page_actions import CHROMIUM
from app.sample_home import Sample
from whenanime_app.settings import AppSettings

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


# A module's own: Playwright's running loop keeps other tests of its thread from starting theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def page_url(sample: Sample) -> Iterator[str]:
    """A server that may fetch the tests' own pictures from the loopback."""
    settings = AppSettings(home=sample.home, videos=sample.videos, fetch_networks=(LOOPBACK,))
    with run_server(settings) as address:
        yield address
