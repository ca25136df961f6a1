"""`/api/v1/library`, `/series`, `/episodes` over a real server and a real snapshot."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from PIL import Image

from app.live_server import run_server
from app.sample_home import Sample, index_namesakes
from whenanime_app.library.library_json import MAX_TIMELINE_FRAMES
from whenanime_app.library.library_models import EpisodeTimeline, Library, SeriesEpisodes
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

STRANGE = "果宝特攻/50% #1? & 二"
"""A series as an NFO may name it, with all that means something else in an address."""


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


NO_IDS = {"anidb": None, "tvdb": None, "tmdb": None}


def test_the_library(client: httpx.Client, sample: Sample) -> None:
    answer = client.get("/api/v1/library")
    Library.model_validate_json(answer.content)
    library, status = answer.json(), client.get("/status").json()
    for field in ("snapshot", "model", "episodes", "frames", "seconds"):
        assert library[field] == status[field]
    assert library["published"][:2] == "20"
    by_name = {series["name"]: series for series in library["series"]}
    assert list(by_name) == sorted((s.title for s in sample.truth.series), key=str.casefold)
    for truth in sample.truth.series:
        series = by_name[truth.title]
        files = [file for file in sample.truth.files if file.series == truth.title]
        assert series["anilist"] == truth.anilist
        assert series["title"] == {
            "native": truth.native,
            "romaji": truth.romaji,
            "english": truth.english,
        }
        assert series["seasons"] == [
            {
                "season": file.season,
                "name": file.season_name,
                "episodes": 1,
                "ids": {"anilist": truth.anilist, "mal": truth.mal} | NO_IDS,
            }
            for file in files
        ]
        assert (series["display"], series["synonyms"]) == (truth.title, [])
        assert series["episodes"] == len(files)
        assert series["seconds"] == pytest.approx(sum(file.duration for file in files), abs=0.3)
        assert client.get(f"/{series['image']}").headers["content-type"].startswith("image/")
    assert sum(series["frames"] for series in by_name.values()) == library["frames"]


def test_a_series(client: httpx.Client, sample: Sample) -> None:
    for listed in get(client, "/library")["series"]:
        answer = client.get(f"/api/v1/series/{quote(listed['name'], safe='')}")
        SeriesEpisodes.model_validate_json(answer.content)
        series = answer.json()
        episodes = series.pop("episodes")
        assert series.pop("characters") == []
        assert series.items() <= listed.items()
        (file,) = (f for f in sample.truth.files if f.series == listed["name"])
        (episode,) = episodes
        assert episode["filename"] == Path(file.path).name
        assert episode["label"] == f"S{file.season:02d}E{file.episode:02d}"
        assert (episode["season"], episode["number"]) == (file.season, file.episode)
        assert episode["title"] == file.title
        assert episode["duration"] == pytest.approx(file.duration, abs=0.2)
        assert episode["frames"] == listed["frames"]
        assert episode["has_video"] is True


def test_an_episode_and_its_timeline(client: httpx.Client, sample: Sample) -> None:
    key = sample.episodes[0].key
    answer = client.get(f"/api/v1/episodes/{quote(key)}")
    EpisodeTimeline.model_validate_json(answer.content)
    episode = answer.json()
    assert episode["key"] == key
    timeline = episode["timeline"]
    assert 10 < len(timeline) <= MAX_TIMELINE_FRAMES
    seconds = [entry["at"] for entry in timeline]
    assert seconds == sorted(seconds)
    assert seconds[0] < episode["duration"] / 10
    assert seconds[-1] > episode["duration"] * 0.9
    # Each picture is what the video shows at its second.
    video = sample.videos / sample.episodes[0].path
    for entry in timeline[3::20]:
        assert _differ(client.get(f"/{entry['image']}").content, video, entry["at"]) < 6
    clip = client.get(f"/{timeline[3]['image'].replace('/image/', '/video/')}?size=s&mute")
    assert clip.headers["content-type"] == "video/mp4"
    assert float(clip.headers["x-video-start"]) <= seconds[3]


@pytest.mark.parametrize("size", ["s", "m", "l"])
def test_an_episode_returns_the_frame_at_a_second(
    client: httpx.Client, sample: Sample, size: str
) -> None:
    address = f"/api/v1/episodes/{quote(sample.episodes[0].key)}/frame"
    _, second = sample.known_moment()
    answer = client.get(address, params={"at": second, "size": size})
    assert answer.status_code == 200
    video = sample.videos / sample.episodes[0].path
    assert _differ(answer.content, video, second) < 8
    again = client.get(
        address, params={"at": second, "size": size},
        headers={"if-none-match": answer.headers["etag"]},
    )  # fmt: skip
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(address, params={"at": second + 1, "size": size})
    assert other.headers["etag"] != answer.headers["etag"]


def test_beyond_the_end_is_the_end(client: httpx.Client, sample: Sample) -> None:
    address = f"/api/v1/episodes/{sample.episodes[0].key}/frame"
    last = client.get(address, params={"at": sample.truth.files[0].duration - 0.05})
    assert client.get(address, params={"at": 9999}).content == last.content
    assert client.get(address, params={"at": 0}).content != last.content


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("/series/none", 404, "no series of this library is called none"),
        ("/series/..%2f..%2fetc", 404, "called ../../etc"),
        ("/episodes/none", 404, "has the key none"),
        ("/episodes/none/frame?at=1", 404, "has the key none"),
        ("/episodes/{key}/frame", 400, "at: "),
        ("/episodes/{key}/frame?at=-1", 400, "at: "),
        ("/episodes/{key}/frame?at=nan", 400, "at: "),
        ("/episodes/{key}/frame?at=inf", 400, "at: "),
        ("/episodes/{key}/frame?at=1&size=x", 400, "size: "),
        ("/nothing", 404, "there is nothing at /api/v1/nothing"),
        ("", 404, "there is nothing at /api/v1"),
    ],
)
def test_missing_items_and_invalid_parameters_are_named(
    client: httpx.Client, sample: Sample, path: str, code: int, said: str
) -> None:
    answer = client.get(f"/api/v1{path.format(key=sample.episodes[0].key)}")
    assert answer.status_code == code
    assert set(answer.json()) == {"error"}
    assert said in answer.json()["error"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_wrong_method_is_answered_with_the_allowed_ones(client: httpx.Client) -> None:
    answer = client.post("/api/v1/library")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert client.get("/api/v1/search").headers["allow"] == "POST"
    assert client.head("/api/v1/library").status_code == 200


def test_before_anything_is_indexed_there_is_an_empty_library(tmp_path: Path) -> None:
    with run_server(AppSettings(home=tmp_path)) as url, httpx.Client(base_url=url) as client:
        answer = client.get("/api/v1/library")
        assert answer.text == (
            '{"snapshot":null,"model":null,"published":null,"series":[],'
            '"episodes":0,"frames":0,"seconds":0}'
        )
        Library.model_validate_json(answer.content)
        assert client.get("/api/v1/series/any").status_code == 503


@pytest.fixture(scope="module")
def seasons(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server without videos, whose one series of a strange name has two named seasons."""
    home = tmp_path_factory.mktemp("seasons")
    renamed = [
        replace(
            episode,
            key=f"strange/S{season:02d}E07",
            name=replace(episode.name, series=STRANGE, season=season, season_name=name, number=7),
        )
        for episode, season, name in zip(
            sample.episodes, (24, 3), ("决战次时代", None), strict=True
        )
    ]
    sample.index(home, sorted(renamed, key=lambda episode: episode.key))
    with (
        run_server(AppSettings(home=home)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def test_names_with_any_characters_can_be_requested(seasons: httpx.Client) -> None:
    (series,) = get(seasons, "/library")["series"]
    assert series["name"] == STRANGE
    assert [(one["season"], one["name"], one["episodes"]) for one in series["seasons"]] == [
        (3, None, 1),
        (24, "决战次时代", 1),
    ]
    found = get(seasons, f"/series/{quote(STRANGE, safe='')}")
    assert [episode["label"] for episode in found["episodes"]] == ["S03E07", "S24E07"]
    assert [episode["has_video"] for episode in found["episodes"]] == [False, False]


@pytest.fixture(scope="module")
def namesakes(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with two series of one name, and a catalogue that lists a version of the first."""
    home = tmp_path_factory.mktemp("namesakes")
    index_namesakes(sample, home)
    claim = {"path": "secret/Show 720p.mkv", "holder": "x.mkv", "key": "Show (2003)/S01E01"}
    catalogue = {"schema": 1, "catalogue": {"claims": [claim]}}
    (home / "catalogue.json").write_text(json.dumps(catalogue))
    with (
        run_server(AppSettings(home=home)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def test_series_of_one_name_stand_apart(namesakes: httpx.Client) -> None:
    listed = get(namesakes, "/library")["series"]
    assert [(one["name"], one["year"], one["sharedName"], one["episodes"]) for one in listed] == [
        ("Show", 2003, True, 1), ("Show", 2019, True, 1),
    ]  # fmt: skip
    assert namesakes.get("/status").json()["series"] == 2
    for one in listed:
        found = get(namesakes, f"/series/Show?seriesNumber={one['seriesNumber']}")
        SeriesEpisodes.model_validate(found)
        (episode,) = found["episodes"]
        assert (found["year"], episode["key"]) == (one["year"], f"Show ({one['year']})/S01E01")
        assert episode["seriesNumber"] == one["seriesNumber"]
    both = get(namesakes, "/series/Show")
    assert (both["year"], len(both["episodes"])) == (None, 2)
    assert namesakes.get("/api/v1/series/Show?seriesNumber=5").status_code == 404
    assert namesakes.get("/api/v1/series/Show?seriesNumber=x").status_code == 400


def test_an_episode_lists_its_versions_without_folders(namesakes: httpx.Client) -> None:
    first = namesakes.get("/api/v1/episodes/Show%20(2003)/S01E01")
    EpisodeTimeline.model_validate_json(first.content)
    assert first.json()["versions"] == [{"filename": "Show 720p.mkv"}]
    assert "secret" not in first.text
    assert get(namesakes, "/episodes/Show%20(2019)/S01E01")["versions"] == []


def test_a_search_is_narrowed_by_season_and_series(seasons: httpx.Client, picture: bytes) -> None:
    def found(**query: Any) -> set[int]:
        answer = seasons.post("/api/v1/search", params=query, files={"image": picture})
        assert answer.status_code == 200, answer.text
        return {result["season"] for result in answer.json()["result"]}

    assert found(season="20,22-24") == {24}
    assert found(season="3") == {3}
    assert found(season="1，3-24") <= {3, 24}
    assert found(season="") <= {3, 24}
    assert found(season="4-23") == set()
    assert found(series=STRANGE, season="24") == {24}
    assert found(series=["other", STRANGE], season="24") == {24}
    assert found(series="other") == set()


def _differ(still: bytes, video: Path, second: float) -> float:
    """Return by how many gray levels a still differs from the video's frame, on average."""
    with Image.open(BytesIO(still)) as picture:
        small = np.asarray(picture.convert("L").resize((64, 36)), np.float32)
    frame = Image.fromarray(decode_frame_at(video, second)).convert("L").resize((64, 36))
    return float(np.abs(small - np.asarray(frame, np.float32)).mean())
