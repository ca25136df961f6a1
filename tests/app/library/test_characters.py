"""Characters, from a series' NFO to the API."""

from collections.abc import Iterator

import httpx
import pytest

from app.live_server import run_server
from whenanime_app.library.characters import list_characters
from whenanime_app.library.library_models import Characters, SeriesEpisodes
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.library.episode import Character
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

KNOWN = [
    {"name": "Mio <b>", "voice": "A. Voice"},
    {"name": "小春", "voice": None},
    {"name": "Aki", "voice": "G. Star"},  # of one episode
]


@pytest.fixture(scope="module")
def url_of_show(themed: AppSettings) -> Iterator[str]:
    with run_server(themed) as url:
        yield url


def test_all_that_are_known(url_of_show: str) -> None:
    for query, expected in (({}, [KNOWN]), ({"series": "Show"}, [KNOWN]), ({"series": "?"}, [])):
        answer = httpx.get(f"{url_of_show}/api/v1/characters", params=query, timeout=30)
        assert answer.status_code == 200
        Characters.model_validate_json(answer.content)
        assert [one["characters"] for one in answer.json()["series"]] == expected


def test_series_lists_its_characters(url_of_show: str) -> None:
    answer = httpx.get(f"{url_of_show}/api/v1/series/Show", timeout=30)
    SeriesEpisodes.model_validate_json(answer.content)
    assert answer.json()["characters"] == KNOWN


def test_without_an_nfo_none_are_known(client: httpx.Client) -> None:
    assert client.get("/api/v1/characters").json() == {"series": []}
    name = client.get("/api/v1/library").json()["series"][0]["name"]
    assert client.get(f"/api/v1/series/{name}").json()["characters"] == []


def test_character_of_two_seasons_is_listed_once() -> None:
    mio, haru, new = Character("Mio", "A"), Character("Haru"), Character("New")
    first, second = (_record((mio, haru)), _record((mio, new)))
    assert [one.name for one in list_characters([first, first, second])] == [
        "Mio",
        "Haru",
        "New",
    ]


def _record(characters: tuple[Character, ...]) -> EpisodeRecord:
    return EpisodeRecord(
        "show/S01E01", "a.mkv", "f" * 32, "s", 0, "Show", 1, None, 1, None, None, "episode",
        None, None, None, None, None, 60.0, 100, (), (10**9,), characters=characters,
    )  # fmt: skip
