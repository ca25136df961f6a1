"""Themes in the API: what was found, what chapters say, and the operator's word."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sample_videos import draw_shots

from app.live_server import run_server
from app.sample_home import encode_png
from whenanime_app.library.library_models import Themes
from whenanime_app.library.scene_models import FoundAnswer
from whenanime_app.library.theme_models import EpisodeSegmentsAnswer, SeriesSegments
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home


@pytest.fixture(scope="module")
def server(found_themes: AppSettings) -> Iterator[httpx.Client]:
    with run_server(found_themes) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture(autouse=True)
def without_words(found_themes: AppSettings) -> Iterator[Home]:
    """The home; the operator's word is taken back after each test."""
    home = Home(found_themes.home)
    yield home
    home.theme_labels_file.unlink(missing_ok=True)


def path_of(server: httpx.Client, number: int) -> str:
    episodes = server.get("/api/v1/series/Show").json()["episodes"]
    (key,) = [one["key"] for one in episodes if one["number"] == number]
    return f"/api/v1/episodes/{quote(key)}/themes"


def read(server: httpx.Client, number: int) -> dict[str, Any]:
    answer = server.get(path_of(server, number))
    assert answer.status_code == 200, answer.text
    EpisodeSegmentsAnswer.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def list_segments(answer: dict[str, Any]) -> list[tuple[str, float, float, str, str]]:
    return [
        (one["type"], one["from"], one["to"], one["confidence"], one["source"])
        for one in answer["segments"]
    ]


def test_an_episode_has_what_was_found_and_what_chapters_add(server: httpx.Client) -> None:
    first = read(server, 1)
    assert list_segments(first) == [
        ("opening", 1.25, 4.25, "certain", "found"),
        ("repeated", 5.0, 6.5, "possible", "found"),
        ("ending", 9.0, 12.0, "likely", "chapter"),
    ]
    opening, _, ending = first["segments"]
    assert (opening["title"], ending["title"]) == ("OP <1>", "片尾曲")
    assert (opening["template"], opening["in_episodes"], opening["first"]) == ("T1", 2, True)
    assert opening["evidence"] == {
        "witnesses": ["pictures", "sound"], "partners": 3, "sound": 0.97, "pictures": 0.95,
    }  # fmt: skip
    assert first["computed"]
    assert [(one["id"], one["in_episodes"]) for one in first["templates"]] == [("T1", 2), ("T3", 1)]


def test_a_series_has_its_seasons(server: httpx.Client) -> None:
    answer = server.get("/api/v1/series/Show/themes")
    SeriesSegments.model_validate_json(answer.content)
    (season,) = answer.json()["seasons"]
    assert (season["season"], season["computed"]) == (1, True)
    assert [one["label"] for one in season["episodes"]] == ["S01E01", "S01E02"]
    assert season["episodes"][0]["segments"] == read(server, 1)["segments"]
    number = server.get("/api/v1/series/Show").json()["seriesNumber"]
    numbered = server.get(f"/api/v1/series/Show/themes?seriesNumber={number}")
    assert numbered.json() == answer.json()
    assert server.get("/api/v1/series/Show/themes?seriesNumber=5").status_code == 404
    assert server.get("/api/v1/series/Another/themes").status_code == 404
    assert server.get("/api/v1/episodes/Show/S01E09/themes").status_code == 404


def test_the_list_of_openings_keeps_its_chapters(server: httpx.Client) -> None:
    answer = server.get("/api/v1/themes")
    Themes.model_validate_json(answer.content)
    first, second = answer.json()["episodes"]
    opening, ending = first["themes"]
    assert (opening["from"], opening["to"], opening["title"]) == (1.0, 4.0, "OP <1>")
    assert (opening["source"], opening["confidence"]) == ("chapter", "certain")
    assert opening["template"] == "T1"
    assert (ending["title"], ending["confidence"]) == ("片尾曲", "likely")
    (found,) = second["themes"]
    assert (found["kind"], found["title"], found["source"]) == ("opening", "", "found")


def test_answers_have_tags(server: httpx.Client) -> None:
    for path in (path_of(server, 1), "/api/v1/series/Show/themes"):
        answer = server.get(path)
        assert answer.headers["cache-control"] == "no-cache"
        same = server.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        server.post(path_of(server, 1), json={"template": "T1", "never_skip": True})
        changed = server.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert changed.status_code == 200
        server.post(path_of(server, 1), json={"template": "T1", "never_skip": False})


