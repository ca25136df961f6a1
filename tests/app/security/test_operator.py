"""Only the operator changes anything: by the key, the cookie, or the machine without a proxy."""

import ipaddress
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.live_server import run_server
from whenanime_app.hosted import load_hosted_settings
from whenanime_app.security.operator import OPERATOR_COOKIE, OperatorAccess
from whenanime_app.settings import AppSettings, AppSettingsError, load_settings
from whenanime_pipeline.commands.doctor import diagnose
from whenanime_pipeline.core.home import Home

KEY = "a key of the operator's own"
PUBLIC = "https://anime.example.org"
WORD = {"template": "T1", "never_skip": True}
READING = {"/search", "/anilist", "/api/v1/search", "/api/v1/search/batch"}
"""Routes that take a body and change nothing."""


@contextmanager
def connect(settings: AppSettings, **changes: Any) -> Iterator[httpx.Client]:
    """Serve a home with some settings changed, and connect from this machine."""
    given = {"home": settings.home, "videos": settings.videos} | changes
    with run_server(AppSettings(**given)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client
    Home(settings.home).theme_labels_file.unlink(missing_ok=True)


def address(client: httpx.Client) -> str:
    (first, *_) = client.get("/api/v1/series/Show").json()["episodes"]
    return f"/api/v1/episodes/{quote(first['key'])}/themes"


def change(client: httpx.Client, **headers: str) -> int:
    """Send a change; return the status code, which must tell whether anything was changed."""
    path = address(client)
    client.post(path, json=WORD | {"never_skip": False}, headers={"Authorization": f"Bearer {KEY}"})
    before = client.get(path).json()
    answer = client.post(path, json=WORD, headers=headers)
    after = client.get(path).json()
    assert (after != before) == (answer.status_code == 200), answer.text
    return answer.status_code


def test_the_machine_itself_needs_no_key(found_themes: AppSettings) -> None:
    with connect(found_themes) as client:
        own = str(client.base_url).rstrip("/")
        assert client.get("/api/v1/operator").json() == {
            "operator": True,
            "has_key": True,
            "has_session": False,
        }
        assert change(client) == 200
        assert change(client, Origin=own, **{"Sec-Fetch-Site": "same-origin"}) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},  # another server of this machine
        {"Origin": "http://localhost"},
        {"Origin": "file://"},
        {"Origin": "http://[::1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},  # a name that leads here
        {"Host": "evil.example:7860", "Origin": "http://evil.example:7860"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.0.2.7"},
        {"Host": ""},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
        {"X-Real-IP": "127.0.0.1"},
    ],
)
def test_a_page_of_another_site_or_a_forwarded_client_changes_nothing(
    found_themes: AppSettings, headers: dict[str, str]
) -> None:
    with connect(found_themes) as client:
        assert change(client, **headers) == 403


def test_a_form_of_another_site_changes_nothing(found_themes: AppSettings) -> None:
    with connect(found_themes) as client:
        path = address(client)
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            headers = {"Content-Type": kind, "Origin": "https://evil.example"}
            answer = client.post(
                path, content=b'{"template":"T1","never_skip":true}', headers=headers
            )
            assert answer.status_code in (400, 403)
        assert not Home(found_themes.home).theme_labels_file.exists()


def test_an_untrusted_client_becomes_the_operator_by_the_key(found_themes: AppSettings) -> None:
    with connect(found_themes, operator_key=KEY, public_url=PUBLIC) as client:
        # A proxy of this machine passes the public name on.
        client.headers.update({"Host": "anime.example.org"})
        own = {"Origin": PUBLIC}
        assert change(client) == 403
        said = client.get("/api/v1/operator").json()
        assert said == {"operator": False, "has_key": True, "has_session": False}
        for wrong in ("", "a key", KEY + "!", "é" * 20):
            answer = client.post("/api/v1/operator", json={"key": wrong}, headers=own)
            assert (answer.status_code, answer.cookies.get(OPERATOR_COOKIE)) == (403, None)
        foreign = {"Origin": "https://evil.example"}
        assert (
            client.post("/api/v1/operator", json={"key": KEY}, headers=foreign).status_code == 403
        )
        answer = client.post("/api/v1/operator", json={"key": KEY}, headers=own)
        assert answer.status_code == 200
        (cookie,) = answer.headers.get_list("set-cookie")
        assert {"HttpOnly", "SameSite=strict", "Secure", "Path=/"} <= set(cookie.split("; "))
        assert KEY not in cookie
        token = {"Cookie": cookie.partition(";")[0]}
        assert change(client, **own, **token) == 200
        assert client.get("/api/v1/operator", headers=token).json()["has_session"]
        assert change(client, **foreign, **token) == 403
        assert change(client, **{"Sec-Fetch-Site": "cross-site"}, **token) == 403
        forged = {"Cookie": token["Cookie"][:-3] + "AAA"}
        assert change(client, **own, **forged) == 403
        assert change(client, Authorization=f"Bearer {KEY}") == 200
        assert change(client, Authorization=f"Bearer {KEY}x") == 403
        out = client.delete("/api/v1/operator", headers=own | token)
        assert 'whenanime-operator=""' in out.headers["set-cookie"]


