"""Previews from videos over real TLS, with the tests' own certificate authority."""

import logging
import shutil
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from app.live_server import run_server
from app.sample_home import Sample
from app.video_server import VideoServer, serve_videos
from whenanime_app.previews.http_video import HttpVideoRoot, VideoUnavailableError
from whenanime_app.settings import AppSettings

HOST = "127.0.0.1"
USER, PASSWORD = "operator", "h4sh-of-9d8c"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the server trust the authority."""
    with authority.cert_pem.tempfile() as file:
        monkeypatch.setenv("SSL_CERT_FILE", file)
        yield


def serving(
    folder: Path, authority: trustme.CA, name: str = HOST, **options: Any
) -> AbstractContextManager[VideoServer]:
    """Return a server with a certificate issued by the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, **options).configure_cert(context)
    return serve_videos(folder, context)


@pytest.mark.usefixtures("trusted")
def test_previews_are_cut_over_tls(
    authority: trustme.CA, sample: Sample, tmp_path: Path, picture: bytes
) -> None:
    home = shutil.copytree(sample.home, tmp_path / "home", ignore=shutil.ignore_patterns("app"))
    with serving(sample.videos, authority) as web:
        assert web.address.startswith("https://")
        web.login, web.redirects = (USER, PASSWORD), True
        root = web.address.replace("://", f"://{USER}:{PASSWORD}@")
        settings = AppSettings(home=Path(home), video_root=root)
        with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
            best = client.post("/search", files={"image": picture}).json()["result"][0]
            clip = client.get(f"{best['video']}?mute")
            assert clip.headers["content-type"] == "video/mp4"
            assert float(clip.headers["x-video-start"]) <= best["at"]
        assert any(path.startswith("/storage") for path, _ in web.requests)
        # Handshakes are expensive: connections are reused.
        assert len(web.sockets) < len(web.requests)


def test_unknown_authority_is_reported_and_stills_are_served(
    authority: trustme.CA, sample: Sample, tmp_path: Path, picture: bytes
) -> None:
    home = shutil.copytree(sample.home, tmp_path / "home", ignore=shutil.ignore_patterns("app"))
    with serving(sample.videos, authority) as web:
        root = web.address.replace("://", f"://{USER}:{PASSWORD}@")
        settings = AppSettings(home=Path(home), video_root=root)
        with run_server(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
            best = client.post("/search", files={"image": picture}).json()["result"][0]
            answer = client.get(f"{best['video']}?mute")
            assert answer.status_code == 404
            assert answer.json()["error"] == (
                "the certificate of the server of the videos is not trusted"
            )
            assert client.get(f"{best['image']}?size=l").status_code == 200
        # Neither a path nor a password was sent to the untrusted server.
        assert web.requests == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("elsewhere.example", {}, "mismatch"),
        (HOST, {"not_after": datetime.now(UTC) - timedelta(days=1)}, "expired"),
    ],
)
def test_mismatched_or_expired_certificate_is_refused(
    authority: trustme.CA,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    options: dict[str, Any],
    reason: str,
) -> None:
    with serving(tmp_path, authority, name, **options) as web:
        _assert_refused(web, caplog, reason)


def test_log_names_the_certificate_error_and_its_remedy(
    authority: trustme.CA, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path, authority) as web:
        _assert_refused(web, caplog, "unable to get local issuer certificate")
    assert "SSL_CERT_FILE" in caplog.text


def test_server_without_tls_is_not_a_certificate_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serve_videos(tmp_path) as web:
        remote = HttpVideoRoot(web.address.replace("http://", "https://"))
        with (
            remote.open("a.mp4") as file,
            pytest.raises(VideoUnavailableError, match="does not answer"),
        ):
            file.read(1)
        remote.close()
    assert "certificate" not in caplog.text


def _assert_refused(web: VideoServer, caplog: pytest.LogCaptureFixture, reason: str) -> None:
    caplog.set_level(logging.WARNING)
    remote = HttpVideoRoot(web.address.replace("://", f"://{USER}:{PASSWORD}@"))
    with (
        remote.open("a.mp4") as file,
        pytest.raises(VideoUnavailableError, match="not trusted") as refused,
    ):
        file.read(1)
    assert not remote.may_have("a.mp4")  # until the retry delay
    remote.close()
    assert web.requests == []
    assert web.host not in str(refused.value)
    assert reason in caplog.text
    assert PASSWORD not in caplog.text
