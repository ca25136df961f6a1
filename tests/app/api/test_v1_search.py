"""`POST /api/v1/search` and its batch: filters, all that is known, errors a file."""

import ipaddress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pydantic import TypeAdapter

from app.live_server import run_server
from app.sample_home import Sample, encode_png, noise_picture
from whenanime_app.api.v1_search import MAX_FILES
from whenanime_app.library.scene_models import FoundAnswer, NotFound
from whenanime_app.settings import AppSettings


def search(client: httpx.Client, picture: bytes, **query: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/search", params=query, files={"image": picture})
    assert answer.status_code == 200, answer.text
    FoundAnswer.model_validate_json(answer.content)
    body: dict[str, Any] = answer.json()
    return body


def test_it_has_every_field_of_trace_moes_and_more(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    theirs = client.post("/search", files={"image": picture}).json()
    ours = search(client, picture)
    assert set(ours) == set(theirs) | {"snapshot", "milliseconds", "timings"}
    best, more = theirs["result"][0], ours["result"][0]
    assert best.items() <= more.items()
    assert set(more) - set(best) == {
        "seasonName", "kind", "native", "romaji", "english", "display", "synonyms", "genres",
        "tags", "ids", "times", "seriesNumber", "rotated", "theme",
    }  # fmt: skip
    file, _ = sample.known_moment()
    series = next(entry for entry in sample.truth.series if entry.title == file.series)
    assert (more["native"], more["romaji"]) == (series.native, series.romaji)
    assert (more["seasonName"], more["kind"]) == (file.season_name, "episode")
    assert ours["snapshot"] == client.get("/status").json()["snapshot"]


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_turned_picture_is_found_with_its_corners(
    client: httpx.Client, sample: Sample, turned: int
) -> None:
    picture = np.rot90(sample.frame(), -turned // 90)
    best = search(client, encode_png(picture))["result"][0]
    file, second = sample.known_moment()
    assert best["filename"] == Path(file.path).name
    assert best["from"] - 0.5 <= second <= best["to"] + 0.5
    assert best["match"] == "certain"
    assert best["rotated"] == turned
    assert np.array(best["corners"]) == pytest.approx(
        np.array([[0, 0], [1, 0], [1, 1], [0, 1]]), abs=0.03
    )
    theirs = client.post("/search", files={"image": encode_png(picture)}).json()
    assert "rotated" not in theirs["result"][0]


def test_all_the_times_a_picture_is_on_screen(client: httpx.Client, picture: bytes) -> None:
    best = search(client, picture)["result"][0]
    times = best["times"]
    assert any(run["from"] <= best["at"] <= run["to"] for run in times)
    elsewhere = [{"from": moment["from"], "to": moment["to"]} for moment in best["also"]]
    assert [run for run in times if run["from"] > best["to"] or run["to"] < best["from"]] == (
        elsewhere
    )


def test_the_response_reports_its_timings(client: httpx.Client, picture: bytes) -> None:
    answer = search(client, picture)
    timings = answer["timings"]
    assert all(value >= 0 for value in timings.values())
    assert timings["searching"] > timings["decoding"]
    spent = timings["decoding"] + timings["searching"]
    assert answer["milliseconds"] == pytest.approx(spent, abs=1)


def test_the_limit_of_scenes_is_respected(client: httpx.Client) -> None:
    strange = encode_png(noise_picture(3))
    assert len(search(client, strange)["result"]) > 1
    assert len(search(client, strange, limit=1)["result"]) == 1
    assert len(search(client, strange, limit=50)["result"]) <= 50


def test_a_search_can_be_limited_to_one_series(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    for series in sample.truth.series:
        for query in ({"series": series.title}, {"anilistID": series.anilist}):
            results = search(client, picture, **query)["result"]
            assert {result["series"] for result in results} == {series.title}
    everyone = [series.title for series in sample.truth.series]
    assert search(client, picture, series=everyone)["result"][0]["match"] != "similar"
    assert search(client, picture, series="none")["result"] == []
    assert search(client, picture, anilistID=0)["result"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": 0}, "limit: "),
        ({"limit": 51}, "limit: "),
        ({"limit": "many"}, "limit: "),
        ({"season": "one"}, "season: 'one' is no season"),
        ({"season": "1," * 200}, "season: "),
        ({"anilistID": "x"}, "anilistID: "),
    ],
)
def test_a_parameter_that_is_none_is_named(
    client: httpx.Client, picture: bytes, query: dict[str, Any], said: str
) -> None:
    for route in ("search", "search/batch"):
        answer = client.post(f"/api/v1/{route}", params=query, files={"image": picture})
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(said)


def test_every_way_to_give_a_picture(sample: Sample, picture: bytes, pictures: str) -> None:
    settings = AppSettings(home=sample.home, fetch_networks=(ipaddress.ip_network("127.0.0.0/8"),))
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        plain = {"content-type": "image/png"}
        for answer in (
            client.post("/api/v1/search", params={"url": f"{pictures}/shot.png"}),
            client.post("/api/v1/search", content=picture, headers=plain),
        ):
            assert answer.json()["result"][0]["match"] in {"certain", "likely"}
            assert answer.json()["result"][0]["video"] == ""


def test_without_a_picture(client: httpx.Client) -> None:
    for route in ("search", "search/batch"):
        for answer in (
            client.post(f"/api/v1/{route}"),
            client.post(f"/api/v1/{route}", files={"image": (None, "no file")}),
        ):
            assert (answer.status_code, set(answer.json())) == (405, {"error"})
    answer = client.post("/api/v1/search", files={"image": b"rubbish"})
    assert (answer.status_code, set(answer.json())) == (400, {"error"})


def test_a_batch_is_answered_in_order_and_fails_one_by_one(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    files = [
        ("one", ("first.png", picture)),
        ("one", ("rubbish.png", b"this is not a picture")),
        ("other", ("third.png", encode_png(sample.frame(1)))),
    ]
    answer = client.post("/api/v1/search/batch?limit=2", files=files)
    assert answer.status_code == 200
    TypeAdapter(list[FoundAnswer | NotFound]).validate_json(answer.content)
    first, second, third = answer.json()
    assert first["result"][0]["filename"] == sample.episodes[0].path.rpartition("/")[2]
    assert second["filename"] == "rubbish.png"
    assert second["error"]
    assert third["result"][0]["filename"] == sample.episodes[1].path.rpartition("/")[2]
    assert len(third["result"]) <= 2


def test_a_batch_is_not_endless(client: httpx.Client) -> None:
    files = [("image", (f"{number}.png", b"x")) for number in range(MAX_FILES + 1)]
    answer = client.post("/api/v1/search/batch", files=files[:-1])
    assert (answer.status_code, len(answer.json())) == (200, MAX_FILES)
    answer = client.post("/api/v1/search/batch", files=files)
    assert answer.status_code == 400
    assert str(MAX_FILES) in answer.json()["error"]
