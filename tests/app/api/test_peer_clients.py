"""Clients made for trace.moe, pointed at a real server: they work as they are."""

import asyncio
import ipaddress
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import av
import httpx
import pytest
from PicImageSearch import TraceMoe
from PicImageSearch.model import TraceMoeItem, TraceMoeResponse
from PIL import Image
from tracemoepy import AsyncTrace
from tracemoepy import TraceMoe as TraceMoePy
from tracemoepy.errors import EmptyImage

from app.live_server import run_server
from app.sample_home import Sample
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.sample.truth import SeriesTruth


@pytest.fixture(scope="module")
def open_url(sample: Sample) -> Iterator[str]:
    """A server that may fetch pictures from this machine."""
    settings = AppSettings(
        home=sample.home,
        videos=sample.videos,
        fetch_networks=(ipaddress.ip_network("127.0.0.0/8"),),
    )
    with run_server(settings) as address:
        yield address


@pytest.fixture
def shot(tmp_path: Path, picture: bytes) -> Path:
    path = tmp_path / "shot.png"
    path.write_bytes(picture)
    return path


def series_of(sample: Sample) -> SeriesTruth:
    file, _ = sample.known_moment()
    return next(entry for entry in sample.truth.series if entry.title == file.series)


def pic_image_search(url: str, **options: Any) -> TraceMoe:
    return TraceMoe(base_url=url, base_url_api=url, **options)


def check_item(item: TraceMoeItem, sample: Sample) -> None:
    """Check every field that the client fills."""
    file, second = sample.known_moment()
    series = series_of(sample)
    assert item.filename == Path(file.path).name
    assert item.From - 0.5 <= second <= item.To + 0.5
    assert item.episode == file.episode
    assert 90 <= item.similarity <= 100
    assert (item.anilist, item.idMal) == (series.anilist, series.mal)
    assert item.title_native == series.native
    assert item.title_romaji == series.romaji
    assert item.title_english == series.english
    assert item.title_chinese == ""
    assert series.title in [*item.synonyms, item.title_english]
    assert item.isAdult is False
    assert item.type == "ANIME"
    assert item.format is None
    assert item.start_date == item.end_date == {"year": None, "month": None, "day": None}
    assert item.cover_image is None


def searched(server: str, **asked: Any) -> TraceMoeResponse:
    found = asyncio.run(pic_image_search(server).search(**asked))
    assert found.error == ""
    assert found.frameCount > 0
    assert found.raw
    return found


def test_pic_image_search_by_file(url: str, sample: Sample, picture: bytes, shot: Path) -> None:
    for file in (picture, shot, str(shot)):
        found = searched(url, file=file)
        check_item(found.raw[0], sample)
        assert {item.anilist for item in found.raw} <= {s.anilist for s in sample.truth.series}
        assert all(item.type == "ANIME" for item in found.raw)


def test_pic_image_search_by_url(open_url: str, sample: Sample, pictures: str) -> None:
    check_item(searched(open_url, url=f"{pictures}/shot.png").raw[0], sample)


def test_pic_image_search_with_its_options(url: str, sample: Sample, picture: bytes) -> None:
    wanted = series_of(sample).anilist
    found = searched(url, file=picture, key="mine", anilist_id=wanted, cut_borders=False)
    check_item(found.raw[0], sample)
    assert {item.anilist for item in found.raw} == {wanted}


def test_pic_image_search_of_a_series_that_is_not_here(url: str, picture: bytes) -> None:
    found = asyncio.run(pic_image_search(url).search(file=picture, anilist_id=1))
    assert (found.raw, found.error) == ([], "")


def test_pic_image_search_of_a_series_without_a_number(url: str, sample: Sample) -> None:
    item = TraceMoeItem({
        "anilist": None, "filename": "a.mkv", "episode": None, "from": 1.0, "to": 2.0,
        "similarity": 0.9, "video": "", "image": "",
    })  # fmt: skip
    asyncio.run(pic_image_search(url).update_anime_info(item))
    assert (item.idMal, item.title_native, item.synonyms) == (None, None, [])


