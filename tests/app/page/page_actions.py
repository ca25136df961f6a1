"""Actions of the page tests: open the page, upload a picture, check and save what it shows."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.sample_home import Sample
from whenanime_app.page.texts import TEXTS

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 60_000  # milliseconds, on a busy machine
SCREENSHOTS = "WHENANIME_SCREENSHOTS"
"""Environment variable with the folder for screenshots; `artefacts/` when unset."""

# Playwright is imported by `importorskip`, so that its types are not available.
Page = Any


@contextmanager
def open_page(browser: Any, url: str, query: str = "", **options: Any) -> Iterator[Page]:
    """Open the page; fail afterwards on page errors, warnings and requests to other servers."""
    context = browser.new_context(**{"locale": "en-US"} | options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    problems = collect_page_problems(page, url)
    try:
        page.goto(f"{url}/{query}")
        page.wait_for_selector(".wa-views [aria-current]")
        yield page
    finally:
        context.close()
    assert not problems


def collect_page_problems(page: Page, url: str) -> list[str]:
    """Return a list that collects a page's errors, warnings and requests to other servers."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on(
        "console",
        lambda entry: problems.append(entry.text) if entry.type in {"error", "warning"} else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((f"{url}/", "blob:", "data:"))
            else problems.append(f"request to {request.url}")
        ),
    )
    return problems


def upload_picture(page: Page, picture: bytes, kind: str = "image/png") -> None:
    page.set_input_files(
        "input[type=file]", {"name": "shot.png", "mimeType": kind, "buffer": picture}
    )


def mark_results_stale(page: Page) -> None:
    """Mark the shown cards as old, so that `wait_until_found` waits for new ones."""
    page.evaluate("document.querySelectorAll('.wa-card').forEach(c => c.dataset.old = '')")


def wait_until_found(page: Page) -> None:
    """Wait for a best match that is newer than the last `mark_results_stale`."""
    page.wait_for_selector(".wa-best:not([data-old])")


def parse_clock(clock: str) -> float:
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total


def assert_found(page: Page, sample: Sample, number: int = 0, *, language: str = "en") -> None:
    """Check that the best match is the scene that the picture is from."""
    wait_until_found(page)
    file, second = sample.known_moment(number)
    series = next(entry for entry in sample.truth.series if entry.title == file.series)
    best = page.locator(".wa-best")
    assert best.locator("h3").inner_text() == series.native
    assert file.title in best.locator(".wa-details").inner_text()
    assert best.locator(".wa-label").inner_text() == f"S{file.season:02d}E{file.episode:02d}"
    clock = best.locator("time").inner_text()
    assert re.fullmatch(r"\d+:\d\d\.\d", clock)
    scene = file.scene_at(second)
    assert scene.start - 0.5 <= parse_clock(clock) <= scene.end + 0.5
    badge = best.locator(".wa-badge").inner_text()
    assert badge in {TEXTS[language]["certain"], TEXTS[language]["likely"]}


def read_outline(page: Page) -> tuple[float, float, float, float]:
    """Return the best match's outline: left, top, right and lower edge, as shares."""
    width, height = page.locator(".wa-best .wa-part").evaluate(
        "svg => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]"
    )
    drawn = page.locator(".wa-best .wa-part path").get_attribute("d")
    corners = [tuple(map(float, one.split())) for one in drawn[:-1].split("M")[2].split("L")]
    across = [x / width for x, _ in corners]
    down = [y / height for _, y in corners]
    return min(across), min(down), max(across), max(down)


def has_no_overflow(page: Page) -> bool:
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return fits


def wait_for_picture(page: Page, selector: str) -> None:
    """Wait until a picture is loaded.

    An idle network is no sign of it: the page may not have requested the picture yet.
    """
    element = page.wait_for_selector(selector)
    page.wait_for_function("image => image.complete && image.naturalWidth > 100", arg=element)


def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot for people to look at."""
    folder = Path(os.environ.get(SCREENSHOTS) or Path(__file__).parents[3] / "artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    whole = page.locator("dialog[open]").count() == 0
    page.screenshot(path=folder / f"page-{name}.png", full_page=whole)
