"""Themes on the page: bands, lists, a season's rows, and the operator's buttons."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sample_videos import draw_shots

from app.live_server import run_server
from app.page.page_actions import (
    Page,
    has_no_overflow,
    open_page,
    save_screenshot,
    upload_picture,
)
from app.page.test_page_accessible import assert_accessible
from app.sample_home import encode_png
from whenanime_app.page.texts import TEXTS
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.labels.store import read_labels

pytestmark = pytest.mark.browser
KEY = "a key of the operator's own"
PHONE = {"width": 390, "height": 844}
SERIES = "?tab=browse&series=Show"


@pytest.fixture(autouse=True)
def home(found_themes: AppSettings) -> Iterator[Home]:
    """The home; the operator's word is taken back after each test."""
    yield Home(found_themes.home)
    Home(found_themes.home).theme_labels_file.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def server(found_themes: AppSettings) -> Iterator[str]:
    with run_server(found_themes) as url:
        yield url


@pytest.fixture(scope="module")
def public_server(found_themes: AppSettings) -> Iterator[str]:
    """A server that knows the operator by the key alone."""
    settings = AppSettings(
        home=found_themes.home, videos=found_themes.videos, operator_key=KEY, trusted_proxies=()
    )
    with run_server(settings) as url:
        yield url


def find_episode(url: str) -> str:
    (first, *_) = httpx.get(f"{url}/api/v1/series/Show", timeout=30).json()["episodes"]
    return f"?tab=browse&episode={quote(first['key'])}"


def read_items(page: Page) -> list[str]:
    page.wait_for_selector(".wa-theme-list li")
    return [" ".join(one.split()) for one in page.locator(".wa-theme-list li").all_inner_texts()]


def test_an_episode_shows_its_themes_and_hatches_what_is_likely(
    browser: Any, public_server: str
) -> None:
    query = find_episode(public_server)
    with open_page(browser, public_server, query) as page:
        opening = "Opening 0:01.2 – 0:04.2 certain · named by the file: OP <1> · in 2 of 2 episodes"
        assert read_items(page) == [
            f"{opening} · new here",
            "Repeated 0:05.0 – 0:06.5 possible · in 1 of 2 episodes",
            "Ending 0:09.0 – 0:12.0 likely · named by the file: 片尾曲",
        ]
        parts = page.locator(".wa-band span")
        hatched = [
            one.evaluate("part => getComputedStyle(part).backgroundImage != 'none'")
            for one in parts.all()
        ]
        assert hatched == [False, True, True]
        left, width = parts.nth(0).evaluate("one => [one.style.left, one.style.width]")
        assert float(left[:-1]) == pytest.approx(100 * 1.25 / 12, abs=1)
        assert float(width[:-1]) == pytest.approx(100 * 3 / 12, abs=1)
        label = page.locator(".wa-band").get_attribute("aria-label")
        assert label.startswith("Where the themes are: Opening 0:01.2 – 0:04.2, Repeated")
        assert page.locator(".wa-word").count() == 0  # a visitor only reads
    with open_page(browser, public_server, query, locale="zh-CN", viewport=PHONE) as page:
        assert "首次出现" in read_items(page)[0]
        page.wait_for_load_state("networkidle")
        assert has_no_overflow(page)
        save_screenshot(page, "themes-phone-zh")


def test_a_season_shows_its_rows(browser: Any, public_server: str) -> None:
    with open_page(browser, public_server, SERIES) as page:
        page.click(".wa-season-fold summary")
        assert read_items(page) == [
            "Opening 0:03.0 in 2 of 2 episodes",
            "Repeated 0:01.5 in 1 of 2 episodes",
        ]
        rows = page.locator(".wa-season-rows li")
        assert rows.locator("a").all_inner_texts() == ["S01E01", "S01E02"]
        assert rows.nth(0).locator(".wa-template-0").count() == 1
        assert rows.nth(1).locator(".wa-template-0").count() == 1
        assert rows.nth(1).locator(".wa-alone.wa-of-preview.wa-unsure").count() == 1
        page.set_viewport_size(PHONE)
        assert has_no_overflow(page)
        rows.nth(1).locator("a").click()
        page.wait_for_selector(".wa-key-frame")
        assert "Opening 0:00.0 – 0:03.0" in read_items(page)[0]