def test_previews_of_pic_image_search(url: str, sample: Sample, picture: bytes) -> None:
    client = pic_image_search(url, mute=True, size="s")
    best = asyncio.run(client.search(file=picture)).raw[0]
    assert best.video.endswith("&size=s&mute")
    still, clip = httpx.get(best.image, timeout=30), httpx.get(best.video, timeout=30)
    assert Image.open(BytesIO(still.content)).width == 160
    with av.open(BytesIO(clip.content), "r") as video:
        assert video.streams.video[0].width == 160
        assert not video.streams.audio


def test_pic_image_search_asks_for_its_limits(url: str) -> None:
    me = asyncio.run(pic_image_search(url).me(key="mine"))
    assert me.quota > me.quotaUsed == 0
    assert me.concurrency >= 1
    assert me.id == "127.0.0.1"


def tracemoepy(url: str, key: str = "") -> Any:
    client = TraceMoePy(api_token=key)
    client.base_url = url
    return client


def check_answer(answer: Any, sample: Sample) -> None:
    """Check what its users read, which are attributes."""
    file, second = sample.known_moment()
    series = series_of(sample)
    best = answer.result[0]
    assert best.filename == Path(file.path).name
    assert best["from"] - 0.5 <= second <= best.to + 0.5
    assert (best.anilist.id, best.anilist.idMal) == (series.anilist, series.mal)
    assert best.anilist.title.native == series.native
    assert best.anilist.title.romaji == series.romaji
    assert best.anilist.isAdult is False


@pytest.mark.parametrize("key", ["", "mine"])
def test_tracemoepy_by_file(url: str, sample: Sample, shot: Path, key: str) -> None:
    check_answer(tracemoepy(url, key).search(str(shot), upload_file=True), sample)


def test_tracemoepy_by_url(open_url: str, sample: Sample, pictures: str) -> None:
    client = tracemoepy(open_url)
    check_answer(client.search(f"{pictures}/shot.png", is_url=True), sample)
    plain = client.search(
        f"{pictures}/shot.png", is_url=True, include_anilist_info=False, cut_black_borders=False
    )
    assert plain.result[0].anilist == series_of(sample).anilist


def test_tracemoepy_without_a_picture(url: str, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("this is not a picture")
    with pytest.raises(EmptyImage):
        tracemoepy(url).search(str(text), upload_file=True)


def test_previews_of_tracemoepy(url: str, sample: Sample, shot: Path, tmp_path: Path) -> None:
    client = tracemoepy(url)
    answer = client.search(str(shot), upload_file=True)
    assert Image.open(BytesIO(client.image_preview(answer))).width == 320
    with av.open(BytesIO(client.video_preview(answer, mute=True)), "r") as video:
        assert not video.streams.audio
    saved = tmp_path / "saved"
    assert answer.result[0].save(str(saved), mute=True)
    with av.open(saved, "r") as video:
        assert video.streams.video[0].width == 320
    assert answer.result[0].save(str(saved), preview_type="image")
    assert Image.open(saved).width == 320


def test_tracemoepy_asks_for_its_limits(url: str) -> None:
    me = tracemoepy(url, "mine").get_me()
    assert me.quota > me.quotaUsed == 0


def test_tracemoepy_without_waiting(
    open_url: str, sample: Sample, shot: Path, pictures: str
) -> None:
    async def ask() -> tuple[Any, Any, bytes, Any]:
        # Its own session says of every body that it is JSON, and then no server finds the file.
        async with AsyncTrace(session=aiohttp.ClientSession()) as client:
            client.base_url = open_url
            fetched = await client.search(f"{pictures}/shot.png", is_url=True)
            uploaded = await client.search(str(shot), upload_file=True)
            clip = await client.video_preview(fetched, mute=True)
            return fetched, uploaded, clip, await client.get_me()

    fetched, uploaded, clip, me = asyncio.run(ask())
    check_answer(fetched, sample)
    check_answer(uploaded, sample)
    with av.open(BytesIO(clip), "r") as video:
        assert not video.streams.audio
    assert me.quotaUsed == 0
