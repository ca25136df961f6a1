"""Searches from the page: every way to choose a picture, to crop it and to filter."""

from typing import Any

import pytest

from app.page.page_actions import (
    assert_found,
    has_no_overflow,
    mark_results_stale,
    open_page,
    read_outline,
    save_screenshot,
    upload_picture,
    wait_until_found,
)
from app.sample_home import Sample, encode_png, noise_picture
from whenanime_app.page.texts import TEXTS

pytestmark = pytest.mark.browser

ENGLISH = TEXTS["en"]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "dark"), (3840, "light")]
)
def test_screenshot_is_found_and_its_scene_plays(
    browser: Any, page_url: str, sample: Sample, scheme: str, width: int
) -> None:
    view = {"width": width, "height": {1280: 900, 360: 740, 3840: 2160}[width]}
    touch = width == 360
    with open_page(browser, page_url, viewport=view, color_scheme=scheme, has_touch=touch) as page:
        page.wait_for_selector(".wa-example")
        # Touch screens have no drag and drop.
        assert page.locator(".wa-zone").is_visible() != touch
        assert page.title() == "WhenAnime"
        assert has_no_overflow(page)
        save_screenshot(page, f"start-{scheme}-{width}")
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        page.wait_for_load_state("networkidle")
        assert has_no_overflow(page)
        save_screenshot(page, f"found-{scheme}-{width}")
        page.click(".wa-best .wa-play")
        page.wait_for_function("document.querySelector('.wa-best video')?.currentTime > 0.3")
        video = page.locator(".wa-best video")
        assert video.evaluate("v => v.muted && v.loop && v.videoWidth > 0")
        save_screenshot(page, f"playing-{scheme}-{width}")
        page.click(".wa-best .wa-play")
        assert video.count() == 0


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_pasted_and_dropped_screenshots_are_found(
    browser: Any, page_url: str, sample: Sample, way: str
) -> None:
    # From any view: a paste starts a search.
    with open_page(browser, page_url, "?tab=status") as page:
        page.evaluate(
            """([bytes, way]) => {
                const data = new DataTransfer();
                const blob = new Uint8Array(bytes);
                data.items.add(new File([blob], "shot.png", {type: "image/png"}));
                const event = way === "paste"
                    ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true})
                    : new DragEvent("drop", {dataTransfer: data, bubbles: true});
                document.body.dispatchEvent(event);
            }""",
            [list(encode_png(sample.frame(1))), way],
        )
        assert_found(page, sample, 1)


@pytest.mark.parametrize("way", ["type", "paste"])
def test_picture_fetched_from_a_url_is_found_and_can_be_cropped(
    browser: Any, page_url: str, pictures: str, sample: Sample, way: str
) -> None:
    with open_page(browser, page_url) as page:
        page.wait_for_selector(".wa-example")
        if way == "type":
            page.keyboard.press("/")
            page.keyboard.type(f"{pictures}/shot.png")
            page.keyboard.press("Enter")
        else:
            page.evaluate(
                """(words) => {
                    const data = new DataTransfer();
                    data.setData("text/plain", words);
                    document.body.dispatchEvent(
                        new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
                }""",
                f"{pictures}/shot.png",
            )
        assert_found(page, sample)
        page.wait_for_selector(".wa-frame:visible")
        assert page.locator(".wa-preview").evaluate("c => [c.width, c.height]") == [320, 180]
        mark_results_stale(page)
        page.click(".wa-tool >> nth=0")
        page.click(".wa-part-search")
        assert_found(page, sample)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("{pictures}/missing.png", "图片所在的服务器返回了状态码 404"),
        ("http://10.0.0.1/shot.png", TEXTS["zh"]["private_address"]),
        ("ftp://example.com/shot.png", TEXTS["zh"]["not_http"]),
    ],
)
def test_failed_fetch_is_explained_in_the_readers_language(
    browser: Any, page_url: str, pictures: str, address: str, reason: str
) -> None:
    with open_page(browser, page_url, locale="zh-CN") as page:
        page.fill(".wa-address input", address.format(pictures=pictures))
        page.press(".wa-address input", "Enter")
        error = page.locator(".wa-error")
        error.wait_for()
        assert TEXTS["zh"]["errorUrl"] in error.inner_text()
        detail = error.locator(".wa-detail")
        assert detail.inner_text() == reason
        assert detail.get_attribute("lang") is None


