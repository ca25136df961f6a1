"""A home of an earlier build is indexed again: keys move, and nothing is computed again."""

import json
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from app.live_server import run_server
from sample_videos import index, make_dagster_home

from whenanime_app.links.share_links import ShareLinkSigner, restore_scene
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.search import episode_indexing
from whenanime_pipeline.core.search.snapshot import hnsw_build
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id, read_manifest
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.workspace import Workspace

HOME = Path(__file__).parent / "9498fdc.tar.xz"
MADE = 1_796_016_230.0
OLD_SERIES = "Deng-0123abcd"
"""How that build would have spelled the series 灯 in keys."""


@pytest.fixture
def older(tmp_path: Path) -> Workspace:
    with tarfile.open(HOME) as archive:
        archive.extractall(tmp_path, filter="data")
    make_dagster_home(tmp_path / "home/dagster")
    return Workspace(Home(tmp_path / "home"), tmp_path / "videos")


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is decoded, embedded, described and built; all of it is really done."""
    counts: Counter[str] = Counter()

    def count(module: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(module, name)

        def counted(*args: Any, **options: Any) -> Any:
            counts[name] += 1
            return real(*args, **options)

        monkeypatch.setattr(module, name, counted)

    for name in ("extract_frames", "extract_embeddings", "extract_local_features"):
        count(episode_indexing, name)
    count(hnsw_build, "_build_graph")
    count(hnsw_build, "_add_contents")
    return counts


def rename_series(workspace: Workspace) -> None:
    """Rename the folder of the series on the disk."""
    (workspace.videos_folder / "Lantern").rename(workspace.videos_folder / "灯 (2026)")


def write_old_keys(workspace: Workspace) -> None:
    """Have the catalogue as that build would have written it for a series called 灯."""
    (workspace.videos_folder / "Lantern").rename(workspace.videos_folder / "灯")
    path = workspace.home.catalogue_file
    document = json.loads(path.read_bytes())
    for episode in document["catalogue"]["episodes"]:
        episode["key"] = episode["key"].replace("Lantern", OLD_SERIES)
        episode["path"] = episode["path"].replace("Lantern/", "灯/")
        episode["name"]["series"] = "灯"
    path.write_text(json.dumps(document), encoding="utf-8")


def read_published(workspace: Workspace) -> Path:
    latest = read_latest_id(workspace.home.snapshots)
    assert latest
    return workspace.home.snapshots / latest


@pytest.mark.parametrize(
    ("change", "series", "former"),
    [
        (None, "Lantern", None),
        (rename_series, "灯 (2026)", "Lantern"),
        (write_old_keys, "灯", OLD_SERIES),
    ],
    ids=["as it was", "renamed", "old spelling"],
)
def test_nothing_is_computed_again(
    older: Workspace,
    work: Counter[str],
    change: Callable[[Workspace], None] | None,
    series: str,
    former: str | None,
) -> None:
    before = read_published(older)
    contents = read_manifest(before).contents
    if change:
        change(older)
    outcome = index(older)
    assert work == {}
    assert outcome.indexed == 0
    after = read_published(older)
    assert read_manifest(after).contents == contents
    assert (after / "index.hnsw").samefile(before / "index.hnsw")
    rows = Snapshot(after).episodes
    assert [row.key for row in rows] == [f"{series}/S01E01", f"{series}/S01E02"]
    expected = [] if former is None else [f"{former}/S01E01", f"{former}/S01E02"]
    assert [key for row in rows for key in row.former_keys] == expected


def test_addresses_and_links_of_former_keys_lead_to_the_episode(older: Workspace) -> None:
    recorded = json.loads((older.home.root.parent / "answers.json").read_text(encoding="utf-8"))
    rename_series(older)
    index(older)
    settings = AppSettings(home=older.home.root, videos=older.videos_folder)
    now = "/api/v1/episodes/" + quote("灯 (2026)") + "/S01E01"
    with run_server(settings) as url, httpx.Client(base_url=url, timeout=60) as client:
        answer = client.get("/api/v1/episodes/Lantern/S01E01")
        assert answer.status_code == 307
        assert not answer.headers["location"].startswith(("/", "http"))
        assert client.head("/api/v1/episodes/Lantern/S01E01").status_code == 307
        answer = client.get("/api/v1/episodes/Lantern/S01E01", follow_redirects=True)
        assert answer.url.raw_path.decode() == now.replace("(", "%28").replace(")", "%29")
        assert answer.json()["key"] == "灯 (2026)/S01E01"
        encoded = client.get("/api/v1/episodes/Lantern%2FS01E01", follow_redirects=True)
        assert encoded.json() == answer.json()
        frame = client.get("/api/v1/episodes/Lantern/S01E01/frame?at=1.5", follow_redirects=True)
        assert frame.headers["content-type"].startswith("image/")
        assert frame.url.params["at"] == "1.5"
        assert client.get("/api/v1/episodes/Lantern/S01E09").status_code == 404
    key = (older.home.root / "app/secret").read_text(encoding="utf-8").strip()
    shared = ShareLinkSigner(key, now=lambda: MADE).read(recorded["page"]["share"])
    scene = restore_scene(shared, Snapshot(read_published(older)))
    assert scene.episode.key == "灯 (2026)/S01E01"
    assert shared.key in scene.episode.former_keys


def test_earlier_readers_find_what_they_read(older: Workspace) -> None:
    """Names of the fields that other programs read from the catalogue."""
    before = json.loads(older.home.catalogue_file.read_bytes())["catalogue"]["episodes"]
    index(older)
    after = json.loads(older.home.catalogue_file.read_bytes())["catalogue"]["episodes"]
    for old, new in zip(before, after, strict=True):
        assert old["path"] == new["path"]
        assert old["name"].items() <= new["name"].items()
    assert load_catalogue(older.home.catalogue_file).former_keys == {}


def test_snapshot_of_the_earlier_build_opens(older: Workspace) -> None:
    assert [row.former_keys for row in Snapshot(read_published(older)).episodes] == [(), ()]


def test_damaged_dagster_home_is_no_obstacle(older: Workspace, work: Counter[str]) -> None:
    """The history is gone, and the home knows by itself what is done."""
    shutil.rmtree(older.home.dagster)
    write_old_keys(older)
    index(older)
    assert work == {}
