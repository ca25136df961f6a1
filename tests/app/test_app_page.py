"""The page in a real browser, over a real server, a real snapshot and real films."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.sample_home import Sample, noise, png
from app.served import served
from whenanime_app.settings import AppSettings
from whenanime_app.texts import TEXTS

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
ARTEFACTS = Path(__file__).parents[2] / "artefacts"
PATIENCE = 20_000  # milliseconds, on a machine that does other things too

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]

# A `Page`; the library is imported by `importorskip`, so its types are not at hand.
Page = Any
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@contextmanager
def opened(browser: Any, url: str, query: str = "", **options: Any) -> Iterator[Page]:
    """Open the page; afterwards nothing may have gone wrong or gone elsewhere."""
    context = browser.new_context(**{"locale": "en-US"} | options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((f"{url}/", "blob:", "data:"))
            else wrong.append(f"request to {request.url}")
        ),
    )
    page.goto(f"{url}/{query}")
    page.wait_for_selector(".wa-message")
    yield page
    context.close()
    assert not wrong


def choose(page: Page, picture: bytes, kind: str = "image/png") -> None:
    page.set_input_files(
        "input[type=file]", {"name": "shot.png", "mimeType": kind, "buffer": picture}
    )


def seconds(clock: str) -> float:
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total


def assert_found(page: Page, sample: Sample, number: int = 0, *, language: str = "en") -> None:
    """Check that the best match is the moment the picture comes from."""
    page.wait_for_selector(".wa-best")
    file, second = sample.moment(number)
    series = next(entry for entry in sample.truth.series if entry.title == file.series)
    best = page.locator(".wa-best")
    assert best.locator("h3").inner_text() == series.native
    assert file.title in best.locator(".wa-details").inner_text()
    assert best.locator(".wa-label").inner_text() == f"S{file.season:02d}E{file.episode:02d}"
    clock = best.locator("time").inner_text()
    assert re.fullmatch(r"\d+:\d\d\.\d", clock)
    scene = file.scene_at(second)
    assert scene.start - 0.5 <= seconds(clock) <= scene.end + 0.5
    badge = best.locator(".wa-badge").inner_text()
    assert badge in {TEXTS[language]["certain"], TEXTS[language]["likely"]}


def widths_fit(page: Page) -> bool:
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return fits


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screenshot_is_found_and_its_scene_plays(
    browser: Any, url: str, sample: Sample, scheme: str, width: int
) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    view = {"width": width, "height": 900 if width > 600 else 740}
    with opened(browser, url, viewport=view, color_scheme=scheme) as page:
        assert page.title() == "WhenAnime"
        assert widths_fit(page)
        page.screenshot(path=ARTEFACTS / f"page-start-{scheme}-{width}.png")
        choose(page, png(sample.frame()))
        assert_found(page, sample)
        page.wait_for_load_state("networkidle")
        assert widths_fit(page)
        page.screenshot(path=ARTEFACTS / f"page-found-{scheme}-{width}.png")
        page.click(".wa-best .wa-play")
        page.wait_for_function("document.querySelector('.wa-best video')?.currentTime > 0.3")
        video = page.locator(".wa-best video")
        assert video.evaluate("v => v.muted && v.loop && v.videoWidth > 0")
        page.screenshot(path=ARTEFACTS / f"page-playing-{scheme}-{width}.png")
        page.click(".wa-best .wa-play")
        assert video.count() == 0


def test_the_gif_is_there_to_download(browser: Any, url: str, sample: Sample) -> None:
    with opened(browser, url) as page:
        choose(page, png(sample.frame()))
        page.wait_for_selector(".wa-gif")
        with page.expect_download() as download:
            page.click(".wa-gif")
        assert download.value.suggested_filename.endswith(".gif")
        assert Path(download.value.path()).read_bytes().startswith(b"GIF8")


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_screenshot_can_be_pasted_and_dropped(
    browser: Any, url: str, sample: Sample, way: str
) -> None:
    with opened(browser, url) as page:
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
            [list(png(sample.frame(1))), way],
        )
        assert_found(page, sample, 1)


def test_the_browsers_language_chooses(browser: Any, url: str) -> None:
    for locale, language in (("zh-CN", "zh"), ("zh-Hant-HK", "zh"), ("de-DE", "en")):
        with opened(browser, url, locale=locale) as page:
            assert page.locator(".wa-tagline").inner_text() == TEXTS[language]["tagline"]
    with opened(browser, url, "?lang=zh") as page:
        assert page.locator(".wa-tagline").inner_text() == TEXTS["zh"]["tagline"]


def test_both_languages_have_every_text() -> None:
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    for name, english in TEXTS["en"].items():
        places = re.compile(r"\{\w+\}")
        assert sorted(places.findall(english)) == sorted(places.findall(TEXTS["zh"][name])), name


def test_a_file_that_is_no_picture_is_refused_before_it_is_sent(browser: Any, url: str) -> None:
    sent: list[str] = []
    with opened(browser, url) as page:
        page.on("request", lambda request: sent.append(request.url))
        choose(page, b"this is not a picture")
        page.wait_for_selector(".wa-error")
        assert TEXTS["en"]["errorFile"] in page.locator(".wa-error").inner_text()
    assert not [address for address in sent if "upload" in address]


def test_a_picture_of_no_film_is_said_to_be_none(browser: Any, url: str) -> None:
    with opened(browser, url) as page:
        choose(page, png(noise(1)))
        page.wait_for_selector(".wa-weak")
        assert page.locator(".wa-weak h2").inner_text() == TEXTS["en"]["weakTitle"]
        assert page.locator(".wa-best").count() == 0
        assert page.locator(".wa-badge").count() == 0
        page.screenshot(path=ARTEFACTS / "page-weak.png")


def test_the_part_that_a_screenshot_shows_is_outlined(
    browser: Any, url: str, sample: Sample
) -> None:
    frame = sample.frame()
    height, width = frame.shape[:2]
    with opened(browser, url) as page:
        choose(page, png(frame[: 3 * height // 4, width // 4 :]))
        assert_found(page, sample)
        page.wait_for_selector(".wa-best .wa-part[viewBox]")
        shown = page.locator(".wa-best .wa-part").evaluate(
            "svg => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]"
        )
        drawn = page.locator(".wa-best .wa-part path").get_attribute("d")
        corners = [tuple(map(float, one.split())) for one in drawn[:-1].split("M")[2].split("L")]
        expected = [(0.25, 0), (1, 0), (1, 0.75), (0.25, 0.75)]
        for (x, y), (left, top) in zip(corners, expected, strict=True):
            assert x / shown[0] == pytest.approx(left, abs=0.03)
            assert y / shown[1] == pytest.approx(top, abs=0.03)
        page.screenshot(path=ARTEFACTS / "page-part.png")
        page.click(".wa-best .wa-play")
        page.locator(".wa-best .wa-part").wait_for(state="hidden")
        choose(page, png(frame))
        page.locator(".wa-best .wa-part").wait_for(state="detached")
        assert_found(page, sample)


def test_a_mirrored_screenshot_is_said_to_be_one(browser: Any, url: str, sample: Sample) -> None:
    with opened(browser, url, "?lang=zh") as page:
        choose(page, png(sample.frame()[:, ::-1]))
        assert_found(page, sample, language="zh")
        mirrored = page.locator(".wa-best .wa-mirrored")
        assert mirrored.inner_text() == TEXTS["zh"]["mirrored"]
        # Below the match, what is only similar stands under a heading of its own.
        similar = page.locator(".wa-card.wa-similar")
        if similar.count():
            assert TEXTS["zh"]["others"] in page.locator(".wa-heading").all_inner_texts()
            assert similar.locator(".wa-badge").count() == 0
        choose(page, png(sample.frame()))
        mirrored.wait_for(state="detached")
        assert_found(page, sample, language="zh")


def test_names_of_files_stay_text(browser: Any, sample: Sample, tmp_path: Path) -> None:
    bad = "<img src=x onerror='window.harm=1'>{{value}}${window.harm=1}"
    first = sample.episodes[0]
    name = replace(first.name, series=bad, title=bad, season_name=bad)
    info = replace(first.info, title=bad, native=bad, romaji=bad + "r", english=bad)
    home = tmp_path / "home"
    sample.index(home, [replace(first, name=name, info=info)])
    settings = AppSettings(home=home, videos=sample.videos)
    with served(settings) as url, opened(browser, url) as page:
        choose(page, png(sample.frame()))
        page.wait_for_selector(".wa-best")
        assert page.locator(".wa-best h3").inner_text() == bad
        assert page.locator("#wa-results img[src=x]").count() == 0
        assert page.evaluate("window.harm") is None


def test_an_empty_library_says_how_to_fill_it_and_notices(
    browser: Any, sample: Sample, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = AppSettings(home=home, videos=sample.videos)
    with served(settings) as url, opened(browser, url) as page:
        page.wait_for_selector(".wa-empty")
        assert "whenanime index" in page.locator(".wa-empty code").inner_text()
        page.screenshot(path=ARTEFACTS / "page-empty.png")
        sample.index(home, sample.episodes[:1])
        page.wait_for_selector(".wa-ready")
        choose(page, png(sample.frame()))
        assert_found(page, sample)
        sample.index(home, sample.episodes)
        # The pointer is read once a second, so the new episode is found by the next search or two.
        playwright.expect(page.locator(".wa-library")).to_contain_text("1 episodes")
        page.wait_for_function("fetch('./status').then(r => r.json()).then(s => s.episodes === 2)")
        choose(page, png(sample.frame(1)))
        playwright.expect(page.locator(".wa-library")).to_contain_text("2 episodes")
        assert_found(page, sample, 1)


def test_without_videos_there_are_stills_and_nothing_to_play(browser: Any, sample: Sample) -> None:
    with served(AppSettings(home=sample.home)) as url, opened(browser, url) as page:
        choose(page, png(sample.frame()))
        assert_found(page, sample)
        page.wait_for_load_state("networkidle")
        still = page.locator(".wa-best img")
        assert still.evaluate("image => image.complete && image.naturalWidth > 100")
        assert page.locator(".wa-play").count() == 0
        assert page.locator(".wa-gif").count() == 0