def test_example_still_is_searched(browser: Any, page_url: str, sample: Sample) -> None:
    with open_page(browser, page_url) as page:
        page.wait_for_selector(".wa-example")
        assert page.locator(".wa-example").count() == 3
        for number in range(3):
            example = page.locator(".wa-example").nth(number)
            assert example.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)")
        name = page.locator(".wa-example").nth(0).get_attribute("aria-label")
        page.click(".wa-example >> nth=0")
        wait_until_found(page)
        best = page.locator(".wa-best")
        assert best.locator("h3").inner_text() in name
        assert best.locator(".wa-label").inner_text() in name


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
def test_cropped_part_is_found(browser: Any, page_url: str, sample: Sample, way: str) -> None:
    options: dict[str, Any] = {"has_touch": True} if way == "touch" else {}
    with open_page(browser, page_url, **options) as page:
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        frame = page.locator(".wa-frame").bounding_box()
        # The box goes from a quarter from the left, at the top, to the lower right.
        if way == "keys":
            page.locator(".wa-tool").nth(0).press("Enter")
            for key, times in {"Shift+ArrowLeft": 3, "ArrowRight": 8, "ArrowUp": 5}.items():
                for _ in range(times):
                    page.keyboard.press(key)
            assert page.evaluate("document.activeElement.className") == "wa-box"
        else:
            if way == "touch":
                page.click(".wa-tool >> nth=0")
            drag(page, way, frame, (0.25, 0.02), (0.99, 0.8))
        save_screenshot(page, f"crop-{way}")
        mark_results_stale(page)
        page.keyboard.press("Enter")
        assert_found(page, sample)
        page.wait_for_selector(".wa-best .wa-part[viewBox]")
        left, top, right, lower = read_outline(page)
        assert (left, top) == pytest.approx((0.25, 0), abs=0.05)
        assert (right, lower) == pytest.approx((1, 0.8), abs=0.05)
        page.locator(".wa-box").press("Escape")
        assert page.locator(".wa-box").is_hidden()


def drag(
    page: Any,
    way: str,
    frame: dict[str, float],
    begin: tuple[float, float],
    end: tuple[float, float],
) -> None:
    """Drag between two points of the picture, given in shares, by mouse or finger."""
    (x, y), (to_x, to_y) = (
        (frame["x"] + share_x * frame["width"], frame["y"] + share_y * frame["height"])
        for share_x, share_y in (begin, end)
    )
    if way == "mouse":
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
        page.mouse.move(to_x, to_y)
        page.mouse.up()
        return
    session = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [(x, y)]),
        ("touchMove", [((x + to_x) / 2, (y + to_y) / 2)]),
        ("touchMove", [(to_x, to_y)]),
        ("touchEnd", []),
    ):
        at = [{"x": px, "y": py} for px, py in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})


def test_flipped_picture_is_searched_mirrored(browser: Any, page_url: str, sample: Sample) -> None:
    with open_page(browser, page_url) as page:
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        assert page.locator(".wa-mirrored").count() == 0
        page.click(".wa-tool >> nth=1")
        page.wait_for_selector(".wa-mirrored")
        assert_found(page, sample)
        assert page.locator(".wa-tool").nth(1).get_attribute("aria-pressed") == "true"
        page.click(".wa-tool >> nth=1")
        page.locator(".wa-mirrored").wait_for(state="detached")
        assert_found(page, sample)


def test_filters_limit_series_seasons_and_results(
    browser: Any, page_url: str, sample: Sample
) -> None:
    file, _ = sample.known_moment()
    other = next(entry.title for entry in sample.truth.series if entry.title != file.series)
    with open_page(browser, page_url) as page:
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        page.click(".wa-filters summary")
        page.wait_for_selector(f"#wa-series option[value='{other}']", state="attached")
        page.select_option("#wa-series", other)
        # The filter excludes the series of the scene.
        page.wait_for_selector(".wa-weak, .wa-none")
        assert page.locator(".wa-best").count() == 0
        page.select_option("#wa-series", file.series)
        assert_found(page, sample)
        page.fill("#wa-seasons", f"{file.season + 7}-{file.season + 9}")
        page.press("#wa-seasons", "Enter")
        page.wait_for_selector(".wa-none")
        page.fill("#wa-seasons", f"{file.season}, 22-24")
        page.press("#wa-seasons", "Enter")
        assert_found(page, sample)
        save_screenshot(page, "filters")
        page.fill("#wa-seasons", "first")
        page.press("#wa-seasons", "Enter")
        assert page.locator(".wa-wrong").inner_text() == ENGLISH["seasonsWrong"]
        assert page.locator("#wa-seasons").get_attribute("aria-invalid") == "true"
        page.fill("#wa-seasons", "")
        page.select_option("#wa-series", "")
        upload_picture(page, encode_png(noise_picture(1)))
        page.wait_for_selector(".wa-lookalikes")
        assert page.locator(".wa-card").count() > 3
        page.select_option("#wa-count", "3")
        page.wait_for_function("document.querySelectorAll('.wa-card').length === 3")
