"""Openings and endings, from the chapters of a file to the API and the page."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.live_server import run_server
from whenanime_app.library.library_models import EpisodeTimeline, Themes
from whenanime_app.settings import AppSettings

KNOWN = [
    {"kind": "opening", "from": 1.0, "to": 4.0, "title": "OP <1>"},
    {"kind": "ending", "from": 9.0, "to": 12.0, "title": "片尾曲"},
]


@pytest.fixture(scope="module")
def themed_url(themed: AppSettings) -> Iterator[str]:
    with run_server(themed) as url:
        yield url


def episodes(themed_url: str, **query: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{themed_url}/api/v1/themes", params=query, timeout=30)
    assert answer.status_code == 200
    Themes.model_validate_json(answer.content)
    found: list[dict[str, Any]] = answer.json()["episodes"]
    return found


def pick(theme: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that a theme always had."""
    return {name: theme[name] for name in KNOWN[0]}


def test_all_that_are_known(themed_url: str) -> None:
    (known,) = episodes(themed_url)
    assert (known["series"], known["label"]) == ("Show", "S01E01")
    assert [pick(one) for one in known["themes"]] == KNOWN
    assert {one["source"] for one in known["themes"]} == {"chapter"}
    assert {one["confidence"] for one in known["themes"]} == {"likely"}
    assert episodes(themed_url, series="Show") == [known]
    assert episodes(themed_url, series="Another") == []


def test_episode_lists_its_themes(themed_url: str) -> None:
    (known,) = episodes(themed_url)
    answer = httpx.get(f"{themed_url}/api/v1/episodes/{quote(known['key'])}", timeout=30)
    EpisodeTimeline.model_validate_json(answer.content)
    assert answer.json()["themes"] == known["themes"]
    other = httpx.get(f"{themed_url}/api/v1/episodes/{quote(known['key'][:-1])}2", timeout=30)
    assert other.json()["label"] == "S01E02"
    assert other.json()["themes"] == []
