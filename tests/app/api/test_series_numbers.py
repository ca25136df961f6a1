"""Series without a number on AniList, over a real server: clients of trace.moe get one of ours."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PicImageSearch import TraceMoe
from pydantic import BaseModel, Field
from sample_videos import (
    draw_shots,
    new_workspace,
    process_episodes,
    published_folder,
    reopen,
    scan_videos,
    write_film,
)

from app.live_server import run_server
from app.sample_home import encode_png
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.workspace import Workspace

SHOW, OTHER = "Show (2010)/Season 01/Show - S01E01.mp4", "星空邮局/星空邮局 - 02.mp4"
NFO = '<tvshow><title>Show</title><uniqueid type="anilist">21034</uniqueid></tvshow>'
MEDIA = "{Media(id:%d){id siteUrl title{native romaji userPreferred}}}"


class ClientTitle(BaseModel):
    """Titles, as aiotracemoeapi and aiomoe document them."""

    native: str | None
    romaji: str | None
    english: str | None


class ClientSeries(BaseModel):
    """A series, as they document `anilistInfo`."""

    id: int
    idMal: int | None  # noqa: N815  (the name in the answer)
    title: ClientTitle
    synonyms: list[str]
    isAdult: bool  # noqa: N815


class ClientScene(BaseModel):
    """A result, as they document it: every field is there, and `anilist` is never null."""

    anilist: int | ClientSeries
    filename: str
    episode: int | float | str | list[int | float | str] | None
    begin: float = Field(alias="from")
    to: float
    similarity: float
    video: str
    image: str


class ClientAnswer(BaseModel):
    """An answer of `/search`."""

    frameCount: int  # noqa: N815
    error: str
    result: list[ClientScene]


def publish(workspace: Workspace) -> None:
    """Index what is new, as `whenanime index` does."""
    scan_videos(reopen(workspace))
    process_episodes(workspace, 1, 2)
    assert reopen(workspace).publish_snapshot()[1]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two series without NFO files."""
    workspace = new_workspace(tmp_path_factory.mktemp("library"))
    for seed, path in ((1, SHOW), (2, OTHER)):
        write_film(workspace.videos_folder / path, seed=seed)
    publish(workspace)
    return workspace


def serve(workspace: Workspace) -> AppSettings:
    return AppSettings(home=workspace.home.root, videos=workspace.videos_folder)


@pytest.fixture(scope="module")
def url(library: Workspace) -> Iterator[str]:
    with run_server(serve(library)) as address:
        yield address


@pytest.fixture(scope="module")
def shot() -> bytes:
    """A picture of `Show`."""
    return encode_png(draw_shots(1, 6)[2])


def search(url: str, picture: bytes, path: str = "/search") -> list[dict[str, Any]]:
    reply = httpx.post(f"{url}{path}", files={"image": picture}, timeout=30)
    results: list[dict[str, Any]] = reply.raise_for_status().json()["result"]
    return results


def look_up(url: str, number: int) -> dict[str, Any]:
    reply = httpx.get(f"{url}/anilist", params={"query": MEDIA % number}, timeout=30)
    media: dict[str, Any] = reply.raise_for_status().json()["data"]["Media"]
    return media


@pytest.mark.parametrize("path", ["/search", "/search?anilistInfo", "/search?anilistInfo=1"])
def test_typed_clients_read_every_answer(url: str, shot: bytes, path: str) -> None:
    reply = httpx.post(f"{url}{path}", files={"image": shot}, timeout=30)
    answer = ClientAnswer.model_validate_json(reply.content, strict=True)
    best = answer.result[0]
    if "Info" not in path:
        assert isinstance(best.anilist, int)
        assert 10**9 <= best.anilist < 2**31
    else:
        assert isinstance(best.anilist, ClientSeries)
        assert best.anilist.id == search(url, shot)[0]["anilist"]
        assert best.anilist.title == ClientTitle(native="Show", romaji="Show", english=None)


def test_the_number_is_searched_looked_up_and_listed(url: str, shot: bytes) -> None:
    best = search(url, shot)[0]
    number = best["anilist"]
    assert best["filename"] == Path(SHOW).name
    for path in ("/search", "/api/v1/search"):
        alone = search(url, shot, f"{path}?anilistID={number}")
        assert {result["series"] for result in alone} == {"Show"}
        assert search(url, shot, f"{path}?anilistID={number + 1}") == []
    titles = {"native": "Show", "romaji": "Show", "userPreferred": "Show"}
    assert look_up(url, number) == {"id": number, "siteUrl": None, "title": titles}
    # Our own API tells that AniList's number is not known.
    detailed = search(url, shot, "/api/v1/search")[0]
    assert (detailed["anilist"], detailed["seriesNumber"]) == (None, number)
    listed = httpx.get(f"{url}/api/v1/library", timeout=30).json()["series"]
    known = {series["name"]: (series["anilist"], series["seriesNumber"]) for series in listed}
    assert known["Show"] == (None, number)
    assert known["星空邮局"][0] is None
    assert known["星空邮局"][1] != number


def test_pic_image_search_prints_a_title(url: str, shot: bytes) -> None:
    found = asyncio.run(TraceMoe(base_url=url, base_url_api=url).search(file=shot))
    assert (found.raw[0].title_native, found.raw[0].title_romaji) == ("Show", "Show")
    assert found.raw[0].anilist == search(url, shot)[0]["anilist"]


def test_the_number_outlives_a_rename_and_finds_the_series_by_its_later_anilist_id(
    library: Workspace, tmp_path: Path, url: str, shot: bytes
) -> None:
    number = search(url, shot)[0]["anilist"]
    shutil.copytree(library.home.root, tmp_path / "home")
    shutil.copytree(library.videos_folder, tmp_path / "videos")
    workspace = Workspace(Home(tmp_path / "home"), tmp_path / "videos")
    frames = {path: path.stat().st_mtime_ns for path in workspace.home.root.rglob("*.arrow")}
    show = workspace.videos_folder / "Show (2010)"
    new = show.rename(show.with_name("Renamed"))
    (new / "Season 01/Show - S01E01.mp4").rename(new / "Season 01/Renamed - S01E01.mp4")
    publish(workspace)
    with run_server(serve(workspace)) as renamed:
        best = search(renamed, shot)[0]
        assert (best["series"], best["anilist"]) == ("Renamed", number)
    (new / "tvshow.nfo").write_text(NFO)
    publish(workspace)
    with run_server(serve(workspace)) as known:
        assert search(known, shot)[0]["anilist"] == 21034
        by_number = search(known, shot, f"/search?anilistInfo&anilistID={number}")
        assert {result["anilist"]["id"] for result in by_number} == {21034}
        assert look_up(known, number)["id"] == 21034
        detailed = search(known, shot, "/api/v1/search")[0]
        assert (detailed["anilist"], detailed["seriesNumber"]) == (21034, number)
    kept = {path: path.stat().st_mtime_ns for path in frames}
    assert kept == frames
    contents = {path.name for path in published_folder(workspace).joinpath("frames").iterdir()}
    assert len(contents) == 2
