"""The benchmark `retrieval`, small: real films through the real pipeline, every protocol."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import make_model
from pydantic import ValidationError
from sample_videos import write_film_of

from benchmarks.retrieval import Options, measure
from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.report import Report
from benchmarks.support.retrieval.edited_queries import (
    Film,
    Picture,
    draw_query_frames,
    make_query_image,
)
from benchmarks.support.retrieval.indexed_homes import (
    link_all_but,
    models_by_series,
    was_trained_on,
)
from benchmarks.support.retrieval.picture_films import picture_at, write_picture_films
from benchmarks.support.retrieval.positive_pairs import deduplicate, drawn_pairs, real_pairs
from benchmarks.support.retrieval.seed_recipe import build_training_data, train_model
from whenanime_pipeline.core.learning.training.frame_set import frames_from_pictures
from whenanime_pipeline.core.learning.training.recipe import build_recipe
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.search.embedding.model_files import compute_model_id, read_model
from whenanime_pipeline.core.search.frames.deduplication import signature

pytestmark = pytest.mark.timeout(600)  # several indexings, each a process
SERIES = ("Big Buck Bunny (2008)", "Shapes")


def scenes(seed: int, count: int, size: tuple[int, int] = (160, 96)) -> list[Picture]:
    rng = np.random.default_rng(seed)
    return [
        np.asarray(cv2.resize(rng.integers(0, 256, (5, 8, 3), np.uint8), size), np.uint8)
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two series, another encode of one, and something that is in neither."""
    folder = tmp_path_factory.mktemp("data")
    write_film_of(folder / f"library/{SERIES[0]}/{SERIES[0]}.mp4", scenes(1, 8))
    write_film_of(folder / f"library/{SERIES[1]}/Season 01/Shapes - S01E01 - One.mp4", scenes(2, 8))
    larger = [np.asarray(cv2.resize(p, (320, 192)), np.uint8) for p in scenes(1, 8)]
    write_film_of(folder / "queries/bbb_0-30s_other_encode.mp4", larger)
    write_film_of(folder / "distractors/other.mp4", scenes(9, 4))
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model a series, trained without it, as it says itself."""
    folder = tmp_path_factory.mktemp("models")
    for number, series in enumerate(SERIES):
        model = make_model(folder / f"without-{number}", seed=number)
        meta = json.loads((model / "meta.json").read_text())
        meta["training"] = {"without": [series], "films": ["other.mp4"]}
        meta["model_id"] = compute_model_id((model / "model.onnx").read_bytes(), meta)
        (model / "meta.json").write_text(json.dumps(meta))
    return folder


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, data: Path) -> BenchmarkContext:
    folder = tmp_path_factory.mktemp("room")
    return BenchmarkContext(folder, folder / "cache", data, print)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Options:
    return Options(
        edits=("clean", "flip", "pip"),
        frames=4,
        encoded=2,
        absent=4,
        drawn=0,
        seed=3,
        models=models,
        seed_models=models,
        home=tmp_path_factory.mktemp("home") / "kept",
        wrong=tmp_path_factory.mktemp("wrong"),
    )


@pytest.fixture(scope="module")
def report(room: BenchmarkContext, options: Options) -> Report:
    return measure(room, options)


def test_every_protocol_and_system_is_in_the_report(report: Report) -> None:
    rows = {row["edit"]: row for row in report.details["L: top-1 by edit"]}
    assert list(rows) == ["clean", "flip", "pip", "mean"]
    systems = {"ours", "Color Layout", "pHash", "the seed's recipe"}
    assert set(rows["clean"]) == {"edit", *systems}
    assert {
        row["system"] for row in report.details["S: positive pairs that retrieve each other"]
    } == {
        "ours, vectors alone",
        "ours, the whole search",
        "the seed's recipe",
    }
    json.dumps(report.to_json())


def test_clean_frames_are_found_by_all(report: Report) -> None:
    for name in ("L", "another encode"):
        rows = {row["edit"]: row for row in report.details[f"{name}: top-1 by edit"]}
        assert all(share.startswith("1.000") for s, share in rows["clean"].items() if s != "edit")


def test_each_series_has_a_model_that_was_not_trained_on_it(report: Report) -> None:
    assert [
        (row["our model"], row["trained on the series"]) for row in report.details["models"]
    ] == [
        ("without-0", "no"),
        ("without-1", "no"),
    ]


def test_no_search_fails_and_negatives_are_searched(report: Report) -> None:
    figures = {figure.name: figure.value for figure in report.figures}
    assert figures["N: failed searches"] == 0
    counts = {row["answers"]: row["count"] for row in report.details["N: similarity and match"]}
    assert counts["held-out series"] == 12
    assert counts["live action"] == 3
    answered = {row["answered file"] for row in report.details["N: false positives"]}
    assert not any(SERIES[0] in str(path) and SERIES[1] in str(path) for path in answered)


def test_wrong_answers_are_listed_with_their_pictures(report: Report, options: Options) -> None:
    assert options.wrong is not None
    wrong = report.details["L: wrong answers"]
    assert len(wrong) == len(list((options.wrong / "L").iterdir())) > 0
    assert {row["edit"] for row in wrong} <= {"flip", "pip"}


def test_a_second_run_uses_the_cache_and_reports_the_same(
    room: BenchmarkContext, options: Options, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a film was read")

    monkeypatch.setattr("benchmarks.support.retrieval.exhaustive_search.read_frames", refuse)
    again = measure(room, options.model_copy(update={"protocols": ("L",)}))
    for name in ("L: top-1 by edit", "L: wrong answers"):
        assert again.details[name] == report.details[name]


def test_options_are_lists_with_commas() -> None:
    assert Options.model_validate({"edits": "mix,clean"}).edits == ("clean", "mix")
    assert Options.model_validate({"protocols": "N,L"}).protocols == ("L", "N")
    with pytest.raises(ValidationError, match="there is no crop5; there are clean, crop50"):
        Options.model_validate({"edits": "crop5"})
    with pytest.raises(ValidationError, match="there is no theirs"):
        Options.model_validate({"systems": "theirs"})


def test_the_seeds_models_must_cover_all(
    room: BenchmarkContext, options: Options, tmp_path: Path
) -> None:
    lacking = options.model_copy(update={"seed_models": tmp_path})
    with pytest.raises(BenchmarkError, match="no model was trained without"):
        measure(room, lacking)


def test_frames_are_the_same_however_many_and_of_each_series_as_many(data: Path) -> None:
    library = data / "library"
    films = {
        series: [Film(path, path.relative_to(library).as_posix())]
        for series in SERIES
        for path in (library / series).rglob("*.mp4")
    }
    few, many = (list(draw_query_frames(films, count, 5)) for count in (2, 6))
    assert [s.second for s in few] == [s.second for s in many[:2]]
    assert [s.series for s in many] == [*SERIES] * 3
    other = list(draw_query_frames(films, 2, 6))
    assert [s.second for s in few] != [s.second for s in other]
    asked, again = (make_query_image(few[0], "mix", 5) for _ in range(2))
    assert np.array_equal(asked, again)
    assert not np.array_equal(
        make_query_image(few[0], "stickers", 5), make_query_image(few[0], "stickers", 6)
    )


def test_a_film_of_flat_frames_is_an_error(tmp_path: Path) -> None:
    black = write_film_of(tmp_path / "black.mp4", [np.zeros((96, 160, 3), np.uint8)] * 2)
    with pytest.raises(BenchmarkError, match="nothing but flat"):
        list(draw_query_frames({"Black": [Film(black, "black.mp4")]}, 1, 0))


def test_models_are_chosen_by_their_held_out_series(models: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    found = models_by_series(models, [*SERIES, "Third"], base)
    assert [found[name].name for name in (*SERIES, "Third")] == ["without-0", "without-1", "base"]
    assert "Third" not in models_by_series(models, [*SERIES, "Third"], None)
    assert was_trained_on(models / "without-0", ["Somewhere/other.mp4"])
    assert not was_trained_on(models / "without-0", ["another.mp4"])


def test_a_library_without_a_series_has_all_others(data: Path, tmp_path: Path) -> None:
    videos = link_all_but(data / "library", SERIES[0], tmp_path / "videos")
    assert [path.name for path in videos.iterdir()] == [SERIES[1]]
    assert len(list((videos / SERIES[1]).rglob("*.mp4"))) == 1


def test_films_of_pictures_show_each_as_it_is(tmp_path: Path) -> None:
    pictures = [*scenes(1, 3), *scenes(2, 2, (171, 97))]
    films = write_picture_films(pictures, tmp_path)
    assert sorted(films) == ["160x96.mkv", "171x97.mkv"]
    for name, numbers in films.items():
        with FrameSampler(tmp_path / name, fps=0.1) as sampler:
            samples = list(sampler)
        assert len(samples) == len(numbers)
        for number, sample in zip(numbers, samples, strict=True):
            assert picture_at(films, name, sample.time) == number
            assert np.array_equal(sample.picture, pictures[number])


def test_pictures_that_repeat_are_left_out() -> None:
    one, other, third = (signature(picture) for picture in scenes(4, 3))
    assert deduplicate([one, other, one, np.clip(other, 1, 255) - 1, third]) == [0, 1, 4]
    assert deduplicate([]) == []


def test_pairs_are_distinct_and_of_their_series(data: Path) -> None:
    pairs = real_pairs(data / "library", 0)
    assert {pair.series for pair in pairs} == set(SERIES)
    assert all(pair.view.shape == (224, 224, 3) for pair in pairs)
    drawn, again = drawn_pairs(3, 0), drawn_pairs(3, 0)
    assert all(np.array_equal(a.view, b.view) for a, b in zip(drawn, again, strict=True))
    assert not np.array_equal(drawn[0].view, drawn_pairs(3, 1)[0].view)


def test_the_seeds_recipe_trains_a_model_that_lists_held_out_series(tmp_path: Path) -> None:
    frames = frames_from_pictures(scenes(3, 12), side=64, name="drawn")
    chosen = replace(build_recipe("seed", size=32, batch_size=4, epochs=1), precision="fp32")
    assert build_training_data(frames).std > (1.0, 1.0, 1.0)
    name = train_model(frames, chosen, tmp_path / "model", without=["Shapes"], minutes=5)
    meta = read_model(tmp_path / "model")[0]
    assert meta.model_id == name
    assert meta.dimension == 512
    assert models_by_series(tmp_path, ["Shapes"], None) == {"Shapes": tmp_path / "model"}
