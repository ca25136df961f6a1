"""Nothing indexed yet, no videos here, a snapshot that comes, changes, or does not verify."""

import shutil
from pathlib import Path

import httpx
import pytest

from app.live_server import run_server
from app.sample_home import Sample, encode_png
from whenanime_app.settings import AppSettings


@pytest.fixture
def own(sample: Sample, tmp_path: Path) -> Path:
    """A copy of the indexed home, to be changed; without what a server left there."""
    ignore = shutil.ignore_patterns("app")
    return Path(shutil.copytree(sample.home, tmp_path / "home", ignore=ignore))


def best_of(client: httpx.Client, picture: bytes) -> dict[str, object]:
    answer = client.post("/search", files={"image": picture})
    assert answer.status_code == 200, answer.text
    best: dict[str, object] = answer.json()["result"][0]
    return best


def test_nothing_is_indexed_yet_and_then_something_is(sample: Sample, tmp_path: Path) -> None:
    home = tmp_path / "home"
    picture = encode_png(sample.frame())
    settings = AppSettings(home=home, videos=sample.videos)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        assert client.get("/status").json() == {"ready": False, "problem": None}
        answer = client.post("/search", files={"image": picture})
        assert answer.status_code == 503
        assert "whenanime index" in answer.json()["error"]
        assert client.get("/").status_code == 200

        snapshot = sample.index(home, sample.episodes[:1])
        assert _status_with(client, snapshot)["episodes"] == 1
        assert best_of(client, picture)["filename"] == Path(sample.known_moment()[0].path).name


def test_a_new_snapshot_is_picked_up_and_old_links_go_on(sample: Sample, tmp_path: Path) -> None:
    home = tmp_path / "home"
    sample.index(home, sample.episodes[:1])
    settings = AppSettings(home=home, videos=sample.videos)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        link = str(best_of(client, encode_png(sample.frame()))["image"])
        second = sample.index(home, sample.episodes)
        assert _status_with(client, second)["episodes"] == 2
        assert client.get(link).status_code == 200
        best = best_of(client, encode_png(sample.frame(1)))
        assert best["filename"] == Path(sample.known_moment(1)[0].path).name

        third = sample.index(home, sample.episodes[1:])
        assert _status_with(client, third)["episodes"] == 1
        assert client.get(link).status_code == 404


def test_a_snapshot_that_does_not_verify_is_named_and_not_taken(sample: Sample, own: Path) -> None:
    settings = AppSettings(home=own, videos=sample.videos)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        before = client.get("/status").json()["snapshot"]
        (own / "snapshots" / "000009-broken").mkdir()
        (own / "snapshots" / "LATEST").write_text("000009-broken\n")
        status = _status_when(client, "problem")
        assert "000009-broken" in str(status["problem"])
        assert status["snapshot"] == before
        best_of(client, encode_png(sample.frame()))


def test_without_videos_there_are_stills(sample: Sample) -> None:
    settings = AppSettings(home=sample.home)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = best_of(client, encode_png(sample.frame()))
        assert best["video"] == ""
        link = str(best["image"])
        assert client.get(f"{link}?size=l").status_code == 200
        answer = client.get(link.replace("/image/", "/video/"))
        assert answer.status_code == 404
        assert "not on this server" in answer.json()["error"]


def test_a_video_that_broke_meanwhile_has_a_still(
    sample: Sample, own: Path, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    for episode in sample.episodes:
        (videos / episode.path).parent.mkdir(parents=True, exist_ok=True)
        (videos / episode.path).write_bytes(b"no longer a video")
    settings = AppSettings(home=own, videos=videos)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = best_of(client, encode_png(sample.frame()))
        assert client.get(f"{best['image']}?size=l").status_code == 200
        answer = client.get(f"{best['video']}?mute")
        assert (answer.status_code, answer.json()) == (
            404,
            {"error": "the video of this scene cannot be read"},
        )


def test_a_public_address_is_used_in_links(sample: Sample) -> None:
    settings = AppSettings(
        home=sample.home, videos=sample.videos, public_url="https://anime.example/find"
    )
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = best_of(client, encode_png(sample.frame()))
        assert str(best["image"]).startswith("https://anime.example/find/image/")


def _status_with(client: httpx.Client, snapshot: str) -> dict[str, object]:
    """Return the status as soon as it is of that snapshot: the pointer is read once a second."""
    return _status_when(client, "snapshot", snapshot)


def _status_when(client: httpx.Client, field: str, value: object = None) -> dict[str, object]:
    for _ in range(3000):
        status: dict[str, object] = client.get("/status").json()
        if status.get(field) == value if value else status.get(field):
            return status
    raise AssertionError(f"{field} never came: {status}")
