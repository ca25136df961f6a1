"""Fixtures of the app's tests: one generated sample library, indexed once."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from run_folder import copy_once
from sample_videos import (
    copy_drawn_library,
    episode_path,
    new_workspace,
    process_episodes,
    reopen,
    scan_videos,
    set_chapters,
    write_film,
)
from theme_seasons import make_season, make_segment, store_season

from app.live_server import run_server
from app.sample_home import Sample, catalogue_entries, encode_png
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.sample_library import read_truth
from whenanime_pipeline.core.themes.season_groups import group_seasons
from whenanime_pipeline.core.workspace import Workspace

SHOW_NFO = """<tvshow><title>Show</title><genre>Slice of Life / Comedy</genre>
<tag>Ｓｃｈｏｏｌ</tag><alternatetitle>The Show</alternatetitle><tvdbid>6</tvdbid>
<namedseason number="1">First Light</namedseason>
<actor><name>A. Voice</name><role>Mio &lt;b&gt; (voice)</role></actor>
<actor><role>小春</role></actor></tvshow>"""
EPISODE_NFO = """<episodedetails><title>Sun & Moon</title><aired>2026-01-09</aired>
<genre>Mystery</genre><genre>comedy</genre><tag>Rivals</tag>
<actor><name>A. Voice</name><role>mio &lt;b&gt;</role></actor>
<actor><name>G. Star</name><role>Aki</role><type>GuestStar</type></actor>
<actor><name>N. Body</name><role>Chief</role><type>Director</type></actor>
</episodedetails>"""


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Sample:
    """The generated library with its index; made once a run and copied for each process."""

    def make(folder: Path) -> None:
        videos = folder / "videos"
        truth = copy_drawn_library(videos)
        episodes = catalogue_entries(truth, videos)
        Sample(videos, folder / "home", small_model, truth, episodes).index(
            folder / "home", episodes
        )

    folder = copy_once("indexed-sample", make, tmp_path_factory.mktemp("sample") / "copy")
    truth = read_truth(folder / "videos")
    assert truth
    episodes = catalogue_entries(truth, folder / "videos")
    return Sample(folder / "videos", folder / "home", small_model, truth, episodes)


@pytest.fixture(scope="session")
def url(sample: Sample) -> Iterator[str]:
    with run_server(AppSettings(home=sample.home, videos=sample.videos)) as address:
        yield address


@pytest.fixture(scope="session")
def themed(tmp_path_factory: pytest.TempPathFactory) -> AppSettings:
    """Settings for two episodes, the first with themes in its chapters, and their NFO files."""
    workspace = new_workspace(tmp_path_factory.mktemp("themed"))
    for number in (1, 2):
        write_film(episode_path(workspace, number), seed=number, seconds=12)
    parts = [(0.0, 1.0, "Prologue"), (1.0, 4.0, "OP <1>"), (4.0, 9.0, "A"), (9.0, 12.0, "片尾曲")]
    set_chapters(episode_path(workspace, 1), parts)
    (workspace.videos_folder / "tvshow.nfo").write_text(SHOW_NFO, encoding="utf-8")
    episode_path(workspace, 2).with_suffix(".nfo").write_text(EPISODE_NFO, encoding="utf-8")
    # Without Dagster, whose event loop would conflict with the browser's.
    scan_videos(workspace)
    process_episodes(workspace, 1, 2)
    assert reopen(workspace).publish_snapshot()[1]
    return AppSettings(home=workspace.home.root, videos=workspace.videos_folder)


@pytest.fixture(scope="module")
def found_themes(themed: AppSettings, tmp_path_factory: pytest.TempPathFactory) -> AppSettings:
    """A copy of the same home, in which themes were found; a module's own, as words change it."""
    home = tmp_path_factory.mktemp("found") / "home"
    shutil.copytree(themed.home, home)
    assert themed.videos is not None
    workspace = Workspace(Home(home), themed.videos)
    (season,) = group_seasons(workspace.load_catalogue())
    first, second = (episode.fingerprint for episode in season.episodes)
    themes = make_season(
        {
            first: (
                make_segment("opening", 1.25, 4.25, template="T1", is_first=True),
                make_segment("repeated", 5.0, 6.5, template="T3", confidence="possible"),
            ),
            second: (
                make_segment("opening", 0.0, 3.0, template="T1"),
                make_segment("preview", 10.0, 12.0, confidence="likely"),
            ),
        }
    )
    store_season(workspace, themes)
    assert workspace.publish_snapshot()[1]
    return AppSettings(home=home, videos=themed.videos)


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as connection:
        yield connection


@pytest.fixture(scope="session")
def picture(sample: Sample) -> bytes:
    return encode_png(sample.frame())


class _Pictures(BaseHTTPRequestHandler):
    picture = b""

    def do_GET(self) -> None:
        path, mark, query = self.path.partition("?")
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", f"/shot.png{mark}{query}")
            self.end_headers()
            return
        exists = path == "/shot.png"
        self.send_response(200 if exists else 404)
        self.end_headers()
        self.wfile.write(self.picture if exists else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        pass


@pytest.fixture
def pictures(picture: bytes) -> Iterator[str]:
    """The URL of a site with the picture at `/shot.png` and a redirect to it at `/moved`."""
    handler = type("Handler", (_Pictures,), {"picture": picture})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
