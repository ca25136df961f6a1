"""The benchmark `querying`, small: films are made, indexed and asked for; parts add up."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import make_model
from sample_videos import write_film_of

from benchmarks.querying import GIVEN_FILMS, Options, measure
from benchmarks.support import altered_films
from benchmarks.support.altered_films import SIZE, ShotPool
from benchmarks.support.altered_library import make_library
from benchmarks.support.context import BenchmarkContext
from benchmarks.support.report import Report
from benchmarks.support.retrieval.edited_queries import EDIT_KINDS
from benchmarks.support.timed_search import DETECTING, EMBEDDING, GRAPH, LOCAL_LOOKUP, REST
from whenanime_pipeline.core.learning.pictures import same_picture
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_pictures
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.search.frames.deduplication import signature

pytestmark = pytest.mark.timeout(600)  # an indexing, and searches after 16 edits
MADE = 40  # frames of a film here


@pytest.fixture(scope="module", autouse=True)
def short_films() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(altered_films, "FRAMES_PER_FILM", MADE)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    pictures = list(draw_random_pictures(12, (192, 108), seed=4))
    write_film_of(folder / "library/Show/Show - S01E01.mp4", pictures[:6])
    write_film_of(folder / "library/Show/Show - S01E02.mp4", pictures[6:])
    return folder


@pytest.fixture(scope="module")
def shots(data: Path) -> ShotPool:
    return ShotPool.from_films(sorted(data.rglob("*.mp4")))


def test_an_altered_film_depends_on_its_number_and_seed(shots: ShotPool) -> None:
    one, again = (list(islice(shots.compose_film(0, 7), MADE)) for _ in range(2))
    assert len(one) == MADE
    assert all(picture.shape == (SIZE[1], SIZE[0], 3) for picture in one)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    for other in (shots.compose_film(1, 7), shots.compose_film(0, 8)):
        assert not np.array_equal(one[0], next(iter(other)))


def test_altered_pictures_are_no_near_duplicates(shots: ShotPool) -> None:
    given = [
        signature(cv2.cvtColor(cv2.imdecode(np.frombuffer(frame, np.uint8), 1), cv2.COLOR_BGR2RGB))
        for shot in shots.shots
        for frame in shot
    ]
    for picture in shots.compose_film(3, 7):
        cells = signature(picture)
        assert not any(same_picture(cells, one) for one in given)


def test_existing_films_are_kept(data: Path, tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    said: list[str] = []
    for films in (1, 1, 2):
        make_library(data / "library", videos, films=films, episodes=0, seed=0, log=said.append)
    assert [line for line in said if "making" in line] == [
        "making film 1 of 1",
        "making film 2 of 2",
    ]
    made = sorted(videos.glob("Altered*/**/*.mp4"))
    assert len(made) == 2
    assert probe_video(made[0]).duration == pytest.approx(MADE / 8, abs=0.01)
    assert (videos / "Show").is_symlink()


@pytest.fixture(scope="module")
def report(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("room")
    model = make_model(folder / "model", seed=0)
    options = Options(films=1, episodes=0, frames=2, threads=1, model=model)
    return measure(BenchmarkContext(folder, folder / "cache", data, print), options)


def test_every_edit_of_every_frame_is_searched(report: Report) -> None:
    assert {row["edit"] for row in report.details["by edit"]} == set(EDIT_KINDS)
    assert {row["film"]: row["queries"] for row in report.details["by film"]} == {
        GIVEN_FILMS: len(EDIT_KINDS),
        "altered films": len(EDIT_KINDS),
    }
    figures = {figure.name: figure for figure in report.figures}
    assert figures["failed searches"].is_met
    assert figures["gallery"].value > MADE / 2
    assert figures["gallery"].is_met is False
    assert figures["top-1 accuracy"].value > 0.3  # with random weights
    assert figures["private memory of the process"].value > 50


def test_parts_make_up_a_search(report: Report) -> None:
    rows = {str(row["part"]): row for row in report.details["parts of a search"]}
    assert {EMBEDDING, GRAPH, LOCAL_LOOKUP, DETECTING, REST} <= set(rows)
    assert sum(float(row["share of time"]) for row in rows.values()) == pytest.approx(1, abs=0.02)
    asked = 2 * len(EDIT_KINDS)
    assert rows[EMBEDDING]["searches"] == asked
    assert int(rows[LOCAL_LOOKUP]["searches"]) <= asked
