"""The browse and status views: empty library, swapped snapshot, no videos, failed files."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.live_server import run_server
from app.page.page_actions import (
    Page,
    assert_found,
    has_no_overflow,
    mark_results_stale,
    open_page,
    parse_clock,
    save_screenshot,
    upload_picture,
    wait_for_picture,
)
from app.sample_home import Sample, encode_png, index_namesakes
from whenanime_app.page.texts import TEXTS
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.library.catalogue import Catalogue, save_catalogue
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.media.errors import MediaMessage, SystemMessage
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.frames.failure_notes import write_failure

pytestmark = pytest.mark.browser

ENGLISH = TEXTS["en"]


@pytest.mark.parametrize("width", [1280, 360])
def test_browsing_leads_from_a_series_to_a_frame_that_is_searched(
    browser: Any, page_url: str, sample: Sample, width: int
) -> None:
    file, _ = sample.known_moment()
    series = next(entry for entry in sample.truth.series if entry.title == file.series)
    view = {"width": width, "height": 800}
    with open_page(browser, page_url, viewport=view) as page:
        page.click(".wa-view >> nth=1")
        page.wait_for_selector(".wa-tile")
        page.wait_for_load_state("networkidle")
        save_screenshot(page, f"browse-{width}")
        page.click(f".wa-tile:has-text('{series.native}')")
        page.wait_for_selector(".wa-trail")
        # The focus moves to the new heading.
        assert page.evaluate("document.activeElement.textContent") == series.native
        page.wait_for_load_state("networkidle")
        save_screenshot(page, f"series-{width}")
        page.click(f".wa-tile:has-text('{file.title}')")
        page.wait_for_selector(".wa-key-frame")
        page.wait_for_load_state("networkidle")
        assert has_no_overflow(page)
        save_screenshot(page, f"episode-{width}")
        frames = page.locator(".wa-key-frame")
        times = [parse_clock(words) for words in frames.locator("time").all_inner_texts()]
        assert len(times) > 20
        assert times == sorted(times)
        assert times[-1] > 0.9 * file.duration
        open_frame(page, 10)
        assert parse_clock(page.locator(".wa-viewer output").inner_text()) == pytest.approx(
            times[10], abs=0.1
        )
        wait_for_picture(page, ".wa-viewer img")
        assert has_no_overflow(page)
        save_screenshot(page, f"viewer-{width}")
        page.click(".wa-viewer .wa-play")
        page.wait_for_selector(".wa-viewer .wa-playing")
        page.click(".wa-viewer button:has-text('Search')")
        page.wait_for_selector(".wa-best")
        assert page.locator(".wa-best h3").inner_text() == series.native
        assert parse_clock(page.locator(".wa-best time").inner_text()) == pytest.approx(
            times[10], abs=3
        )


def open_frame(page: Page, number: int) -> None:
    page.locator(".wa-key-frame").nth(number).click()
    page.wait_for_selector(".wa-viewer .wa-play:visible")


def test_openings_endings_and_characters_are_shown(browser: Any, themed: AppSettings) -> None:
    with run_server(themed) as url:
        _assert_themes(browser, url)
        with open_page(browser, url, "?tab=browse&series=Show") as page:
            page.wait_for_selector(".wa-cast")
            cast = page.locator(".wa-cast li")
            assert cast.locator("strong").all_inner_texts() == ["Mio <b>", "小春", "Aki"]
            assert cast.locator("span").all_inner_texts() == ["A. Voice", "G. Star"]
            assert page.get_by_role("heading", name="Characters").is_visible()


def test_genres_and_tags_of_the_library_are_a_filter(browser: Any, themed: AppSettings) -> None:
    assert themed.videos
    (video,) = themed.videos.glob("*02.mp4")
    with run_server(themed) as url, open_page(browser, url) as page:
        upload_picture(page, encode_png(decode_frame_at(video, 6.0)))
        page.wait_for_selector(".wa-best")
        page.click(".wa-filters summary")
        page.wait_for_selector("#wa-tag option[value='Comedy']", state="attached")
        options = page.locator("#wa-tag option").evaluate_all("all => all.map(one => one.value)")
        assert options == ["", "Comedy", "Mystery", "Slice of Life", "Rivals", "Ｓｃｈｏｏｌ"]
        with page.expect_request(lambda request: "Comedy" in (request.post_data or "")):
            page.select_option("#wa-tag", "Comedy")
        page.wait_for_selector(".wa-best")
        assert page.locator(".wa-filters summary").inner_text() == "Filters: 1 set"


def _assert_themes(browser: Any, url: str) -> None:
    (known,) = httpx.get(f"{url}/api/v1/themes", timeout=30).json()["episodes"]
    with open_page(browser, url, f"?tab=browse&episode={quote(known['key'])}") as page:
        page.wait_for_selector(".wa-key-frame")
        said = page.locator(".wa-theme-list li").all_inner_texts()
        assert [" ".join(one.split()[:4]) for one in said] == [
            "Opening 0:01.0 – 0:04.0",
            "Ending 0:09.0 – 0:12.0",
        ]
        frames = page.locator(".wa-key-frame")
        labels = {
            parse_clock(frame.locator("time").inner_text()): frame.get_attribute("aria-label")
            for frame in frames.all()
        }
        # The seconds in which a theme begins or ends may have either label.
        inside = {
            second: words for second, words in labels.items() if int(second) in (2, 3, 10, 11)
        }
        outside = {second: words for second, words in labels.items() if int(second) in (0, 5, 6, 7)}
        assert len(inside) >= 4
        assert len(outside) >= 4
        for second, words in inside.items():
            assert words.endswith(", Opening" if second < 4 else ", Ending")
        assert not any("ing" in words for words in outside.values())
        assert frames.locator(".wa-theme:visible").count() >= len(inside)
        assert has_no_overflow(page)
        wait_for_picture(page, ".wa-key-frame >> nth=-1 >> img")
        save_screenshot(page, "themes")


def test_viewer_is_controlled_by_keys_and_has_a_url(browser: Any, page_url: str) -> None:
    with open_page(browser, page_url, "?tab=browse") as page:
        page.click(".wa-tile >> nth=0")
        page.wait_for_selector(".wa-trail")
        page.click(".wa-tile >> nth=0")
        page.locator(".wa-key-frame").nth(0).focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        chosen = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.wait_for_selector(".wa-viewer .wa-play:visible")
        clock = page.locator(".wa-viewer output")
        assert clock.inner_text() == chosen
        address = page.url
        page.locator(".wa-viewer h2").click()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "before => document.querySelector('.wa-viewer output').textContent !== before",
            arg=chosen,
        )
        later = clock.inner_text()
        assert parse_clock(later) > parse_clock(chosen)
        page.wait_for_function("before => location.href !== before", arg=address)
        address = page.url
        slider = page.locator(".wa-slider")
        slider.focus()
        slider.press("Home")
        page.wait_for_function(
            "document.querySelector('.wa-viewer output').textContent === '0:00.0'"
        )
        page.keyboard.press("Escape")
        page.locator(".wa-viewer").wait_for(state="hidden")
        page.wait_for_function("!new URLSearchParams(location.search).has('at')")
        # The focus returns to the chosen frame.
        assert page.evaluate("document.activeElement.textContent") == chosen
        page.go_back()
        page.wait_for_selector(".wa-tile")
        page.goto(address)
        page.wait_for_selector(".wa-viewer .wa-play:visible")
        assert clock.inner_text() == later


def test_unknown_episode_shows_an_error(browser: Any, page_url: str) -> None:
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{page_url}/?tab=browse&episode=nobody/S01E01")
        page.wait_for_selector(".wa-error")
        assert TEXTS["zh"]["browseError"] in page.locator(".wa-error").inner_text()
        page.click(".wa-trail a")
        page.wait_for_selector(".wa-tile")


@pytest.fixture
def home_with_failures(sample: Sample, tmp_path: Path) -> Path:
    """A home with two failed files in its catalogue, one noted by an earlier build."""
    home = Path(
        shutil.copytree(sample.home, tmp_path / "home", ignore=shutil.ignore_patterns("app"))
    )
    notes = home / "frames" / "some-sampling"
    reason = MediaMessage.NOT_A_VIDEO(why=SystemMessage.INVALID_DATA())
    write_failure(notes / f"{'f' * 32}.failed.json", reason)
    # As earlier builds wrote it.
    older = {"reason": "no <i>video</i> stream", "version": version("whenanime")}
    write_json(notes / f"{'e' * 32}.failed.json", older)
    files = {"f" * 32: "broken <b>.mkv", "e" * 32: "older.mkv"}
    name, info = EpisodeName("Some Show"), SeriesInfo("Some Show")
    episodes = [
        Episode(file, f"Some Show/Season 01/{file}", fingerprint, 1, 1, name, info)
        for fingerprint, file in files.items()
    ]
    save_catalogue(Catalogue(tuple(episodes)), home / "catalogue.json")
    return home


def test_status_view_lists_numbers_and_failed_files(
    browser: Any, sample: Sample, home_with_failures: Path
) -> None:
    with (
        run_server(AppSettings(home=home_with_failures)) as url,
        open_page(browser, url, "?tab=status") as page,
    ):
        page.wait_for_selector(".wa-failures")
        status = page.locator("#wa-status").inner_text()
        english = "not a readable video file (Invalid data found when processing input)"
        assert f"broken <b>.mkv {english}" in " ".join(status.split())
        assert "older.mkv no <i>video</i> stream" in " ".join(status.split())
        assert "Some Show" not in status
        assert page.locator(".wa-number").nth(1).inner_text().split()[0] == str(
            len(sample.episodes)
        )
        assert page.locator("dd").count() == 3
        save_screenshot(page, "status")
        page.goto(f"{url}/?tab=status&lang=zh")
        page.wait_for_selector(".wa-failures")
        noted, older = page.locator(".wa-failures li").all_inner_texts()
        assert noted.split() == ["broken", "<b>.mkv", "不是可读取的视频文件（数据无效）"]
        assert older.split() == ["older.mkv", "no", "<i>video</i>", "stream"]
        languages = page.locator(".wa-failures span").evaluate_all("all => all.map(e => e.lang)")
        assert languages == ["", "en"]


def test_status_view_lists_files_of_one_episode(
    browser: Any, sample: Sample, tmp_path: Path
) -> None:
    home = Path(
        shutil.copytree(sample.home, tmp_path / "home", ignore=shutil.ignore_patterns("app"))
    )
    version_of = {"path": "Show/720p/a.mkv", "holder": "Show/a <b>.mkv", "says": "Show S01E01"}
    namesake = {"path": "Show/uncut.mkv", "other": "Show/a <b>.mkv", "says": "Show S01E01"}
    gap = {"path": "Film/Film CD3.mkv", "says": "Film part3", "missing": [1, 2]}
    catalogue = {"claims": [version_of], "namesakes": [namesake], "gaps": [gap], "left_out": 7}
    (home / "catalogue.json").write_text(json.dumps({"schema": 1, "catalogue": catalogue}))
    with (
        run_server(AppSettings(home=home)) as url,
        open_page(browser, url, "?tab=status") as page,
    ):
        page.wait_for_selector(".wa-failures")
        part, listed, other = page.locator(".wa-failures li").all_inner_texts()
        words = "Film CD3.mkv says it is Film part3, and is indexed by itself: missing parts: 1, 2"
        assert " ".join(part.split()) == words
        words = "a.mkv is another version of Show S01E01; a <b>.mkv is indexed, and this one when"
        assert " ".join(listed.split()) == f"{words} that is gone"
        words = "uncut.mkv says it is Show S01E01, as does a <b>.mkv; both are indexed"
        assert " ".join(other.split()) == words
        assert "or the configuration: 7" in page.locator("#wa-status").inner_text()
        page.goto(f"{url}/?tab=status&lang=zh")
        page.wait_for_selector(".wa-failures")
        assert "同一集的多个文件" in page.locator("#wa-status").inner_text()


def test_empty_library_shows_the_command_and_updates_when_indexed(
    browser: Any, sample: Sample, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = AppSettings(home=home, videos=sample.videos)
    with run_server(settings) as url, open_page(browser, url) as page:
        page.wait_for_selector(".wa-empty")
        assert "whenanime index" in page.locator(".wa-empty code").inner_text()
        save_screenshot(page, "empty")
        for number, shown in ((1, ".wa-empty-shelf"), (2, "#wa-status code"), (0, ".wa-empty")):
            page.click(f".wa-view >> nth={number}")
            page.wait_for_selector(f"{shown}:visible")
        sample.index(home, sample.episodes[:1])
        page.wait_for_selector(".wa-ready")
        page.wait_for_selector(".wa-example")
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        assert page.locator(".wa-library").inner_text().startswith("1 series · 1 episode · ")
        # The snapshot is swapped while the page is open; the pointer is read once a second.
        sample.index(home, sample.episodes)
        page.wait_for_function("fetch('./status').then(r => r.json()).then(s => s.episodes === 2)")
        mark_results_stale(page)
        upload_picture(page, encode_png(sample.frame(1)))
        assert_found(page, sample, 1)
        assert "2 episodes" in page.locator(".wa-library").inner_text()
        page.click(".wa-view >> nth=1")
        page.wait_for_function("document.querySelectorAll('.wa-tile').length === 2")


def test_without_videos_stills_are_shown_and_nothing_plays(browser: Any, sample: Sample) -> None:
    with run_server(AppSettings(home=sample.home)) as url, open_page(browser, url) as page:
        upload_picture(page, encode_png(sample.frame()))
        assert_found(page, sample)
        wait_for_picture(page, ".wa-best img")
        assert page.locator(".wa-play:visible").count() == 0
        assert page.locator(".wa-gif").count() == 0
        page.keyboard.press("Space")
        assert page.locator("video").count() == 0
        page.click(".wa-best .wa-later")
        page.wait_for_selector(".wa-best .wa-moved:visible")
        wait_for_picture(page, ".wa-best img")
        save_screenshot(page, "without-videos")


def test_series_of_one_name_show_their_year(browser: Any, sample: Sample, tmp_path: Path) -> None:
    index_namesakes(sample, tmp_path / "home")
    with (
        run_server(AppSettings(home=tmp_path / "home")) as url,
        open_page(browser, url, "?tab=browse") as page,
    ):
        page.wait_for_selector(".wa-shelf")
        assert page.locator(".wa-tile strong").all_inner_texts() == ["Show (2003)", "Show (2019)"]
        page.click(".wa-tile >> nth=1")
        page.wait_for_selector("h2:has-text('Show (2019)')")
        assert page.locator(".wa-tile").count() == 1
        page.click(".wa-tile")
        page.click(".wa-trail a:has-text('Show (2019)')")
        page.wait_for_selector("h2:has-text('Show (2019)')")
        assert page.locator(".wa-tile").count() == 1
