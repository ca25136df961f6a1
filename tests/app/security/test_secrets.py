"""Secrets are never logged, at any log level.

A server process with all loggers at the lowest level receives requests on every route that takes a
key, a password or a signed link. None of these occurs in its output or in the files of its home.
"""

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import httpx

from app.page_caller import JOIN, PageCaller
from app.sample_home import Sample
from app.test_command import free_port, wait_for
from app.video_server import VideoServer, serve_videos
from whenanime_app.security.operator import OPERATOR_COOKIE

SIGNING = "signing-0b1c2d3e4f"
USER, PASSWORD = "operator-5a6b7c8d", "pass w/örd-9e0f1a2b"
SECRETS = (
    SIGNING,
    USER,
    PASSWORD,
    quote(PASSWORD, safe=""),
    base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
    *(KEY := "apikey-3c4d5e6f7a", HEADER := "traceky-8b9c0d1e2f", BEARER := "bearer-1f2e3d4c5b"),
    *(FETCHED := "fetched-6a5b4c3d2e", NAMED := "named-7f8e9d0c1b", COOKIE := "cookie-2b3a4c5d6e"),
    SIGNATURE := "storage-9c8b7a6f5e",
    OPERATOR := "operators-key-4d3c2b1a0f",
)
# All loggers at their lowest level, as an operator who debugs may set them. The command has no
# option for it.
VERBOSE_SERVER = """
import logging, sys, typer
from whenanime_app import server
from whenanime_app.__main__ import main
logging.basicConfig(level=1, stream=sys.stderr)
server.UVICORN_OPTIONS["log_level"] = "trace"
logging.getLogger("check").debug("every logger talks")
typer.run(main)
"""


