"""The app without an index or videos, and while snapshots appear, change, or fail to verify."""

import shutil
from pathlib import Path

import httpx
import pytest

from app.live_server import run_server
from app.sample_home import Sample, encode_png
from whenanime_app.settings import AppSettings


@pytest.fixture
def own(sample: Sample, tmp_path: Path) -> Path:
    """A copy of the indexed home that a test may change, without a server's files."""
    ignore = shutil.ignore_patterns("app")
    return Path(shutil.copytree(sample.home, tmp_path / "home", ignore=ignore))


def best_of(client: httpx.Client, picture: bytes) -> dict[str, object]:
    answer = client.post("/search", files={"image": picture})
    assert answer.status_code == 200, answer.text
    best: dict[str, object] = answer.json()["result"][0]
    return best


def test_first_snapshot_is_served_without_a_restart(sample: Sample, tmp_path: Path) -> None:
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


def test_new_snapshot_is_loaded_and_old_links_still_work(sample: Sample, tmp_path: Path) -> None:
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


def test_snapshot_that_fails_to_verify_is_named_and_not_used(sample: Sample, own: Path) -> None:
    settings = AppSettings(home=own, videos=sample.videos)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        before = client.get("/status").json()["snapshot"]
        (own / "snapshots" / "000009-broken").mkdir()
        (own / "snapshots" / "LATEST").write_text("000009-broken\n")
        status = _status_when(client, "problem")
        assert "000009-broken" in str(status["problem"])
        assert status["snapshot"] == before
        best_of(client, encode_png(sample.frame()))


def test_stills_are_served_without_videos(sample: Sample) -> None:
    settings = AppSettings(home=sample.home)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = best_of(client, encode_png(sample.frame()))
        assert best["video"] == ""
        link = str(best["image"])
        assert client.get(f"{link}?size=l").status_code == 200
        answer = client.get(link.replace("/image/", "/video/"))
        assert answer.status_code == 404
        assert "not on this server" in answer.json()["error"]


def test_broken_video_still_has_stills(sample: Sample, own: Path, tmp_path: Path) -> None:
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


def test_public_url_is_used_in_links(sample: Sample) -> None:
    settings = AppSettings(
        home=sample.home, videos=sample.videos, public_url="https://anime.example/find"
    )
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = best_of(client, encode_png(sample.frame()))
        assert str(best["image"]).startswith("https://anime.example/find/image/")


def _status_with(client: httpx.Client, snapshot: str) -> dict[str, object]:
    """Return the status once that snapshot is in use: the pointer is read once a second."""
    return _status_when(client, "snapshot", snapshot)


def _status_when(client: httpx.Client, field: str, value: object = None) -> dict[str, object]:
    for _ in range(3000):
        status: dict[str, object] = client.get("/status").json()
        if status.get(field) == value if value else status.get(field):
            return status
    raise AssertionError(f"{field} did not change: {status}")
