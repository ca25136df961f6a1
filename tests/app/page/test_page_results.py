"""The actions of a result: previous and next scene, copy, download, share, by mouse and by keys."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.live_server import run_server
from app.page.page_actions import (
    Page,
    assert_found,
    open_page,
    parse_clock,
    save_screenshot,
    upload_picture,
    wait_until_found,
)
from app.sample_home import Sample, encode_png
from whenanime_app.links.preview_links import load_or_create_secret
from whenanime_app.links.share_links import SHARE_LINK_LIFETIME, ShareLinkSigner
from whenanime_app.page.texts import TEXTS
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

pytestmark = pytest.mark.browser

ENGLISH = TEXTS["en"]


@contextmanager
def open_result(browser: Any, url: str, sample: Sample, **options: Any) -> Iterator[Page]:
    with open_page(browser, url, **options) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        yield page


def read_clipboard(page: Page) -> str:
    words: str = page.evaluate("navigator.clipboard.readText()")
    return words


def read_match_time(page: Page) -> float:
    return parse_clock(page.locator(".wa-best time").inner_text())


def test_previous_and_next_scene_are_shown_and_played(
    browser: Any, page_url: str, sample: Sample
) -> None:
    file, second = sample.known_moment()
    here = next(n for n, scene in enumerate(file.scenes) if scene.start <= second < scene.end)
    with open_result(browser, page_url, sample) as page:
        match = read_match_time(page)
        still = page.locator(".wa-best img").get_attribute("src")
        page.click(".wa-best .wa-later")
        page.wait_for_selector(".wa-best .wa-moved:visible")
        later = read_match_time(page)
        assert file.scenes[here].end - 0.3 <= later <= file.scenes[here + 1].end + 0.3
        assert page.locator(".wa-best img").get_attribute("src") != still
        gif = page.locator(".wa-best .wa-gif").get_attribute("download")
        assert page.locator(".wa-best time").inner_text().replace(":", ".") in gif
        # The match's badge does not apply to another scene.
        assert page.locator(".wa-best .wa-badge").is_hidden()
        page.click(".wa-best .wa-play")
        page.wait_for_selector(".wa-best .wa-playing")
        page.wait_for_load_state("networkidle")
        save_screenshot(page, "moved")
        page.click(".wa-best .wa-moved")
        assert read_match_time(page) == match
        assert page.locator(".wa-best .wa-badge").is_visible()
        page.click(".wa-best .wa-earlier")
        page.wait_for_selector(".wa-best .wa-moved:visible")
        assert read_match_time(page) < file.scenes[here].start + 0.3


def test_keys_act_like_the_buttons(browser: Any, page_url: str, sample: Sample) -> None:
    with open_result(browser, page_url, sample) as page:
        match = read_match_time(page)
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('.wa-best video')?.currentTime > 0.1")
        assert page.locator(".wa-best video").evaluate("v => v.muted")
        page.keyboard.press("m")
        page.wait_for_function(
            "(v => v && !v.muted && v.currentTime > 0.1)(document.querySelector('.wa-best video'))"
        )
        assert "mute" not in page.locator(".wa-best video").get_attribute("src")
        page.keyboard.press("Escape")
        assert page.locator(".wa-best video").count() == 0
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(".wa-best .wa-moved:visible")
        assert read_match_time(page) > match
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "url"
        # In a text field a shortcut is a letter.
        page.keyboard.type("m ")
        assert page.locator(".wa-address input").input_value() == "m "
        assert page.locator(".wa-best video").count() == 0


def test_tab_reaches_every_control_and_the_result_is_announced(
    browser: Any, page_url: str, sample: Sample
) -> None:
    with open_result(browser, page_url, sample) as page:
        page.evaluate("document.activeElement.blur()")
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            classes = page.evaluate(
                "document.activeElement.closest('#wa-header, #wa-columns') && "
                "(document.activeElement.className || document.activeElement.tagName)"
            )
            if classes is None:
                break
            reached.append(classes)
        wanted = ("wa-view", "wa-tool", "wa-choose", "INPUT", "SUMMARY", "wa-play", "wa-earlier",
                  "wa-later", "wa-copy", "wa-share", "wa-gif")  # fmt: skip
        for name in wanted:
            assert any(name in classes for classes in reached), (name, reached)
        announced = page.locator("#wa-said").inner_text()
        assert page.locator(".wa-best h3").inner_text() in announced
        assert ENGLISH["certain"] in announced or ENGLISH["likely"] in announced


def test_copy_button_copies_the_time(browser: Any, page_url: str, sample: Sample) -> None:
    with open_result(browser, page_url, sample) as page:
        page.click(".wa-best .wa-copy")
        page.wait_for_selector(f".wa-best .wa-copy:has-text('{ENGLISH['copied']}')")
        assert read_clipboard(page) == page.locator(".wa-best time").inner_text()


def test_gif_is_downloaded(browser: Any, page_url: str, sample: Sample) -> None:
    with open_result(browser, page_url, sample) as page:
        with page.expect_download() as download:
            page.click(".wa-best .wa-gif")
        assert download.value.suggested_filename.endswith(".gif")
        assert Path(download.value.path()).read_bytes().startswith(b"GIF8")


def test_shared_link_opens_the_result_without_the_picture(
    browser: Any, page_url: str, sample: Sample
) -> None:
    with open_result(browser, page_url, sample) as page:
        page.click(".wa-best .wa-share")
        page.wait_for_selector(f".wa-best .wa-share:has-text('{ENGLISH['linkCopied']}')")
        link = read_clipboard(page)
        # The address bar holds the same link.
        assert page.url == link
    assert len(link) < 500
    query = link.removeprefix(f"{page_url}/")
    with open_page(browser, page_url, f"{query}&lang=zh") as page:
        assert_found(page, sample, language="zh")
        assert TEXTS["zh"]["sharedNote"] in page.locator(".wa-found").inner_text()
        page.wait_for_load_state("networkidle")
        save_screenshot(page, "shared")
        page.click(".wa-best .wa-play")
        page.wait_for_selector(".wa-best .wa-playing")
        # Another picture can be searched from here.
        upload_picture(page, encode_png(sample.frame(1)))
        page.locator(".wa-best time").wait_for(state="detached")
        assert_found(page, sample, 1, language="zh")


@pytest.mark.parametrize("kind", ["Expired", "Unknown", "Gone"])
def test_invalid_shared_link_shows_a_notice_and_the_start(
    browser: Any, page_url: str, sample: Sample, kind: str
) -> None:
    secret = load_or_create_secret(sample.home / "app" / "secret")
    signed_at = time.time() - 2 * SHARE_LINK_LIFETIME if kind == "Expired" else time.time()
    shares = ShareLinkSigner("another" if kind == "Unknown" else secret, now=lambda: signed_at)
    token = shares.sign(_scene(sample, content=99 if kind == "Gone" else 0))
    with open_page(browser, page_url, f"?r={token}") as page:
        page.wait_for_selector(".wa-notice")
        assert page.locator(".wa-notice h2").inner_text() == ENGLISH[f"shared{kind}Title"]
        # The start page is shown too.
        page.wait_for_selector(".wa-ready")
        if kind == "Expired":
            save_screenshot(page, "shared-expired")


def _scene(sample: Sample, content: int) -> Scene:
    latest = read_latest_id(sample.home / "snapshots")
    assert latest
    episode = Snapshot(sample.home / "snapshots" / latest).episodes[0]
    return Scene(
        episode=replace(episode, content=content),
        start=1.0,
        at=1.5,
        end=2.0,
        similarity=0.98,
        match="certain",
        frame=0,
        mirrored=False,
        corners=((0, 0), (1, 0), (1, 1), (0, 1)),
        also=(),
    )


def test_markup_in_names_is_shown_as_text(browser: Any, sample: Sample, tmp_path: Path) -> None:
    bad = "<img src=x onerror='window.harm=1'>{{value}}${window.harm=1}"
    first = sample.episodes[0]
    name = replace(first.name, series=bad, title=bad, season_name=bad)
    info = replace(first.info, title=bad, native=bad, romaji=bad + "r", english=bad)
    home = tmp_path / "home"
    sample.index(home, [replace(first, name=name, info=info)])
    settings = AppSettings(home=home, videos=sample.videos)
    with run_server(settings) as url, open_page(browser, url) as page:
        upload_picture(page, encode_png(sample.frame()))
        wait_until_found(page)
        assert page.locator(".wa-best h3").inner_text() == bad
        page.click(".wa-view >> nth=1")
        page.click(".wa-tile")
        page.wait_for_selector(".wa-trail")
        assert page.locator("#wa-browse h2.wa-page-title").inner_text() == bad
        page.click(".wa-tile")
        page.click(".wa-key-frame >> nth=0")
        page.locator(".wa-viewer[open] h2", has_text=bad).wait_for()
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("window.harm") is None
