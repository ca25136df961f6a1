import subprocess
import sys
from dataclasses import replace

import pytest
from pydantic import ValidationError

from app.sample_home import Sample
from whenanime_app.library.scene_json import (
    build_anilist_info,
    build_detailed_result,
    build_local_answer,
    build_result,
    format_label,
    format_number,
    has_match,
)
from whenanime_app.library.scene_models import AniListInfo, FoundResult, Title
from whenanime_pipeline.core.search.query.scenes import Appearance, Scene
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

EPISODE = EpisodeRecord(
    key="guobao/S24E01",
    path="果宝特攻/24_决战次时代/01-怪石现世.mp4",
    fingerprint="f",
    sampling_id="s",
    content=3,
    series="果宝特攻",
    season=24,
    season_name="决战次时代",
    number=1,
    number_end=None,
    title="怪石现世",
    kind="episode",
    native=None,
    romaji="Guobao Tegong",
    english=None,
    anilist=None,
    mal=None,
    duration=1440.00004,
    frames=100,
    warnings=(),
    series_numbers=(1_000_000_007, 1_000_000_003),
)
SCENE = Scene(
    episode=EPISODE,
    start=750.0,
    at=754.50001,
    end=756.0,
    similarity=0.987654,
    match="certain",
    frame=12,
    mirrored=True,
    corners=((-0.123456, 0.0), (1.0, 0.0), (1.0, 0.5), (-0.123456, 0.5)),
    also=(Appearance(EPISODE, 1200.0, 1201.25),),
)


def test_a_result() -> None:
    result = build_result(SCENE, image="http://host/image/t", video="http://host/video/t")
    assert result.model_dump(mode="json", by_alias=True) == {
        "anilist": 1_000_000_007,
        "filename": "01-怪石现世.mp4",
        "episode": 1,
        "from": 750.0,
        "at": 754.5,
        "to": 756.0,
        "duration": 1440.0,
        "similarity": 0.9877,
        "video": "http://host/video/t",
        "image": "http://host/image/t",
        "match": "certain",
        "mirrored": True,
        "corners": [[-0.1235, 0.0], [1.0, 0.0], [1.0, 0.5], [-0.1235, 0.5]],
        "key": "guobao/S24E01",
        "series": "果宝特攻",
        "season": 24,
        "title": "怪石现世",
        "label": "S24E01",
        "also": [
            {
                "filename": "01-怪石现世.mp4",
                "episode": 1,
                "label": "S24E01",
                "from": 1200.0,
                "to": 1201.25,
            }
        ],
    }


def test_similar_scenes_alone_are_no_match() -> None:
    likely, similar = replace(SCENE, match="likely"), replace(SCENE, match="similar")
    assert has_match([SCENE])
    assert has_match([similar, likely])
    assert not has_match([similar, similar])
    assert not has_match([])


def test_without_a_server_there_are_no_links() -> None:
    answer = build_local_answer([SCENE], frame_count=100)
    assert (answer.frame_count, answer.error) == (100, "")
    assert (answer.result[0].image, answer.result[0].video) == ("", "")
    assert list(answer.model_dump(by_alias=True)) == ["frameCount", "error", "result"]


def test_detailed_result_adds_names_and_times() -> None:
    episode = replace(EPISODE, genres=("Comedy",), anidb=5)
    scene = replace(SCENE, episode=episode, runs=((750.0, 756.00001), (1200.0, 1201.25)))
    detailed = build_detailed_result(scene).model_dump(mode="json", by_alias=True)
    assert list(detailed.items()) == [
        *(build_result(scene).model_dump(mode="json", by_alias=True) | {"anilist": None}).items(),
        ("seriesNumber", 1_000_000_007),
        ("seasonName", "决战次时代"),
        ("kind", "episode"),
        ("native", None),
        ("romaji", "Guobao Tegong"),
        ("english", None),
        ("display", "果宝特攻"),
        ("synonyms", []),
        ("genres", ["Comedy"]),
        ("tags", []),
        ("ids", {"anilist": None, "mal": None, "anidb": 5, "tvdb": None, "tmdb": None}),
        ("times", [{"from": 750.0, "to": 756.0}, {"from": 1200.0, "to": 1201.25}]),
        ("rotated", 0),
        ("theme", None),
    ]


def test_answers_are_read_back_by_their_json_names() -> None:
    result = build_detailed_result(SCENE)
    assert FoundResult.model_validate_json(result.model_dump_json(by_alias=True)) == result
    with pytest.raises(ValidationError):
        FoundResult.model_validate(dict(result) | {"unknown": 1})


