"""Previews from videos on a real web server, read by range requests."""

import base64
import logging
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from app.live_server import run_server
from app.sample_home import Sample
from app.video_server import VideoServer, serve_videos
from whenanime_app.previews.http_video import RANGE_BYTES, HttpVideoRoot, VideoUnavailableError
from whenanime_app.previews.video_sources import VideoSources
from whenanime_app.settings import AppSettings, AppSettingsError, load_settings
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

SPECIAL = "喜羊羊 与/50% #1? & 第 01 集+.mkv"
"""A path with characters that have a meaning in URLs."""


@pytest.fixture
def web(sample: Sample, tmp_path: Path) -> Iterator[VideoServer]:
    folder = tmp_path / "videos"
    folder.mkdir()
    for path in (sample.episodes[0].path, SPECIAL):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample.videos / sample.episodes[0].path, folder / path)
    with serve_videos(folder) as server:
        yield server


@pytest.fixture
def root(web: VideoServer) -> Iterator[HttpVideoRoot]:
    remote = HttpVideoRoot(web.address, read_timeout=1)
    yield remote
    remote.close()


@pytest.fixture
def home(sample: Sample, tmp_path: Path) -> Path:
    """The indexed home, without previews cached by another server."""
    ignore = shutil.ignore_patterns("app")
    return Path(shutil.copytree(sample.home, tmp_path / "home", ignore=ignore))


def test_remote_preview_equals_the_local_preview(
    root: HttpVideoRoot, web: VideoServer, sample: Sample
) -> None:
    local = sample.videos / sample.episodes[0].path
    _, second = sample.known_moment()
    with root.open(SPECIAL) as video:
        picture = decode_frame_at(video, second)
        assert (picture == decode_frame_at(local, second)).all()
    with root.open(SPECIAL) as video:
        remote = cut_mp4_preview(video, second, second + 2, mute=False)
    assert _decode_clip(remote.data) == _decode_clip(
        cut_mp4_preview(local, second, second + 2, mute=False).data
    )
    quoted = "%E5%96%9C%E7%BE%8A%E7%BE%8A%20%E4%B8%8E/50%25%20%231%3F%20%26%20%E7%AC%AC%2001%20"
    assert {path for path, _ in web.requests} == {f"/my%20videos/{quoted}%E9%9B%86%2B.mkv"}
    assert all(span.startswith("bytes=") for _, span in web.requests)


