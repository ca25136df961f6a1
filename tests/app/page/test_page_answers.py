"""The page's language, and its texts for matches, for no match and for errors."""

import re
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.page.page_actions import (
    assert_found,
    open_page,
    read_outline,
    save_screenshot,
    upload_picture,
)
from app.sample_home import Sample, encode_png, noise_picture
from whenanime_app.page.texts import TEXTS

pytestmark = pytest.mark.browser

ENGLISH = TEXTS["en"]


def test_page_is_in_the_browsers_language(browser: Any, page_url: str) -> None:
    for locale, query, language in (
        ("zh-Hant-HK", "", "zh"),
        ("de-DE", "", "en"),
        ("en-US", "?lang=zh", "zh"),
    ):
        with open_page(browser, page_url, query, locale=locale) as page:
            assert page.locator(".wa-tagline").inner_text() == TEXTS[language]["tagline"]
            # The other views are in the same language.
            page.click(".wa-view >> nth=1")
            page.wait_for_selector(".wa-shelf")
            title = page.locator("#wa-browse .wa-page-title").inner_text()
            assert title == TEXTS[language]["browseView"]
            if query:
                assert "lang=" in page.url


def test_both_languages_have_every_text_with_its_placeholders() -> None:
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    for name, english in TEXTS["en"].items():
        placeholders = re.compile(r"\{\w+\}")
        assert sorted(placeholders.findall(english)) == sorted(
            placeholders.findall(TEXTS["zh"][name])
        ), name


def test_file_that_is_no_picture_is_not_uploaded(browser: Any, page_url: str) -> None:
    sent: list[str] = []
    with open_page(browser, page_url) as page:
        page.on("request", lambda request: sent.append(request.url))
        upload_picture(page, b"this is not a picture")
        page.wait_for_selector(".wa-error")
        assert ENGLISH["errorFile"] in page.locator(".wa-error").inner_text()
        save_screenshot(page, "error")
    assert not [address for address in sent if "upload" in address]


def test_out_of_library_picture_shows_no_match(browser: Any, page_url: str) -> None:
    with open_page(browser, page_url) as page:
        upload_picture(page, encode_png(noise_picture(1)))
        page.wait_for_selector(".wa-weak")
        assert page.locator(".wa-weak h2").inner_text() == ENGLISH["weakTitle"]
        assert page.locator(".wa-best").count() == 0
        assert page.locator(".wa-badge").count() == 0
        assert not page.locator(".wa-card").first.is_visible()
        assert "r=" not in page.url
        save_screenshot(page, "weak")
        page.click(".wa-lookalikes summary")
        assert page.locator(".wa-card").first.is_visible()
        page.wait_for_load_state("networkidle")
        save_screenshot(page, "weak-open")


def test_part_shown_by_a_screenshot_is_outlined(
    browser: Any, page_url: str, sample: Sample
) -> None:
    frame = sample.frame()
    height, width = frame.shape[:2]
    with open_page(browser, page_url) as page:
        upload_picture(page, encode_png(frame[: 3 * height // 4, width // 4 :]))
        assert_found(page, sample)
        page.wait_for_selector(".wa-best .wa-part[viewBox]")
        assert read_outline(page) == pytest.approx((0.25, 0, 1, 0.75), abs=0.03)
        page.click(".wa-best .wa-play")
        page.locator(".wa-best .wa-part").wait_for(state="hidden")
        upload_picture(page, encode_png(frame))
        page.locator(".wa-best .wa-part").wait_for(state="detached")
        assert_found(page, sample)


def test_mirrored_screenshot_is_marked(browser: Any, page_url: str, sample: Sample) -> None:
    with open_page(browser, page_url, "?lang=zh") as page:
        upload_picture(page, encode_png(sample.frame()[:, ::-1]))
        assert_found(page, sample, language="zh")
        mirrored = page.locator(".wa-best .wa-mirrored")
        assert mirrored.inner_text() == TEXTS["zh"]["mirrored"]
        # Similar scenes have a heading of their own below the match.
        similar = page.locator(".wa-card.wa-similar")
        if similar.count():
            assert TEXTS["zh"]["others"] in page.locator(".wa-heading").all_inner_texts()
            assert similar.locator(".wa-badge").count() == 0
        upload_picture(page, encode_png(sample.frame()))
        mirrored.wait_for(state="detached")
        assert_found(page, sample, language="zh")


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_turned_screenshot_is_shown_upright(
    browser: Any, page_url: str, sample: Sample, turned: int
) -> None:
    height, width = sample.frame().shape[:2]
    with open_page(browser, page_url) as page:
        upload_picture(page, encode_png(np.rot90(sample.frame(), -turned // 90)))
        assert_found(page, sample)
        marked = page.locator(".wa-best .wa-rotated")
        assert marked.inner_text() == TEXTS["en"]["rotated"].format(n=turned)
        ratio = page.evaluate(
            "(({width, height}) => width / height)(document.querySelector('.wa-preview'))"
        )
        assert ratio == pytest.approx(width / height, rel=0.02)
        # Asked again, it is sent as it is shown.
        page.click(".wa-tools button:nth-of-type(2)")
        page.wait_for_selector(".wa-best .wa-mirrored:not(.wa-rotated)")
        assert marked.count() == 0


def test_animation_that_begins_black_is_searched_and_shown(
    browser: Any, page_url: str, sample: Sample
) -> None:
    frame = sample.frame()
    images = [Image.fromarray((share * frame).astype(np.uint8)) for share in (0, 0, 0.2, 0.6, 1, 1)]
    out = BytesIO()
    images[0].save(out, "WEBP", save_all=True, append_images=images[1:], duration=80)
    with open_page(browser, page_url) as page:
        upload_picture(page, out.getvalue())
        assert_found(page, sample)
        brightest = page.evaluate(
            "(canvas => Math.max(...canvas.getContext('2d')"
            ".getImageData(0, 0, canvas.width, canvas.height).data.filter((_, at) => at % 4 < 3)"
            ".slice(0, 30000)))(document.querySelector('.wa-preview'))"
        )
        assert brightest > 60


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("queue/join", 429, "errorLimited"),
        ("queue/join", 503, "errorBusy"),
        ("upload", 413, "errorLarge"),
        ("upload", 500, "errorServer"),
    ],
)
def test_refusal_of_the_server_is_explained(
    browser: Any, page_url: str, sample: Sample, path: str, status: int, text: str
) -> None:
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(page_url)
        page.wait_for_selector(".wa-example")
        page.route(
            f"**/gradio_api/{path}*",
            lambda route: route.fulfill(status=status, json={"detail": "too much"}),
        )
        upload_picture(page, encode_png(sample.frame()))
        page.wait_for_selector(".wa-error")
        assert ENGLISH[text] in page.locator(".wa-error").inner_text()
        # The next search is answered.
        page.unroute_all()
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
