"""What NFO files say, in the answers of the API: titles, genres and tags, and the filter `tag`."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from app.live_server import run_server
from app.sample_home import encode_png
from whenanime_app.library.library_models import EpisodeTimeline, Library
from whenanime_app.library.scene_models import FoundAnswer
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

IDS = {"anilist": None, "mal": None, "anidb": None, "tvdb": 6, "tmdb": None}


@pytest.fixture(scope="module")
def show(themed: AppSettings) -> Iterator[httpx.Client]:
    with run_server(themed) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def shot(themed: AppSettings) -> bytes:
    """A frame of the second episode."""
    assert themed.videos
    (path,) = themed.videos.rglob("*02.mp4")
    return encode_png(decode_frame_at(path, 6.0))


def get(client: httpx.Client, path: str, tags: Sequence[str] = ()) -> dict[str, Any]:
    answer = client.get(f"/api/v1/{path}", params=[("tag", tag) for tag in tags])
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_series_has_its_titles_genres_tags_and_ids(show: httpx.Client) -> None:
    library = get(show, "library")
    Library.model_validate(library)
    (series,) = library["series"]
    assert (series["display"], series["synonyms"]) == ("Show", ["The Show"])
    assert series["genres"] == ["Slice of Life", "Comedy", "Mystery"]
    assert series["tags"] == ["Ｓｃｈｏｏｌ", "Rivals"]
    assert series["seasons"] == [{"season": 1, "name": "First Light", "episodes": 2, "ids": IDS}]


def test_episode_has_the_title_of_its_own_nfo(show: httpx.Client) -> None:
    first, second = get(show, "series/Show")["episodes"]
    assert (first["title"], first["aired"]) == (None, None)
    assert (second["title"], second["aired"]) == ("Sun & Moon", "2026-01-09")
    episode = get(show, f"episodes/{second['key']}")
    EpisodeTimeline.model_validate(episode)
    assert episode["title"] == "Sun & Moon"
    assert (episode["seasonName"], episode["ids"]) == ("First Light", IDS)
    assert episode["seriesTitle"] == {
        "native": None, "romaji": None, "english": None, "display": "Show",
        "synonyms": ["The Show"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tags", "count"),
    [
        (["comedy"], 2),
        (["SLICE  of life"], 2),
        (["school"], 2),
        (["ＣＯＭＥＤＹ", "School"], 2),
        (["comedy", "horror"], 0),
        (["com"], 0),
        (["horror"], 0),
        ([" "], 2),
        ([], 2),
    ],
)
def test_listings_and_searches_are_filtered_by_tag(
    show: httpx.Client, shot: bytes, tags: list[str], count: int
) -> None:
    library = get(show, "library", tags)
    assert library["episodes"] == count
    assert len(library["series"]) == bool(count)
    assert len(get(show, "themes", tags)["episodes"]) == bool(count)
    assert len(get(show, "characters", tags)["series"]) == bool(count)
    for path in ("/search", "/api/v1/search"):
        answer = show.post(path, params={"tag": tags}, files={"image": shot})
        assert answer.status_code == 200
        assert bool(answer.json()["result"]) == bool(count)


@pytest.mark.parametrize("tags", [["mystery"], ["rivals"], ["Rivals", "school"]])
def test_tags_of_an_episode_admit_it_alone(
    show: httpx.Client, shot: bytes, tags: list[str]
) -> None:
    library = get(show, "library", tags)
    assert library["episodes"] == 1
    assert get(show, "themes", tags)["episodes"] == []  # the other episode has them
    answer = show.post("/api/v1/search", params={"tag": tags}, files={"image": shot})
    assert {one["episode"] for one in answer.json()["result"]} == {2}


def test_detailed_result_has_all_titles(show: httpx.Client, shot: bytes) -> None:
    answer = show.post("/api/v1/search", files={"image": shot})
    FoundAnswer.model_validate_json(answer.content)
    result = answer.json()["result"][0]
    assert result["title"] == "Sun & Moon"
    assert (result["display"], result["synonyms"]) == ("Show", ["The Show"])
    assert result["genres"] == ["Slice of Life", "Comedy", "Mystery"]
    assert result["tags"] == ["Ｓｃｈｏｏｌ", "Rivals"]
    assert (result["seasonName"], result["ids"]) == ("First Light", IDS)


def test_too_long_a_tag_is_refused(show: httpx.Client) -> None:
    for path in ("library", "themes", "characters"):
        answer = show.get(f"/api/v1/{path}", params={"tag": "x" * 101})
        assert answer.status_code == 400
        assert "tag" in answer.json()["error"] or "100" in answer.json()["error"]
