"""One sample library, filmed and indexed once, for all tests of the app."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from filming import again, film, look, name_chapters, new_workspace, video, work

from app.sample_home import Sample, episodes_of, png
from app.served import served
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.sample.library import make_sample_library

SHOW_NFO = """<tvshow><title>Show</title>
<actor><name>A. Voice</name><role>Mio &lt;b&gt; (voice)</role></actor>
<actor><role>小春</role></actor></tvshow>"""


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Sample:
    videos = tmp_path_factory.mktemp("videos")
    home = tmp_path_factory.mktemp("home")
    truth = make_sample_library(videos, size=(320, 180), episodes=1)
    filmed = Sample(videos, home, small_model, truth, episodes_of(truth, videos))
    filmed.index(home, filmed.episodes)
    return filmed


@pytest.fixture(scope="session")
def url(sample: Sample) -> Iterator[str]:
    with served(AppSettings(home=sample.home, videos=sample.videos)) as address:
        yield address


@pytest.fixture(scope="session")
def themed(tmp_path_factory: pytest.TempPathFactory) -> AppSettings:
    """Settings for two episodes, the first with themes in its chapters, and an NFO with a cast."""
    workspace = new_workspace(tmp_path_factory.mktemp("themed"))
    for number in (1, 2):
        film(video(workspace, number), seed=number, seconds=12)
    parts = [(0.0, 1.0, "Prologue"), (1.0, 4.0, "OP <1>"), (4.0, 9.0, "A"), (9.0, 12.0, "片尾曲")]
    name_chapters(video(workspace, 1), parts)
    (workspace.videos / "tvshow.nfo").write_text(SHOW_NFO, encoding="utf-8")
    # Without Dagster, whose loop would be in the way of the browser's.
    look(workspace)
    work(workspace, 1, 2)
    assert again(workspace).publish()[1]
    return AppSettings(home=workspace.home.root, videos=workspace.videos)


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as connection:
        yield connection


@pytest.fixture(scope="session")
def picture(sample: Sample) -> bytes:
    return png(sample.frame())


class _Pictures(BaseHTTPRequestHandler):
    picture = b""

    def do_GET(self) -> None:
        path, mark, query = self.path.partition("?")
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", f"/shot.png{mark}{query}")
            self.end_headers()
            return
        found = path == "/shot.png"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(self.picture if found else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        pass


@pytest.fixture
def pictures(picture: bytes) -> Iterator[str]:
    """The address of a site that has the picture as `/shot.png`, moved from `/moved`."""
    handler = type("Handler", (_Pictures,), {"picture": picture})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
