"""`[index] leave_out`: certain themes are not in the index, and nothing is decoded for it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sample_videos import (
    draw_shots,
    episode_path,
    new_workspace,
    process_episodes,
    published_folder,
    reopen,
    scan_videos,
    write_film_of,
)
from theme_seasons import make_season, make_segment, store_season

from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.search.snapshot.publish import inspect_index
from whenanime_pipeline.core.themes.labels.edits import label_template, remove_segment
from whenanime_pipeline.core.themes.labels.theme_labels import Span
from whenanime_pipeline.core.themes.season_groups import group_seasons
from whenanime_pipeline.core.workspace import Workspace

OPENING = draw_shots(99, 4)
EPISODES = 3
Picture = NDArray[np.uint8]


def story(number: int) -> list[Picture]:
    return draw_shots(number, 4)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three episodes of four seconds that begin with one opening of two, and its themes."""
    workspace = new_workspace(tmp_path)
    for number in range(1, EPISODES + 1):
        write_film_of(episode_path(workspace, number), [*OPENING, *story(number)])
    scan_videos(workspace)
    process_episodes(workspace, *range(1, EPISODES + 1))
    (season,) = group_seasons(workspace.load_catalogue())
    segments = {
        one.fingerprint: (make_segment("opening", 0.0, 2.0, template="T1", is_first=index == 0),)
        for index, one in enumerate(season.episodes)
    }
    store_season(workspace, make_season(segments))
    assert reopen(workspace).publish_snapshot()[1]
    return workspace


def leave_out(workspace: Workspace, options: str = 'leave_out = ["opening"]') -> None:
    workspace.home.config_file.write_text(f"[index]\n{options}\n", encoding="utf-8")


def publish(workspace: Workspace) -> None:
    """Publish with the videos out of reach: nothing can be decoded."""
    hidden = workspace.videos_folder.with_name("hidden")
    workspace.videos_folder.rename(hidden)
    assert reopen(workspace).measure_pending_changes() > 0
    assert reopen(workspace).publish_snapshot()[1]
    assert reopen(workspace).measure_pending_changes() == 0
    hidden.rename(workspace.videos_folder)


def list_found(workspace: Workspace, picture: Picture, only: Filter | None = None) -> set[int]:
    """Return the episodes in which a picture is found."""
    engine = SearchEngine.open(published_folder(workspace))
    found = engine.search(picture) if only is None else engine.search(picture, only=only)
    sure = [one for one in found if one.match != "similar"]
    episodes = [one.episode for one in sure] + [one.episode for scene in sure for one in scene.also]
    return {one.number or 0 for one in episodes}


def scores(workspace: Workspace) -> Iterator[tuple[int, float]]:
    engine = SearchEngine.open(published_folder(workspace))
    for number in range(1, EPISODES + 1):
        for picture in story(number):
            best = engine.search(picture)[0]
            yield best.episode.number or 0, round(best.similarity, 6)


def test_the_opening_is_found_in_the_first_episode_alone(workspace: Workspace) -> None:
    before = list(scores(workspace))
    assert list_found(workspace, OPENING[1]) == {1, 2, 3}
    leave_out(workspace)
    publish(workspace)
    manifest = read_manifest(published_folder(workspace))
    assert [one.frames - one.indexed for one in manifest.contents] == [0, 4, 4]
    assert manifest.vector_count == sum(one.indexed for one in manifest.contents)
    for picture in OPENING:
        assert list_found(workspace, picture) == {1}
        assert list_found(workspace, picture, Filter(series=["Show"])) == {1}
    assert list(scores(workspace)) == before
    report = inspect_index(published_folder(workspace))
    assert report.is_publishable
    assert report.rows == manifest.vector_count


def test_what_is_unchanged_is_not_built_again(workspace: Workspace) -> None:
    leave_out(workspace)
    publish(workspace)
    first = published_folder(workspace)
    episode_path(workspace, 2).rename(episode_path(workspace, 7))
    scan_videos(workspace)
    assert reopen(workspace).publish_snapshot()[1]
    second = published_folder(workspace)
    assert second != first
    assert (first / "index.hnsw").samefile(second / "index.hnsw")
    assert list_found(workspace, OPENING[0]) == {1}
    # An option that leaves nothing out is no news.
    leave_out(workspace, 'leave_out = ["opening", "recap"]')
    assert reopen(workspace).measure_pending_changes() == 0


def test_what_was_left_out_comes_back(workspace: Workspace) -> None:
    before = list(scores(workspace))
    for _ in range(2):
        leave_out(workspace)
        publish(workspace)
        assert list_found(workspace, OPENING[2]) == {1}
        workspace.home.config_file.unlink()
        publish(workspace)
        assert list_found(workspace, OPENING[2]) == {1, 2, 3}
        assert inspect_index(published_folder(workspace)).is_publishable
    assert list(scores(workspace)) == before


def test_places_of_frames_that_are_left_out_are_used_by_new_episodes(workspace: Workspace) -> None:
    leave_out(workspace)
    publish(workspace)
    write_film_of(episode_path(workspace, 4), draw_shots(50, 12))
    scan_videos(workspace)
    process_episodes(workspace, 4)
    assert reopen(workspace).publish_snapshot()[1]
    workspace.home.config_file.unlink()
    publish(workspace)
    assert list_found(workspace, OPENING[2]) == {1, 2, 3}
    assert list_found(workspace, draw_shots(50, 12)[5]) == {4}
    report = inspect_index(published_folder(workspace))
    contents = read_manifest(published_folder(workspace)).contents
    assert (report.missing, report.foreign) == (0, 0)
    assert report.rows == sum(one.frames for one in contents) >= 36


def test_first_appearances_can_be_left_out_too(workspace: Workspace) -> None:
    leave_out(workspace, 'leave_out = ["opening"]\nleave_out_first = true')
    publish(workspace)
    assert list_found(workspace, OPENING[1]) == set()
    assert list_found(workspace, story(1)[2]) == {1}


def test_the_operator_has_the_last_word(workspace: Workspace) -> None:
    leave_out(workspace)
    publish(workspace)
    label_template(workspace.home, "T1", changes={"never_skip": True})
    publish(workspace)
    assert list_found(workspace, OPENING[1]) == {1, 2, 3}
    label_template(workspace.home, "T1", changes={"never_skip": False})
    (second,) = [one for one in workspace.load_catalogue().episodes if one.name.number == 2]
    remove_segment(workspace.home, second.fingerprint, Span(0.0, 2.0))
    publish(workspace)
    assert list_found(workspace, OPENING[1]) == {1, 2}


def test_only_what_is_certain_is_left_out(workspace: Workspace) -> None:
    (season,) = group_seasons(workspace.load_catalogue())
    likely = {
        one.fingerprint: (make_segment("opening", 0.0, 2.0, template="T1", confidence="likely"),)
        for one in season.episodes
    }
    store_season(workspace, make_season(likely))
    leave_out(workspace)
    publish(workspace)
    assert list_found(workspace, OPENING[1]) == {1, 2, 3}
