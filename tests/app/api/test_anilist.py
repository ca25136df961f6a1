"""`/anilist` over a real server and a real snapshot, asked as its clients ask."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.live_server import run_server
from app.sample_home import Sample
from whenanime_app.api.anilist import MAX_BODY_BYTES
from whenanime_app.api.anilist_graphql import MAX_ALIASES, MAX_TOKENS, execute_query
from whenanime_app.api.anilist_media import MediaTable
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

EVERYTHING = """
query ($id: Int) {
  Media(id: $id, type: ANIME) {
    id idMal
    title { native romaji english userPreferred }
    synonyms isAdult type format
    startDate { year month day } endDate { year month day }
    coverImage { extraLarge large medium color }
    genres tags { name } siteUrl
  }
}
"""
NO_DATE = {"year": None, "month": None, "day": None}
NO_COVER = {"extraLarge": None, "large": None, "medium": None, "color": None}


def record(**known: Any) -> EpisodeRecord:
    standard: dict[str, Any] = {
        "key": "key",
        "path": "a/b.mkv",
        "fingerprint": "f",
        "sampling_id": "s",
        "content": 0,
        "series": "Show",
        "season": 1,
        "season_name": None,
        "number": 1,
        "number_end": None,
        "title": None,
        "kind": "episode",
        "native": None,
        "romaji": None,
        "english": None,
        "anilist": None,
        "mal": None,
        "duration": 1440.0,
        "frames": 10,
        "warnings": (),
        "series_numbers": (1_000_000_009,),
    }
    return EpisodeRecord(**(standard | known))


FORMER, NUMBER = 1_000_000_002, 1_000_000_003
FILM = record(
    series="果宝", english="Fruit", kind="film", anilist=7, mal=70, year=2012,
    series_numbers=(1_000_000_001,), genres=("Comedy",), tags=("Fruit", "fruit"),
    synonyms=("Fruits",),
)  # fmt: skip
REMAKE = record(series="果宝", kind="film", year=2020, series_numbers=(NUMBER, FORMER))
SHOW = [record(series="Show", romaji="Shō", anilist=8, number=number) for number in (1, 2)]
TABLE = MediaTable([FILM, REMAKE, *SHOW])


def asked(query: str, **variables: Any) -> dict[str, Any]:
    result = execute_query(TABLE, query, variables, None)
    assert result.errors is None
    assert result.data is not None
    return result.data


def refusal(query: str) -> str:
    result = execute_query(TABLE, query, None, None)
    assert result.data is None
    assert result.errors
    return result.errors[0].message


def test_a_film_has_its_metadata() -> None:
    assert asked(EVERYTHING, id=7)["Media"] == {
        "id": 7,
        "idMal": 70,
        "title": {"native": "果宝", "romaji": None, "english": "Fruit", "userPreferred": "Fruit"},
        "synonyms": ["Fruits"],
        "isAdult": False,
        "type": "ANIME",
        "format": "MOVIE",
        "startDate": NO_DATE | {"year": 2012},
        "endDate": NO_DATE,
        "coverImage": NO_COVER,
        "genres": ["Comedy"],
        "tags": [{"name": "Fruit"}],
        "siteUrl": "https://anilist.co/anime/7",
    }


@pytest.mark.parametrize("number", [None, 0, 9, -1, 2**31 - 1])
def test_unknown_series_has_every_field(number: int | None) -> None:
    nothing: dict[str, Any] = {
        "id": number,
        "idMal": None,
        "title": dict.fromkeys(("native", "romaji", "english", "userPreferred")),
        "synonyms": [],
        "isAdult": None,
        "type": None,
        "format": None,
        "startDate": NO_DATE,
        "endDate": NO_DATE,
        "coverImage": NO_COVER,
        "genres": [],
        "tags": [],
        "siteUrl": None,
    }
    assert asked(EVERYTHING, id=number)["Media"] == nothing
    assert execute_query(MediaTable(), EVERYTHING, {"id": number}, None).data == {"Media": nothing}


def test_aliases_and_fragments() -> None:
    query = """
    { film: Media(id: 7) { ...Name } show: Media(id: 8) { ... on Media { number: id } ...Name } }
    fragment Name on Media { title { first: romaji __typename } }
    """
    assert asked(query) == {
        "film": {"title": {"first": None, "__typename": "MediaTitle"}},
        "show": {"number": 8, "title": {"first": "Shō", "__typename": "MediaTitle"}},
    }


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("id: 8", [8]),
        ("id_in: [8, 7, 8, 99, null]", [8, 7]),
        ("id: 7, id_in: [8]", []),
        ("idMal: 70", [7]),
        ("idMal_in: [70, 71]", [7]),
        ('search: "果"', [7, NUMBER]),
        ('search: "FRUIT"', [7]),
        ('search: "fruit", id: 8', []),
        ("type: ANIME", [7, NUMBER, 8]),
        ("type: MANGA", []),
    ],
)
def test_a_page(given: str, found: list[int | None]) -> None:
    media = asked(f"{{ Page {{ media({given}) {{ id }} }} }}")["Page"]["media"]
    assert [entry["id"] for entry in media] == found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("page: 1, perPage: 2", [7, NUMBER]),
        ("page: 2, perPage: 2", [8]),
        ("page: 3, perPage: 2", []),
        ("page: 2147483647, perPage: 1000", []),
        ("page: -1, perPage: 0", [7, NUMBER, 8]),
        ("page: 1, perPage: -1", [7]),
        ("page: null, perPage: null", [7, NUMBER, 8]),
    ],
)
def test_pages(page: str, found: list[int | None]) -> None:
    media = asked(f"{{ Page({page}) {{ media {{ id }} }} }}")["Page"]["media"]
    assert [entry["id"] for entry in media] == found


@pytest.mark.parametrize(
    ("given", "found"),
    [("idMal: 70", 7), ('search: "sho"', 8), ('search: "none"', None), ("id: 7, type: MANGA", 7)],
)
def test_one_by_other_ways(given: str, found: int | None) -> None:
    assert asked(f"{{ Media({given}) {{ id }} }}")["Media"]["id"] == found


@pytest.mark.parametrize(
    ("number", "found"),
    [(NUMBER, NUMBER), (FORMER, NUMBER), (1_000_000_001, 7), (NUMBER + 1, None)],
)
def test_numbers_of_our_own_lead_to_their_series(number: int, found: int | None) -> None:
    """Also those of a series that has AniList's, and of one that became part of another."""
    media = asked(f"{{ Page {{ media(id: {number}) {{ id }} }} }}")["Page"]["media"]
    assert [entry["id"] for entry in media] == ([] if found is None else [found])
    assert asked(f"{{ Media(id: {number}) {{ id }} }}")["Media"]["id"] == (found or number)


