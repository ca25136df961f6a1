"""States of the page, without a browser: also for requests that no script would send."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.sample_home import Sample, encode_png
from whenanime_app.library.example_stills import EXAMPLE_COUNT, choose_examples
from whenanime_app.page.states import MAX_SHOWN_FAILURES, PageController
from whenanime_app.security.clients import Client
from whenanime_app.services import make_services
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import Catalogue, save_catalogue
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.messages import Message
from whenanime_pipeline.core.search.frames.failure_notes import write_failure
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot


@pytest.fixture
def states(sample: Sample, tmp_path: Path) -> Iterator[tuple[PageController, Path]]:
    """The states, and the folder that uploads are expected in."""
    parts = make_services(AppSettings(home=sample.home, videos=sample.videos))
    parts.uploads_folder.mkdir(parents=True, exist_ok=True)
    yield PageController(parts), parts.uploads_folder
    parts.search_executor.close()


def asked(states: PageController, fields: dict[str, Any]) -> dict[str, Any]:
    return asyncio.run(states.search(fields, Client("127.0.0.1", is_local=True)))


def test_an_upload_is_searched_and_removed(
    states: tuple[PageController, Path], sample: Sample
) -> None:
    page, uploads = states
    upload = uploads / "shot.png"
    upload.write_bytes(encode_png(sample.frame()))
    found = asked(page, {"path": str(upload), "id": 5})
    assert (found["state"], found["id"], found["weak"]) == ("results", 5, False)
    assert found["items"][0]["image"].startswith("./image/")
    assert not upload.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"path": "/etc/hostname"},
        {"path": "relative.png"},
        {"path": "a\0b"},
        {"path": 5},
        {"path": "\udcff"},
        {"limit": 1000},
        {"series": "all"},
        {"url": "x" * 5000},
        {"id": "first"},
    ],
)
def test_invalid_request_is_an_error_state(
    states: tuple[PageController, Path], fields: dict[str, Any]
) -> None:
    assert asked(states[0], fields)["code"] == "errorServer"


def test_invalid_seasons_are_an_error_state(
    states: tuple[PageController, Path], sample: Sample
) -> None:
    upload = states[1] / "shot.png"
    upload.write_bytes(encode_png(sample.frame()))
    asked_for = {"path": str(upload), "seasons": "first"}
    assert asked(states[0], asked_for)["code"] == "errorSeasons"
    assert not upload.exists()


def test_example_stills_are_of_different_episodes(sample: Sample) -> None:
    latest = read_latest_id(sample.home / "snapshots")
    assert latest
    snapshot = Snapshot(sample.home / "snapshots" / latest)
    examples = choose_examples(snapshot)
    assert len(examples) == EXAMPLE_COUNT
    assert len({episode.key for episode, _ in examples}) == len(sample.episodes)
    assert len({(place.content, place.frame) for _, place in examples}) == EXAMPLE_COUNT
    for episode, place in examples:
        assert place.start <= place.at <= place.end <= episode.duration
        # Not one of the black or plain pictures that every film has.
        assert len(snapshot.picture(place.content, place.frame)) > 4000


def test_failures_are_listed_by_file_name_alone(sample: Sample, tmp_path: Path) -> None:
    home = Home(tmp_path)
    name, info = EpisodeName("Show"), SeriesInfo("Show")
    paths = {"a": "1/b.mkv", "b": "2/a.mkv"} | {f"c{n}": f"3/c{n}.mkv" for n in range(60)}
    catalogue = [Episode(path, path, key, 1, 1, name, info) for key, path in paths.items()]
    save_catalogue(Catalogue(tuple(catalogue)), home.catalogue_file)
    for fingerprint in paths:
        write_failure(home.failure_file("sampling", fingerprint), Message(f"no {fingerprint}"))
    services = make_services(AppSettings(home=home.root, videos=sample.videos))
    try:
        status = asyncio.run(PageController(services).load_status())
    finally:
        services.close()
    assert (status["failed"], len(status["failures"])) == (62, MAX_SHOWN_FAILURES)
    named = {failure["filename"]: failure["reason"]["text"] for failure in status["failures"]}
    assert list(named)[:3] == ["a.mkv", "b.mkv", "c0.mkv"]
    assert named["a.mkv"] == "no b"


def moment(client: httpx.Client, **query: Any) -> httpx.Response:
    return client.get("/page/moment", params=query)


def test_the_scenes_of_an_episode_follow_each_other(client: httpx.Client, sample: Sample) -> None:
    file = sample.truth.files[0]
    key = sample.episodes[0].key
    shot = moment(client, episode=key, at=0).json()
    assert shot["first"]
    seen = [shot]
    while not shot["last"]:
        shot = moment(client, episode=key, at=shot["at"], step=1).json()
        seen.append(shot)
    # All cuts to another place are found, and few others.
    assert 0.7 * len(file.scenes) <= len(seen) <= 1.2 * len(file.scenes)
    for before, after in pairwise(seen):
        assert before["from"] <= before["at"] <= before["to"] < after["from"]
    back = moment(client, episode=key, at=seen[3]["at"], step=-1).json()
    assert back["from"] == seen[2]["from"]
    assert client.get(back["image"]).status_code == 200
    assert client.get(back["video"]).headers["content-type"] == "video/mp4"
    last = moment(client, episode=key, at=99_999, step=1).json()
    assert (last["last"], last["from"]) == (True, seen[-1]["from"])


def test_moment_keeps_the_requested_second(client: httpx.Client, sample: Sample) -> None:
    shot = moment(client, episode=sample.episodes[0].key, at=12.5).json()
    assert shot["at"] == 12.5
    assert shot["from"] <= 12.5 <= shot["to"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"episode": "nobody", "at": 1}, 404),
        ({"episode": "nobody", "at": "nan"}, 400),
        ({"episode": "nobody", "at": -1}, 400),
        ({"episode": "nobody", "at": 1, "step": 2}, 400),
        ({}, 400),
    ],
)
def test_invalid_moment_is_refused(client: httpx.Client, query: dict[str, Any], code: int) -> None:
    assert moment(client, **query).status_code == code
