"""axe-core finds no serious violation in any view and state, in light and in dark."""

from typing import Any

import pytest

from app.page.page_actions import Page, assert_found, open_page, upload_picture
from app.sample_home import Sample, encode_png, noise_picture

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)
pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}


def assert_accessible(page: Page, state: str) -> None:
    page.wait_for_load_state("networkidle")
    found = axe.Axe().run(page).response["violations"]
    serious = [
        (state, one["id"], one["help"], [node["html"][:160] for node in one["nodes"]])
        for one in found
        if one["impact"] in SERIOUS
    ]
    assert not serious


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(
    browser: Any, page_url: str, sample: Sample, scheme: str
) -> None:
    with open_page(browser, page_url, color_scheme=scheme, reduced_motion="reduce") as page:
        page.wait_for_selector(".wa-example")
        page.click(".wa-filters summary")
        assert_accessible(page, "ready")
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        page.click(".wa-tool >> nth=0")
        assert_accessible(page, "found, cropping")
        page.click(".wa-best .wa-later")
        page.click(".wa-best .wa-play")
        page.wait_for_selector(".wa-playing")
        assert_accessible(page, "moved, playing")
        upload_picture(page, encode_png(noise_picture(1)))
        page.click(".wa-lookalikes summary")
        assert_accessible(page, "lookalikes")
        upload_picture(page, b"no picture")
        page.wait_for_selector(".wa-error")
        assert_accessible(page, "error")
        page.click(".wa-view >> nth=2")
        page.wait_for_selector(".wa-numbers")
        assert_accessible(page, "status")
        page.click(".wa-view >> nth=1")
        page.wait_for_selector(".wa-tile")
        assert_accessible(page, "browse")
        page.click(".wa-tile >> nth=0")
        page.wait_for_selector(".wa-trail")
        assert_accessible(page, "series")
        page.click(".wa-tile >> nth=0")
        page.wait_for_selector(".wa-key-frame")
        assert_accessible(page, "episode")
        page.click(".wa-key-frame >> nth=3")
        page.wait_for_selector(".wa-viewer .wa-play:visible")
        assert_accessible(page, "viewer")