def test_long_video_is_read_in_parts_over_one_connection(web: VideoServer, tmp_path: Path) -> None:
    film = web.folder / "long.mp4"
    rng = np.random.default_rng(0)
    with av.open(film, "w") as output:
        stream = output.add_stream("libx264", rate=24, options={"preset": "ultrafast", "qp": "6"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 180, "yuv420p", 12
        for _ in range(120):
            noise = rng.integers(0, 256, (180, 320, 3), np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        output.mux(stream.encode())
    assert film.stat().st_size > 8 * RANGE_BYTES
    remote = HttpVideoRoot(web.address)
    with remote.open("long.mp4") as video:
        picture = decode_frame_at(video, 3.1)
    remote.close()
    assert (picture == decode_frame_at(film, 3.1)).all()
    sizes = [
        int(last) - int(first) + 1
        for first, _, last in (
            span.removeprefix("bytes=").partition("-") for _, span in web.requests
        )
    ]
    assert sum(sizes) < film.stat().st_size / 2
    assert len(web.sockets) == 1


def test_remote_file_seeks_and_reads_like_a_local_one(root: HttpVideoRoot, sample: Sample) -> None:
    data = (sample.videos / sample.episodes[0].path).read_bytes()
    with root.open(SPECIAL) as file:
        assert file.seek(-10, 2) == len(data) - 10
        assert file.read() == data[-10:]
        assert file.read(5) == b""
        file.seek(1000)
        assert file.read(50) == data[1000:1050]
        assert file.seek(25, 1) == 1075
        assert file.read(5) == data[1075:1080]
        assert file.seek(len(data) + 100) == len(data) + 100
        assert file.read(5) == b""


@pytest.mark.parametrize(
    "path",
    [
        "../secret.mp4", "a/../../secret.mp4", "/etc/passwd", "a//b.mp4", "./a.mp4", "a/./b.mp4",
        "..\\secret.mp4", "a/..", "", "\0.mp4",
    ],
)  # fmt: skip
def test_paths_outside_the_root_are_never_requested(
    root: HttpVideoRoot, web: VideoServer, path: str
) -> None:
    assert not root.may_have(path)
    with pytest.raises(VideoUnavailableError, match="not on this server"):
        root.open(path)
    assert web.requests == []


@pytest.mark.parametrize(
    "path", ["http:/elsewhere.example/a.mp4", "%2e%2e/secret.mp4", "..%2fsecret.mp4", "@host/a"]
)
def test_path_like_an_address_stays_below_the_root(
    root: HttpVideoRoot, web: VideoServer, path: str
) -> None:
    assert root.may_have(path)
    with root.open(path) as file, pytest.raises(VideoUnavailableError, match="not on the server"):
        file.read(1)
    ((requested, _),) = web.requests
    assert requested == f"/my%20videos/{quote(path)}"


def test_undecodable_name_is_quoted_as_bytes(root: HttpVideoRoot, web: VideoServer) -> None:
    with root.open("caf\udce9.mp4") as file, pytest.raises(VideoUnavailableError):
        file.read(1)
    assert web.requests[0][0] == "/my%20videos/caf%E9.mp4"


def test_redirect_to_storage_is_followed(root: HttpVideoRoot, web: VideoServer) -> None:
    web.redirects = True
    with root.open(SPECIAL) as file:
        assert len(file.read(100)) == 100


def test_password_is_sent_and_never_shown(
    web: VideoServer, sample: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    web.login = ("me", "p@ss wörd")
    address = web.address.replace("http://", "http://me:p%40ss%20w%C3%B6rd@")
    caplog.set_level(logging.DEBUG)
    remote = HttpVideoRoot(address)
    with remote.open(SPECIAL) as file:
        assert len(file.read(100)) == 100
    web.login = ("me", "another")
    with (
        remote.open(SPECIAL) as file,
        pytest.raises(VideoUnavailableError, match="answered 401") as refused,
    ):
        file.read(1)
    remote.close()
    settings = AppSettings(video_root=address, secret="s3cret")
    for text in (caplog.text, str(refused.value), repr(settings)):
        assert "ss wörd" not in text
        assert "p%40ss" not in text
        assert base64.b64encode("me:p@ss wörd".encode()).decode() not in text
        assert "s3cret" not in text


def test_missing_range_support_and_replaced_file_are_named(
    root: HttpVideoRoot, web: VideoServer
) -> None:
    web.ignores_ranges = True
    with (
        root.open(SPECIAL) as file,
        pytest.raises(VideoUnavailableError, match="no pieces of files"),
    ):
        file.read(1)
    web.ignores_ranges = False
    (web.folder / SPECIAL).write_bytes(bytes(2_000_000))
    with root.open(SPECIAL) as file:
        file.read(1)
        (web.folder / SPECIAL).write_bytes(bytes(1_900_000))
        file.seek(1_500_000)
        with pytest.raises(VideoUnavailableError, match="being replaced"):
            file.read(1)
    assert root.may_have(SPECIAL)


def test_a_silent_server_is_not_retried_before_the_retry_delay(web: VideoServer) -> None:
    web.silent = threading.Event()
    clock = [0.0]
    remote = HttpVideoRoot(web.address, read_timeout=0.3, retry_delay=30, now=lambda: clock[0])
    started = time.monotonic()
    with (
        remote.open(SPECIAL) as file,
        pytest.raises(VideoUnavailableError, match="does not answer"),
    ):
        file.read(1)
    assert time.monotonic() - started < 10
    assert not remote.may_have(SPECIAL)
    with pytest.raises(VideoUnavailableError, match="does not answer"):
        remote.open(SPECIAL)
    assert len(web.requests) == 1
    web.silent.set()
    clock[0] = 31
    assert remote.may_have(SPECIAL)
    with remote.open(SPECIAL) as file:
        assert file.read(1)
    remote.close()


def test_slow_server_is_abandoned(web: VideoServer) -> None:
    clock = [0.0]
    remote = HttpVideoRoot(web.address, total_timeout=10, now=lambda: clock[0])
    with remote.open(SPECIAL) as file:
        clock[0] = 11
        with pytest.raises(VideoUnavailableError, match="too slow"):
            file.read(1)
    remote.close()


def test_app_cuts_previews_from_remote_videos(
    web: VideoServer, home: Path, sample: Sample, picture: bytes
) -> None:
    settings = AppSettings(home=home, video_root=web.address)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = _best(client, picture)
        large = client.get(f"{best['image']}?size=l")
        assert large.headers["content-type"] == "image/jpeg"
        assert Image.open(BytesIO(large.content)).width == 320  # the width of the video
        count = len(web.requests)
        assert count > 0
        clip = client.get(f"{best['video']}?mute")
        assert clip.headers["content-type"] == "video/mp4"
        assert float(clip.headers["x-video-start"]) <= best["at"]
        assert len(web.requests) > count
        count = len(web.requests)
        assert client.get(f"{best['video']}?mute").content == clip.content
        assert len(web.requests) == count  # cached
        key = sample.episodes[0].key
        assert client.get(f"/api/v1/episodes/{key}").json()["has_video"] is True


def test_stills_are_served_while_the_video_server_is_down(home: Path, picture: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        unreachable = f"http://127.0.0.1:{listener.getsockname()[1]}/videos"
    settings = AppSettings(home=home, video_root=unreachable)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = _best(client, picture)
        assert best["video"]
        started = time.monotonic()
        answer = client.get(f"{best['video']}?mute")
        assert answer.status_code == 404
        assert "does not answer" in answer.json()["error"]
        assert "127.0.0.1" not in answer.json()["error"]
        large = client.get(f"{best['image']}?size=l")
        assert large.headers["content-type"] in {"image/jpeg", "image/webp"}
        assert time.monotonic() - started < 15
        assert _best(client, picture)["video"] == ""


def test_video_missing_on_the_server_is_named(
    web: VideoServer, home: Path, sample: Sample, picture: bytes
) -> None:
    (web.folder / sample.episodes[0].path).unlink()
    settings = AppSettings(home=home, video_root=web.address)
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        best = _best(client, picture)
        answer = client.get(f"{best['video']}?size=s")
        assert answer.status_code == 404
        assert "not on the server of the videos" in answer.json()["error"]


def test_local_folder_has_priority_over_the_video_server(
    web: VideoServer, sample: Sample, tmp_path: Path
) -> None:
    first, other = sample.episodes
    local = tmp_path / "here"
    (local / first.path).parent.mkdir(parents=True)
    shutil.copyfile(sample.videos / first.path, local / first.path)
    remote = HttpVideoRoot(web.address)
    videos = VideoSources(local, remote)
    snapshot = Snapshot(sample.home / "snapshots" / str(read_latest_id(sample.home / "snapshots")))
    records = {record.path: record for record in snapshot.episodes}
    with videos.open_video(records[first.path]) as video:
        assert video == (local / first.path).resolve()
    assert videos.has_video(records[other.path])
    with videos.open_video(records[other.path]) as file:
        assert not isinstance(file, str | PathLike)
        with pytest.raises(VideoUnavailableError, match="not on the server"):
            file.read(1)
    outside = replace(records[first.path], path="../here/../../secret.mp4")
    assert not videos.has_video(outside)
    videos.close()


@pytest.mark.parametrize(
    "address",
    [
        "ftp://host/videos", "file:///etc", "host/videos", "http://", "https://host/?a=b",
        "https://host/#a", "https://user:hush@/videos", "http://host:99999/", "http://[::1/",
    ],
)  # fmt: skip
def test_invalid_address_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(AppSettingsError, match="WHENANIME_VIDEO_ROOT") as refused:
        load_settings({"WHENANIME_VIDEO_ROOT": address})
    assert "hush" not in str(refused.value)


def test_address_is_read_from_the_environment() -> None:
    settings = load_settings({"WHENANIME_VIDEO_ROOT": " https://example.org/我的 视频 "})
    assert settings.video_root == "https://example.org/我的 视频"
    assert load_settings({"WHENANIME_VIDEO_ROOT": ""}).video_root is None
    assert settings.model_copy(update={"video_root": None}) == load_settings({})


def _best(client: httpx.Client, picture: bytes) -> dict[str, Any]:
    answer = client.post("/search", files={"image": picture})
    assert answer.status_code == 200, answer.text
    best: dict[str, Any] = answer.json()["result"][0]
    return best


def _decode_clip(data: bytes) -> tuple[list[bytes], int]:
    """Return a clip's decoded pictures and its number of audio frames."""
    with av.open(BytesIO(data), "r") as clip:
        pictures = [frame.to_ndarray().tobytes() for frame in clip.decode(video=0)]
    with av.open(BytesIO(data), "r") as clip:
        return pictures, sum(1 for _ in clip.decode(audio=0)) if clip.streams.audio else 0