def test_one_click_confirms_never_skips_and_removes(browser: Any, server: str, home: Home) -> None:
    with open_page(browser, server, find_episode(server)) as page:
        assert len(read_items(page)) == 3
        page.wait_for_load_state("networkidle")
        save_screenshot(page, "themes-operator")
        page.get_by_role("button", name="Confirm Repeated").click()
        page.wait_for_function("document.getElementById('wa-said').textContent == 'Saved'")
        assert "certain · by the operator" in read_items(page)[1]
        assert page.locator(".wa-band .wa-unsure").count() == 1
        page.get_by_role("button", name="Never skip Opening").click()
        page.wait_for_selector(".wa-theme-list li:first-child:has-text('never skipped')")
        page.get_by_role("button", name="Confirm Ending").click()  # a chapter's, no template's
        page.wait_for_selector(".wa-theme-list li:nth-child(3):has-text('by the operator')")
        page.get_by_role("button", name="There is no Repeated here").click()
        page.wait_for_function("document.querySelectorAll('.wa-theme-list li').length == 2")
        assert page.locator(".wa-band .wa-unsure").count() == 0
    labels = read_labels(home.theme_labels_file)
    assert labels.templates["T1"].never_skip
    assert labels.templates["T3"].confirmed
    (episode,) = labels.episodes.values()
    assert [one.type for one in episode.segments] == ["ending"]
    with open_page(browser, server, SERIES) as page:
        page.click(".wa-season-fold summary")
        assert "never skipped" in read_items(page)[0]
        page.get_by_role("button", name="Players may skip Opening again").click()
        page.wait_for_selector(".wa-theme-list li:first-child:not(:has-text('never skipped'))")
        page.wait_for_load_state("networkidle")
        save_screenshot(page, "season-operator")


def test_a_mistake_in_the_file_is_shown(browser: Any, server: str, home: Home) -> None:
    home.theme_labels_file.write_text("templates: {T1: {confirmed: perhaps}}\n")
    problems: list[str] = []
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{server}/{find_episode(server)}")
    page.get_by_role("button", name="Never skip Opening").click()
    page.wait_for_selector(".wa-not-saved")
    said = page.locator(".wa-not-saved").inner_text()
    assert said.startswith("Not saved. themes.yaml:1: confirmed: perhaps")
    context.close()
    assert not problems


def test_the_key_is_entered_once(browser: Any, public_server: str) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{public_server}/?tab=status")
    page.fill(".wa-operator input", "something else")
    page.click(".wa-operator button")
    page.wait_for_selector(".wa-operator:has-text('This is not the key.')")
    page.fill(".wa-operator input", KEY)
    page.click(".wa-operator button")
    page.get_by_role("button", name="Sign out").wait_for()
    page.goto(f"{public_server}/{find_episode(public_server)}")
    page.get_by_role("button", name="Never skip Opening").wait_for()
    assert KEY not in page.evaluate("document.cookie")
    page.goto(f"{public_server}/?tab=status")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector(".wa-operator input")
    page.goto(f"{public_server}/{find_episode(public_server)}")
    page.wait_for_selector(".wa-theme-list li")
    assert page.locator(".wa-word").count() == 0
    context.close()


def test_a_result_says_that_it_is_the_opening(browser: Any, server: str) -> None:
    shot = draw_shots(1, 24)[4]
    for language, locale in (("en", "en-US"), ("zh", "zh-CN")):
        texts = TEXTS[language]
        said = texts["sceneAll"].format(what=texts["sceneOpening"], n=2)
        with open_page(browser, server, locale=locale) as page:
            upload_picture(page, encode_png(shot))
            page.wait_for_selector(".wa-best")
            assert page.locator(".wa-best .wa-scene-theme").inner_text() == said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation_in_themes(browser: Any, server: str, scheme: str) -> None:
    with open_page(
        browser, server, find_episode(server), color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        page.wait_for_selector(".wa-word")
        assert_accessible(page, "themes")
        page.goto(f"{server}/{SERIES}")
        page.click(".wa-season-fold summary")
        page.wait_for_selector(".wa-season-rows li")
        assert_accessible(page, "season")
        save_screenshot(page, f"season-{scheme}")
        page.goto(f"{server}/?tab=status")
        page.wait_for_selector("section[aria-label='Operator'] p")
        assert_accessible(page, "operator")
