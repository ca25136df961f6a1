"""The server as a whole: status, access of other sites, unexpected errors, closed paths."""

import asyncio
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from whenanime_app.server import create_app
from whenanime_app.settings import AppSettings


def test_me_and_status(client: httpx.Client) -> None:
    me = client.get("/me").json()
    assert set(me) == {"id", "priority", "concurrency", "quota", "quotaUsed"}
    status = client.get("/status").json()
    assert status["ready"]
    assert status["problem"] is None
    assert (status["series"], status["episodes"]) == (2, 2)
    assert status["frames"] > 100


def test_unexpected_error_is_readable_by_other_sites(tmp_path: Path) -> None:
    app = create_app(AppSettings(home=tmp_path))

    def fail(_: Request) -> Response:
        return Response((tmp_path / "missing").read_bytes())

    app.router.routes.insert(0, Route("/api/accident", fail))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/api/accident")

    answer = asyncio.run(get())
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert set(answer.json()) == {"error"}
    assert str(tmp_path) not in answer.text


def test_other_sites_can_read_the_api_only(client: httpx.Client) -> None:
    other_site = {"origin": "https://elsewhere.example"}
    assert client.get("/status", headers=other_site).headers["access-control-allow-origin"] == "*"
    preflight = other_site | {"access-control-request-method": "POST"}
    assert client.options("/search", headers=preflight).headers["access-control-allow-methods"]
    for path in ("/", "/config", "/gradio_api/info"):
        answer = client.get(path, headers=other_site)
        assert answer.headers.get("access-control-allow-origin") != "*"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/file=http://127.0.0.1/",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/call/search",
        "/gradio_api/run/predict",
        "/gradio_api/stream/x",
        "/gradio_api/process_recording",
        "/gradio_api/vibe-edit",
        "/gradio_api/custom_component/x/server/y/z",
        "/monitoring",
        "/redoc",
    ],
)
def test_unused_gradio_paths_are_closed(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in {403, 404}


def test_responses_carry_security_headers(client: httpx.Client) -> None:
    page, api = client.get("/").headers, client.get("/status").headers
    for headers in (page, api, client.get("/nowhere").headers, client.get("/me/x").headers):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "server" not in headers
        assert "strict-transport-security" not in headers
    rules = dict(rule.strip().split(" ", 1) for rule in page["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert not any("http" in rule or "*" in rule for rule in rules.values())
    assert api["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_page_has_its_own_icon(client: httpx.Client) -> None:
    assert client.get("/").status_code == 200
    icon = Image.open(BytesIO(client.get("/favicon.ico").content))
    assert (icon.format, icon.size) == ("PNG", (64, 64))