def test_anilist_info_falls_back_to_the_name_of_the_folder() -> None:
    info = build_result(SCENE, anilist_info=True).anilist
    assert isinstance(info, AniListInfo)
    assert info.id == 1_000_000_007
    assert info.title == Title(native="果宝特攻", romaji="Guobao Tegong", english=None)
    assert info.synonyms == []


def test_a_series_without_titles_has_its_name_where_clients_look() -> None:
    info = build_anilist_info(replace(EPISODE, romaji=None))
    assert info.title == Title(native="果宝特攻", romaji="果宝特攻", english=None)
    assert info.synonyms == []


def test_trace_moe_gets_a_number_where_our_own_api_tells_that_there_is_none() -> None:
    assert build_result(SCENE).anilist == 1_000_000_007
    detailed = build_detailed_result(SCENE)
    assert (detailed.anilist, detailed.series_number) == (None, 1_000_000_007)
    known = replace(SCENE, episode=replace(EPISODE, anilist=7))
    assert build_result(known).anilist == 7
    detailed = build_detailed_result(known)
    assert (detailed.anilist, detailed.series_number) == (7, 1_000_000_007)


def test_the_name_of_the_folder_is_a_synonym_next_to_a_native_title() -> None:
    named = replace(SCENE, episode=replace(EPISODE, native="果寶特攻"))
    assert build_anilist_info(named.episode).synonyms == ["果宝特攻"]


def test_the_title_to_display_and_other_titles_are_given_once() -> None:
    episode = replace(
        EPISODE, display="Spice & Wolf", synonyms=("Guobao Tegong", "Spice", "果宝特攻")
    )
    info = build_anilist_info(episode)
    assert info.title.native == "Spice & Wolf"
    assert info.synonyms == ["果宝特攻", "Spice"]
    detailed = build_detailed_result(replace(SCENE, episode=episode))
    assert detailed.display == "Spice & Wolf"
    assert detailed.synonyms == ["Guobao Tegong", "Spice", "果宝特攻"]


@pytest.mark.parametrize(
    ("season", "number", "last", "label", "episode"),
    [
        (1, 2, None, "S01E02", 2),
        (0, 1, None, "S00E01", 1),
        (None, 7, None, "E07", 7),
        (1, 2, 3, "S01E02–E03", [2, 3]),
        (1, 2, 2, "S01E02", 2),
        (None, None, None, "", None),
        (2, None, None, "", None),
        (1, 1001, None, "S01E1001", 1001),
    ],
)
def test_numbers(
    season: int | None, number: int | None, last: int | None, label: str, episode: object
) -> None:
    record = replace(EPISODE, season=season, number=number, number_end=last)
    assert (format_label(record), format_number(record)) == (label, episode)


@pytest.mark.parametrize(
    ("number", "mark", "label"),
    [(12, ".5", "S24E12.5"), (1, "OVA", "S24E01 OVA"), (None, "NCOP", "NCOP"), (None, None, "")],
)
def test_label_distinguishes_specials(number: int | None, mark: str | None, label: str) -> None:
    assert format_label(replace(EPISODE, number=number, mark=mark)) == label


@pytest.mark.parametrize(
    ("number", "mark", "episode"),
    [(12, ".5", 12.5), (0, ".5", 0.5), (1, "OVA", 1), (12, ".5v2", 12), (None, "NCOP", "NCOP")],
)
def test_episodes_with_fractional_or_no_numbers_have_a_label(
    number: int | None, mark: str, episode: object
) -> None:
    assert format_number(replace(EPISODE, number=number, mark=mark)) == episode


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(out.stdout.split())


def test_results_load_neither_web_nor_page() -> None:
    loaded = _loaded_by("import whenanime_app.library.scene_json")
    assert "whenanime_app" in loaded
    assert not loaded & {"gradio", "fastapi", "starlette", "numpy", "onnxruntime", "av"}


def test_the_app_loads_neither_torch_nor_dagster(sample: Sample) -> None:
    loaded = _loaded_by(
        "from pathlib import Path\n"
        "from whenanime_app.server import create_app\n"
        "from whenanime_app.settings import AppSettings\n"
        f"create_app(AppSettings(home=Path({str(sample.home)!r})))\n"
        "import whenanime_app.__main__"
    )
    assert {"gradio", "fastapi", "onnxruntime"} <= loaded
    assert not loaded & {"torch", "torchvision", "dagster", "dagster_webserver"}