def test_another_key_ends_all_sessions() -> None:
    def ask(access: OperatorAccess, token: str) -> bool:
        return access._is_session(token)

    first = OperatorAccess(KEY, trusts_machine=False)
    assert first._signer is not None
    token = first._signer.sign([])
    assert ask(first, token)
    assert ask(OperatorAccess(KEY, trusts_machine=False), token)
    assert not ask(OperatorAccess(KEY + "2", trusts_machine=False), token)
    assert not ask(OperatorAccess(None, trusts_machine=False), token)
    late = OperatorAccess(KEY, trusts_machine=False, now=lambda: 4e9)
    assert not ask(late, token)


@pytest.mark.parametrize(
    "settings",
    [
        {"public_url": PUBLIC},
        {"trusted_proxies": (ipaddress.ip_network("127.0.0.0/8"),)},
        {"trusted_proxies": ()},
        {"is_exported": True},
    ],
)
def test_behind_a_proxy_the_machine_is_nobody(
    found_themes: AppSettings, settings: dict[str, Any]
) -> None:
    """A proxy of this machine that forwards no headers makes everybody a client of this machine."""
    with connect(found_themes, **settings) as client:
        assert change(client) == 403
        assert not client.get("/api/v1/operator").json()["operator"]


def test_a_proxy_may_pass_its_own_name_for_the_public_one(found_themes: AppSettings) -> None:
    with connect(found_themes, operator_key=KEY, public_url=PUBLIC) as client:
        by_key = {"Authorization": f"Bearer {KEY}"}
        assert change(client, Origin=PUBLIC, **by_key) == 200  # Host is the loopback's
        assert change(client, Origin="http://anime.example.org", **by_key) == 403


def test_an_exported_page_takes_no_changes_unless_a_key_is_set(
    found_themes: AppSettings, tmp_path: Path
) -> None:
    settings, _ = load_hosted_settings(tmp_path, {"WHENANIME_HOME": str(found_themes.home)})
    assert settings.is_exported
    with connect(found_themes, is_exported=True) as client:
        said = client.get("/api/v1/operator").json()
        assert (said["operator"], said["has_key"]) == (False, False)
        assert client.post("/api/v1/operator", json={"key": ""}).status_code == 403
        assert change(client, Authorization="Bearer None") == 403
    hosted, _ = load_hosted_settings(tmp_path, {"WHENANIME_OPERATOR_KEY": KEY})
    assert hosted.operator_key == KEY
    with connect(found_themes, is_exported=True, operator_key=KEY) as client:
        assert change(client, Authorization=f"Bearer {KEY}") == 200


def test_the_key_is_made_in_the_home_and_shown_by_doctor(found_themes: AppSettings) -> None:
    home = Home(found_themes.home)
    home.operator_key_file.unlink(missing_ok=True)

    def find() -> str:
        found = diagnose(home, found_themes.videos, default=Path("videos"))
        return next(one.message for one in found if one.subject == "operator")

    assert "when the page is served" in find()
    with connect(found_themes, public_url=PUBLIC) as client:
        key = home.operator_key_file.read_text()
        assert stat.S_IMODE(home.operator_key_file.stat().st_mode) == 0o600
        assert len(key) >= 32
        assert key in find()
        assert change(client, Authorization=f"Bearer {key}") == 200


def test_a_short_key_is_refused() -> None:
    assert load_settings({"WHENANIME_OPERATOR_KEY": KEY}).operator_key == KEY
    with pytest.raises(AppSettingsError, match="WHENANIME_OPERATOR_KEY") as caught:
        load_settings({"WHENANIME_OPERATOR_KEY": "swordfish"})
    assert "swordfish" not in str(caught.value)


def test_every_route_that_changes_something_is_guarded(found_themes: AppSettings) -> None:
    with connect(found_themes, public_url=PUBLIC) as client:
        key = address(client).removeprefix("/api/v1/episodes/").removesuffix("/themes")
        paths = client.get("/openapi.json").json()["paths"]
        changing = {
            (method, path)
            for path, operations in paths.items()
            for method in operations.keys() - {"get", "head"}
            if path not in READING
        }
        assert len(changing) == 5
        for method, path in changing:
            url = path.replace("{key}", key)
            for headers in ({}, {"Origin": "https://evil.example"}):
                answer = client.request(method, url, json={"key": "wrong"}, headers=headers)
                signs_out = method == "delete" and path == "/api/v1/operator" and not headers
                assert answer.status_code == (200 if signs_out else 403), (method, path)
