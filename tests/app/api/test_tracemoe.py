"""What `/search` answers, over a real server, a real snapshot and real films."""

import httpx
import numpy as np
import pytest

from app.answer_checks import check_best_result
from app.sample_home import Sample, encode_png, noise_picture


def test_every_field_has_its_type(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    answer = client.post("/search", files={"image": picture})
    best = check_best_result(answer, sample)
    file, _ = sample.known_moment()
    series = next(entry for entry in sample.truth.series if entry.title == file.series)
    assert best["anilist"] == series.anilist
    assert best["episode"] == file.episode
    assert best["duration"] == pytest.approx(file.duration, abs=0.1)
    assert 0.9 <= best["similarity"] <= 1
    assert best["match"] in {"certain", "likely"}
    assert best["mirrored"] is False
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert np.array(best["corners"]) == pytest.approx(np.array(whole), abs=0.03)
    assert best["video"].startswith(str(client.base_url).rstrip("/") + "/video/")
    assert best["image"].startswith(str(client.base_url).rstrip("/") + "/image/")
    assert (best["series"], best["title"]) == (file.series, file.title)
    assert (best["season"], best["label"]) == (file.season, f"S{file.season:02d}E01")
    assert isinstance(best["also"], list)
    similarities = [result["similarity"] for result in answer.json()["result"]]
    assert all(0 <= value <= 1 for value in similarities)


def test_mirrored_crop_is_found_with_its_corners(client: httpx.Client, sample: Sample) -> None:
    frame = sample.frame()
    height, width = frame.shape[:2]
    part = frame[: 3 * height // 4, width // 4 :, :]
    best = check_best_result(
        client.post("/search", files={"image": encode_png(part[:, ::-1])}), sample
    )
    assert best["match"] in {"certain", "likely"}
    assert best["mirrored"] is True
    # Of the mirror image of the query, which is as the frame is.
    part_of = [[0.25, 0], [1, 0], [1, 0.75], [0.25, 0.75]]
    assert np.array(best["corners"]) == pytest.approx(np.array(part_of), abs=0.03)


def test_out_of_library_query_is_only_similar(client: httpx.Client) -> None:
    results = client.post("/search", files={"image": encode_png(noise_picture(1))}).json()["result"]
    assert {result["match"] for result in results} == {"similar"}
    assert all(result["similarity"] < 0.9 for result in results)


def test_anilist_info(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for flag in ("?anilistInfo", "?anilistInfo=", "?anilistInfo=1&cutBorders"):
        best = check_best_result(client.post(f"/search{flag}", files={"image": picture}), sample)
        series = next(s for s in sample.truth.series if s.anilist == best["anilist"]["id"])
        assert best["anilist"] == {
            "id": series.anilist,
            "idMal": series.mal,
            "title": {
                "native": series.native,
                "romaji": series.romaji,
                "english": series.english,
            },
            "synonyms": [] if series.title == series.english else [series.title],
            "isAdult": False,
        }


def test_a_search_can_be_limited_to_one_series(
    client: httpx.Client, sample: Sample, picture: bytes
) -> None:
    for series in sample.truth.series:
        answer = client.post(f"/search?anilistID={series.anilist}", files={"image": picture})
        assert {result["anilist"] for result in answer.json()["result"]} == {series.anilist}
    answer = client.post("/search?anilistID=1", files={"image": picture})
    assert (answer.status_code, answer.json()["result"]) == (200, [])


def test_a_number_of_no_series(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    for number in ("0", "1", "9" * 18, "9" * 19, "9" * 5000):
        answer = client.post(f"/search?anilistID={number}", files={"image": picture})
        assert (answer.status_code, answer.json()["result"]) == (200, [])
    for nothing in ("", "none", "-1", "१"):
        answer = client.post("/search", params={"anilistID": nothing}, files={"image": picture})
        check_best_result(answer, sample)


def test_a_key_is_taken_and_ignored(client: httpx.Client, sample: Sample, picture: bytes) -> None:
    check_best_result(client.post("/search?key=mine", files={"image": picture}), sample)
    check_best_result(
        client.post("/search", files={"image": picture}, headers={"x-trace-key": "mine"}), sample
    )
    assert client.get("/me?key=mine").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_any_method_searches(
    client: httpx.Client, sample: Sample, picture: bytes, method: str
) -> None:
    check_best_result(client.request(method, "/search", files={"image": picture}), sample)
