"""Queries against a real snapshot of small real videos."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sample_videos import (
    draw_shots,
    index,
    index_film,
    new_workspace,
    published_folder,
    write_film,
)

from whenanime_pipeline.core.media.picture_codec import decode_stored_frame, encode_jpeg
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.workspace import Workspace

NFO = """<tvshow><title>Other</title><uniqueid type="anilist">77</uniqueid></tvshow>"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = new_workspace(tmp_path_factory.mktemp("library"))
    for number in (1, 2):
        write_film(workspace.videos_folder / "Show" / f"Show - S01E0{number}.mp4", seed=number)
    write_film(workspace.videos_folder / "Other" / "Other - S01E01.mp4", seed=3)
    (workspace.videos_folder / "Other" / "tvshow.nfo").write_text(NFO)
    # A copy under another name: the same content, another episode.
    copy = workspace.videos_folder / "Show" / "Show - S02E01.mp4"
    copy.write_bytes((workspace.videos_folder / "Show" / "Show - S01E02.mp4").read_bytes())
    index(workspace)
    return workspace


@pytest.fixture(scope="module")
def engine(workspace: Workspace) -> SearchEngine:
    return SearchEngine.open(published_folder(workspace))


def _shot(seed: int, number: int) -> NDArray[np.uint8]:
    return draw_shots(seed, 6)[number]


@pytest.mark.parametrize("number", range(6))
def test_every_shot_is_found_at_its_time(engine: SearchEngine, number: int) -> None:
    scene = engine.search(_shot(1, number))[0]
    assert scene.episode.path == "Show/Show - S01E01.mp4"
    assert number / 2 <= scene.at < number / 2 + 0.5
    assert scene.start <= scene.at <= scene.end


def test_a_letterboxed_frame_is_found(engine: SearchEngine) -> None:
    inside = cv2.resize(_shot(1, 2), (320, 180))
    barred = cv2.copyMakeBorder(inside, 30, 30, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    scene = engine.search(barred)[0]
    assert scene.episode.path == "Show/Show - S01E01.mp4"
    assert 1.0 <= scene.at < 1.5


def test_a_filter_leaves_only_its_series(engine: SearchEngine) -> None:
    for scenes in (
        engine.search(_shot(1, 2), only=Filter(series=["Other"])),
        engine.search(_shot(1, 2), only=Filter(anilist=77)),
    ):
        assert {scene.episode.series for scene in scenes} == {"Other"}
    found = engine.search(_shot(3, 2), only=Filter(series={"Other"}))[0]
    assert 1.0 <= found.at < 1.5
    for nothing in (
        Filter(series=["No such series"]),
        Filter(series=[]),
        Filter(seasons=[]),
        Filter(seasons=[9]),
        Filter(anilist=1),
        Filter(tags={"comedy"}),
        Filter(series=["Show"], anilist=77),
    ):
        assert engine.search(_shot(1, 2), only=nothing) == []


def test_the_season_filter_selects_among_episodes_of_one_content(engine: SearchEngine) -> None:
    for season in (1, 2):
        scenes = engine.search(_shot(2, 4), only=Filter(series=["Show"], seasons={season}))
        assert {scene.episode.season for scene in scenes} == {season}
        assert scenes[0].match == "certain"


def test_the_index_visits_as_many_candidates_as_set(workspace: Workspace) -> None:
    snapshot = Snapshot(published_folder(workspace))
    assert snapshot.load_index()._graph.ef == snapshot.manifest.index.ef
    assert snapshot.load_index(ef=9)._graph.ef == 9


def test_two_episodes_with_one_content_are_both_listed(engine: SearchEngine) -> None:
    seasons = [
        (scene.episode.season, scene.episode.number)
        for scene in engine.search(_shot(2, 4))
        if scene.match == "certain"
    ]
    assert sorted(seasons) == [(1, 2), (2, 1)]


def test_the_limit_of_scenes_is_respected(engine: SearchEngine) -> None:
    strange = draw_shots(40, 1)[0]
    assert len(engine.search(strange)) > 2
    assert len(engine.search(strange, limit=2)) == 2


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2), (2160, 3840)])
def test_a_query_of_any_size_is_answered(engine: SearchEngine, size: tuple[int, int]) -> None:
    assert isinstance(engine.search(np.zeros((*size, 3), np.uint8)), list)


def test_a_repeated_picture_lists_its_other_times(tmp_path: Path) -> None:
    pictures = [*draw_shots(5, 24), draw_shots(5, 24)[0]]
    scene = index_film(tmp_path, pictures).search(pictures[0])[0]
    times = [(scene.start, scene.end), *((m.start, m.end) for m in scene.also)]
    assert any(start <= 0.1 <= end for start, end in times)
    assert any(start <= 12.1 <= end for start, end in times)
    assert len(scene.runs) == 2
    assert [run[0] for run in scene.runs] == pytest.approx([0, 12], abs=0.2)


def test_frames_that_differ_by_a_mouth_are_distinguished(tmp_path: Path) -> None:
    shut = np.kron(draw_shots(9, 1)[0], np.ones((2, 2, 1), np.uint8)).astype(np.uint8)
    talking = shut.copy()
    talking[100:106, 150:160] = (120, 20, 30)
    engine = index_film(tmp_path, [shut, talking] * 4 + [shut] * 4)
    for picture, inside in ((talking, False), (shut, True)):
        at = engine.search(decode_stored_frame(encode_jpeg(picture, quality=75)))[0].at
        assert (int(at / 0.5) % 2 == 0 or at >= 4) is inside