@contextmanager
def run_verbose_server(home: Path, output: IO[str], videos: VideoServer) -> Iterator[str]:
    """Serve while the block runs; yields the base URL."""
    port = free_port()
    root = videos.address.replace("://", f"://{USER}:{quote(PASSWORD, safe='')}@")
    environment = {
        "WHENANIME_SECRET": SIGNING,
        "WHENANIME_OPERATOR_KEY": OPERATOR,
        "WHENANIME_VIDEO_ROOT": root,
        "WHENANIME_FETCH_NETWORKS": "127.0.0.0/8",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", VERBOSE_SERVER, "--home", str(home), "--port", str(port)],
        env=os.environ | environment,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.wait(30)
    finally:
        process.kill()
        process.wait()


def test_no_secret_is_in_the_output_or_the_files_of_the_server(
    sample: Sample, tmp_path: Path, picture: bytes, pictures: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample.home, home, ignore=shutil.ignore_patterns("app"))
    with (
        (tmp_path / "output").open("w+", encoding="utf-8") as output,
        serve_videos(sample.videos) as videos,
    ):
        videos.login, videos.redirects, videos.signature = (USER, PASSWORD), True, SIGNATURE
        headers = {
            "x-trace-key": HEADER,
            "authorization": f"Bearer {BEARER}",
            "cookie": f"session={COOKIE}",
        }
        with (
            run_verbose_server(home, output, videos) as url,
            httpx.Client(base_url=url, timeout=60, headers=headers) as client,
        ):
            tokens = _request_all_routes(client, picture, pictures, videos)
            _request_websocket(url, tokens[0])
        text = (tmp_path / "output").read_text(encoding="utf-8", errors="replace")
    # The loggers were at their lowest level, else the test proves nothing.
    assert "every logger talks" in text
    assert "Application startup complete" in text
    assert "the page received an invalid request: KeyError" in text
    assert "Unsupported upgrade" not in text
    assert len(tokens) >= 3
    secrets = (*SECRETS, *tokens)
    leaks = [line for line in text.splitlines() if any(secret in line for secret in secrets)]
    assert not leaks, "\n".join(line[:400] for line in leaks[:30])
    for file in home.rglob("*"):
        data = file.name.encode() + (file.read_bytes() if file.is_file() else b"")
        assert not any(secret.encode() in data for secret in secrets), file


def _request_all_routes(
    client: httpx.Client, picture: bytes, pictures: str, videos: VideoServer
) -> list[str]:
    """Send requests to all routes; return the tokens of the signed links received."""
    key = {"key": KEY}
    answer = client.post("/search", files={"image": picture}, params=key)
    best = answer.json()["result"][0]
    links = [best["image"], best["video"]]
    for link in links:
        assert client.get(link, params=key).status_code == 200
        assert client.get(f"{link}x", params=key).status_code == 403
    assert any(path.startswith("/storage") for path, _ in videos.requests)
    addresses = {
        f"{pictures}/shot.png?key={FETCHED}": 200,
        f"{pictures}/moved?key={FETCHED}": 200,
        f"{pictures}/none.png?key={FETCHED}": 404,
        pictures.replace("://", f"://{USER}:{NAMED}@") + f"/shot.png?key={FETCHED}": 400,
        f"http://{FETCHED}.invalid/shot.png": 400,
    }
    for address, code in addresses.items():
        params = key | {"url": address}
        assert client.get("/search", params=params).status_code == code
        assert client.post("/api/v1/search", params=params).status_code == code
    token = best["image"].rpartition("/")[2]
    paths = client.get("/openapi.json", params=key).json()["paths"]
    assert len(paths) > 8
    for path, methods in paths.items():
        url_path = re.sub(r"\{\w+\}", token, path)
        for method in methods:
            client.request(method, url_path, params=key | {"url": next(iter(addresses))})
    variables = {"query": "query($x: String){Media(search: $x){id}}", "variables": {"x": KEY}}
    client.post("/anilist", json=variables, params=key)
    client.get("/page/moment", params={"episode": token, "at": 1, **key})
    client.get(f"/nowhere/{token}", params=key)
    for entered, code in ((OPERATOR, 200), (f"{OPERATOR}x", 403)):
        answer = client.post("/api/v1/operator", json={"key": entered})
        assert answer.status_code == code
    session = client.cookies[OPERATOR_COOKIE]
    share = _search_on_the_page(client, addresses, picture)
    return [*(link.rpartition("/")[2] for link in links), session, share]


def _search_on_the_page(client: httpx.Client, addresses: dict[str, int], picture: bytes) -> str:
    share = ""
    for address, code in addresses.items():
        page = PageCaller(client)
        assert page.join("search", {"id": 1, "url": address}, {"key": KEY}).status_code == 200
        state = page.wait_for_state()
        assert state["state"] == ("results" if code == 200 else "error")
        share = share or state["items"][0]["share"]
    client.get("/", params={"r": share, "key": KEY})
    shared = PageCaller(client)
    assert shared.join("load", query={"r": share, "key": KEY}).status_code == 200
    assert shared.wait_for_state()["shared"] is True
    client.post("/gradio_api/upload", files={"files": ("shot.png", picture)}, params={"key": KEY})
    # Requests that no script of the page sends are logged, without their content.
    for wrong in (
        {"data": [KEY], "fn_index": KEY, "session_hash": share},
        {"data": [{"path": share, "meta": {"_type": "gradio.FileData"}}], "fn_index": 0,
         "session_hash": share, "event_data": {"url": share}},
        {"data": KEY, "fn_index": 99, "session_hash": share},
        {"data": [share], "fn_index": -99, "session_hash": share},
        {"data": [share], "fn_index": 1, "trigger_id": share, "session_hash": {"x": share}},
    ):  # fmt: skip
        client.post(JOIN, json=wrong, params={"key": KEY, "r": share})
        client.post(
            "/gradio_api/component_server",
            json=wrong | {"component_id": 1, "fn_name": share},
            params={"key": KEY},
        )
        client.post("/gradio_api/cancel", json=wrong, params={"key": KEY})
    for path in (f"heartbeat/{share}%0A{KEY}", "queue/data", f"queue/data/{share}", "reset"):
        with client.stream("GET", f"/gradio_api/{path}", params={"session_hash": share}):
            pass
    return str(share)


def _request_websocket(url: str, token: str) -> None:
    """Request an upgrade to a web socket, which the server does not support."""
    host, _, port = url.removeprefix("http://").partition(":")
    request = (
        f"GET /search?key={KEY}&r={token} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Trace-Key: {HEADER}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 4")


def test_invalid_video_root_is_refused_without_showing_it(tmp_path: Path) -> None:
    root = f"ftp://{USER}:{NAMED}@host/videos"
    ended = subprocess.run(
        [sys.executable, "-m", "whenanime_app", "--home", str(tmp_path)],
        env=os.environ | {"WHENANIME_VIDEO_ROOT": root},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "WHENANIME_VIDEO_ROOT" in ended.stderr
    assert NAMED not in ended.stdout + ended.stderr