def test_another_kind_of_media_is_not_here() -> None:
    assert asked("{ Media(id: 7, type: MANGA) { title { english } } }")["Media"] == {
        "title": {"english": None}
    }


def test_expensive_query_is_refused() -> None:
    fields = " ".join(f"a{number}: id" for number in range(MAX_ALIASES + 1))
    assert "aliases" in refusal(f"{{ Media(id: 7) {{ {fields} }} }}")
    assert "tokens" in refusal(f"{{ {'Media ' * MAX_TOKENS} }}")
    assert "introspection" in refusal("{ __schema { types { name } } }")
    for opening in ("{a", '{Media(search:["', "{Media(search:[", "{Media(search:{a:", "{...{"):
        assert refusal(opening * (MAX_TOKENS // 3))
    chain = "".join(f"fragment F{n} on Media {{ ...F{n + 1} }} " for n in range(60))
    assert refusal(f"{{ Media {{ ...F0 }} }} {chain} fragment F60 on Media {{ ...F0 }}")


@given(st.text())
def test_any_text_is_answered(query: str) -> None:
    result = execute_query(TABLE, query, None, None)
    assert result.data or result.errors


def _series(sample: Sample) -> list[dict[str, Any]]:
    return [
        {
            "id": series.anilist,
            "idMal": series.mal,
            "title": {
                "native": series.native,
                "romaji": series.romaji,
                "english": series.english,
            },
        }
        for series in sample.truth.series
    ]


QUERY = "query($id: Int) { Media(id: $id) { id idMal title { native romaji english } } }"


def test_a_series_by_post_and_by_address(client: httpx.Client, sample: Sample) -> None:
    for series in _series(sample):
        variables = {"id": series["id"]}
        posted = client.post("/anilist", json={"query": QUERY, "variables": variables})
        got = client.get("/anilist", params={"query": QUERY, "variables": json.dumps(variables)})
        for reply in (posted, got):
            assert reply.status_code == 200
            assert reply.json() == {"data": {"Media": series}}
            assert reply.headers["access-control-allow-origin"] == "*"


def test_one_of_several_operations(client: httpx.Client, sample: Sample) -> None:
    query = "query A { Page { media { id } } } query B { Media(id: 1) { idMal } }"
    body: dict[str, Any] = {"query": query, "operationName": "A", "variables": None}
    listed = client.post("/anilist", json=body | {"extensions": {}}).json()["data"]["Page"]["media"]
    assert {entry["id"] for entry in listed} == {series["id"] for series in _series(sample)}
    got = client.get("/anilist", params={"query": query, "operationName": "B"})
    assert got.json() == {"data": {"Media": {"idMal": None}}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"query",
        b"[]",
        b"{}",
        b'{"query": 1}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ Media { id } }", "variables": []}',
        b'{"query": "{ Media { nothing } }"}',
        b'{"query": "mutation { Media { id } }"}',
        b'{"query": "query($id: Int!) { Media(id: $id) { id } }", "variables": {"id": NaN}}',
        b'{"query": "query($id: Int!) { Media(id: $id) { id } }", "variables": {"id": 9999999999}}',
        b'{"query": "{ Media { id } }", "variables": ' + b"[" * 9999,
    ],
)  # fmt: skip
def test_invalid_query_is_refused_with_a_message(client: httpx.Client, body: bytes) -> None:
    reply = client.post("/anilist", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["message"]


def test_an_address_without_a_query(client: httpx.Client) -> None:
    for params in ({}, {"query": "{ Media { id } }", "variables": "{"}):
        reply = client.get("/anilist", params=params)
        assert reply.status_code == 400
        assert reply.json()["errors"][0]["message"]


def test_a_long_body_is_not_read(client: httpx.Client) -> None:
    reply = client.post("/anilist", content=b" " * (MAX_BODY_BYTES + 1))
    assert reply.status_code == 413
    assert "64 KiB" in reply.json()["errors"][0]["message"]


def test_before_anything_is_indexed(tmp_path: Path) -> None:
    with run_server(AppSettings(home=tmp_path)) as url:
        reply = httpx.post(f"{url}/anilist", json={"query": EVERYTHING, "variables": {"id": 7}})
    assert reply.status_code == 200
    assert reply.json()["data"]["Media"]["title"]["native"] is None
    assert "errors" not in reply.json()