def test_a_search_says_in_which_theme_a_scene_lies(server: httpx.Client) -> None:
    shots = draw_shots(1, 24)
    for second, expected in ((2.2, "opening"), (5.2, "repeated"), (7.2, None)):
        picture = encode_png(shots[int(second / 0.5)])
        answer = server.post("/api/v1/search", files={"image": picture})
        FoundAnswer.model_validate_json(answer.content)
        best = answer.json()["result"][0]
        assert best["from"] <= second <= best["to"] + 0.5
        theme = best["theme"]
        assert (theme and theme["type"]) == expected
        if expected == "opening":
            assert (theme["in_episodes"], theme["of_episodes"]) == (2, 2)
            assert (theme["template"], theme["confidence"]) == ("T1", "certain")


def test_a_confirmed_template_shows_at_once_in_the_season(
    server: httpx.Client, without_words: Home
) -> None:
    answer = server.post(path_of(server, 1), json={"template": "T3", "confirmed": True})
    EpisodeSegmentsAnswer.model_validate_json(answer.content)
    assert list_segments(answer.json())[1] == ("repeated", 5.0, 6.5, "certain", "operator")
    assert answer.json()["templates"][1]["confirmed"]
    server.post(path_of(server, 2), json={"template": "T1", "never_skip": True})
    opening = read(server, 1)["segments"][0]
    assert (opening["never_skip"], opening["skippable"]) == (True, False)
    server.post(path_of(server, 2), json={"template": "T1", "type": "ending"})
    assert read(server, 1)["segments"][0]["type"] == "ending"
    assert "name: Show" in without_words.theme_labels_file.read_text(encoding="utf-8")


def test_a_segment_is_set_corrected_and_removed(server: httpx.Client) -> None:
    path = path_of(server, 2)
    word = {"type": "preview", "from": 9.5, "to": 12.0}
    answer = server.put(path, json=word).json()
    assert list_segments(answer)[1:] == [("preview", 9.5, 12.0, "certain", "operator")]
    answer = server.put(path, json={"type": "ending", "from": 6, "to": 8.5}).json()
    assert [one["type"] for one in answer["segments"]] == ["opening", "ending", "preview"]
    answer = server.delete(path, params={"from": 0, "to": 3}).json()
    assert [one["type"] for one in answer["segments"]] == ["ending", "preview"]
    assert read(server, 1)["segments"][0]["first"]
    # A chapter's word counts less, too.
    server.delete(path_of(server, 1), params={"from": 9, "to": 12})
    listed = server.get("/api/v1/themes").json()["episodes"][0]["themes"]
    assert [one["title"] for one in listed] == ["OP <1>"]


@pytest.mark.parametrize(
    ("method", "query", "word", "code"),
    [
        ("POST", "", {"template": "T9", "confirmed": True}, 404),
        ("POST", "", {"template": "T1", "confirmed": "yes"}, 400),
        ("POST", "", {"template": "T1", "typo": True}, 400),
        ("PUT", "", {"type": "overture", "from": 1, "to": 2}, 400),
        ("PUT", "", {"type": "opening", "from": 2, "to": 1}, 400),
        ("PUT", "", {"type": "opening", "from": -1, "to": 1}, 400),
        ("PUT", "", {"type": "opening", "from": 1, "to": 1e9}, 400),
        ("DELETE", "", None, 400),
        ("DELETE", "?from=7&to=8", None, 404),
    ],
)
def test_wrong_words_are_refused(
    server: httpx.Client, without_words: Home, method: str, query: str, word: Any, code: int
) -> None:
    answer = server.request(method, path_of(server, 1) + query, json=word)
    assert answer.status_code == code, answer.text
    assert answer.json()["error"]
    assert not without_words.theme_labels_file.exists()
    nowhere = server.request(method, "/api/v1/episodes/Show/S09E09/themes?from=1&to=2", json=word)
    assert nowhere.status_code in (400, 404)


def test_a_mistake_in_the_file_is_named_without_its_folder(
    server: httpx.Client, without_words: Home
) -> None:
    server.post(path_of(server, 1), json={"template": "T1", "never_skip": True})
    assert read(server, 1)["segments"][0]["never_skip"]
    without_words.theme_labels_file.write_text("templates:\n  T1: {never_skip: perhaps}\n")
    assert read(server, 1)["segments"][0]["never_skip"]  # what it said before
    answer = server.post(path_of(server, 1), json={"template": "T1", "confirmed": True})
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("themes.yaml:2: never_skip: perhaps")
    assert str(Path(without_words.root)) not in answer.text
    assert "perhaps" in without_words.theme_labels_file.read_text()
