"""Themes and the operator's word travel in snapshots, and readers apply a later word at once."""

import shutil
from pathlib import Path

import pytest
from sample_videos import copy_indexed, episode_path, published_folder, reopen, scan_videos
from theme_seasons import make_season, make_segment, store_season

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot, check_files
from whenanime_pipeline.core.themes.errors import DamagedThemesError
from whenanime_pipeline.core.themes.labels.edits import label_template
from whenanime_pipeline.core.themes.lookup import ThemesReader
from whenanime_pipeline.core.themes.season_groups import group_seasons
from whenanime_pipeline.core.themes.season_store import write_season_themes
from whenanime_pipeline.core.themes.section import LABELS_FILE
from whenanime_pipeline.core.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=2)


def write_themes(workspace: Workspace, *, end: float = 1.5) -> Path:
    """Write themes of the library's only season, an opening in both episodes."""
    (season,) = group_seasons(workspace.load_catalogue())
    segments = [
        (make_segment("opening", 0.5, end, template="T1", is_first=index == 0),)
        for index in range(len(season.episodes))
    ]
    names = [episode.fingerprint for episode in season.episodes]
    return store_season(workspace, make_season(dict(zip(names, segments, strict=True))))


def open_published(workspace: Workspace) -> Snapshot:
    return Snapshot(published_folder(workspace))


def first_episode(snapshot: Snapshot) -> EpisodeRecord:
    return min(snapshot.episodes, key=lambda one: one.number or 0)


def test_a_season_that_repeats_nothing_is_computed_and_has_no_segments(
    workspace: Workspace,
) -> None:
    assert reopen(workspace).measure_pending_changes() == 0
    snapshot = open_published(workspace)
    view = ThemesReader(workspace.home).view(snapshot)
    season = view.find_season(first_episode(snapshot))
    assert season.is_computed
    assert len(season.episodes) == 2
    assert view.list_segments(first_episode(snapshot)) == ()


def test_themes_are_published_counted_and_looked_up(workspace: Workspace) -> None:
    path = write_themes(workspace)
    assert reopen(workspace).measure_pending_changes() > 0
    assert reopen(workspace).publish_snapshot()[1]
    assert reopen(workspace).measure_pending_changes() == 0
    snapshot = open_published(workspace)
    stored = snapshot.folder / "themes" / path.name
    assert stored.read_bytes() == path.read_bytes()
    assert f"themes/{path.name}" in {file.path for file in check_files(snapshot.folder).files}
    counts = [section.count(snapshot.manifest) for section in workspace.sections]
    assert counts[1] == {"seasons with themes": 1, "theme segments": 2}
    path.unlink()  # the app has the snapshot alone
    view = ThemesReader(Home(workspace.home.root / "nowhere")).view(snapshot)
    (segment,) = view.list_segments(first_episode(snapshot))
    assert (segment.type, segment.start, segment.end, segment.is_first) == (
        "opening",
        0.5,
        1.5,
        True,
    )
    assert view.find_segment(first_episode(snapshot), 1.0) == segment
    assert view.find_segment(first_episode(snapshot), 1.5) is None
    assert [one.is_computed for one in view.list_seasons("Show")] == [True]
    assert view.list_seasons("Another") == []


def test_unchanged_themes_are_linked_and_changed_ones_written(workspace: Workspace) -> None:
    path = write_themes(workspace)
    assert reopen(workspace).publish_snapshot()[1]
    first = published_folder(workspace) / "themes" / path.name
    episode_path(workspace, 2).rename(workspace.videos_folder / "Show - S01E07.mp4")
    scan_videos(workspace)
    assert reopen(workspace).publish_snapshot()[1]
    second = published_folder(workspace) / "themes" / path.name
    assert second != first
    assert second.samefile(first)
    write_themes(workspace, end=1.75)
    assert reopen(workspace).publish_snapshot()[1]
    third = published_folder(workspace) / "themes" / path.name
    assert not third.samefile(first)
    index = "index.hnsw"
    assert (published_folder(workspace) / index).samefile(second.parents[1] / index)


def test_a_word_shows_at_once_and_is_in_the_next_snapshot(workspace: Workspace) -> None:
    write_themes(workspace)
    assert reopen(workspace).publish_snapshot()[1]
    snapshot = open_published(workspace)
    reader = ThemesReader(workspace.home)
    view = reader.view(snapshot)
    assert reader.view(snapshot) is view
    label_template(workspace.home, "T1", changes={"never_skip": True})
    (segment,) = reader.view(snapshot).list_segments(first_episode(snapshot))
    assert segment.never_skip
    assert reopen(workspace).measure_pending_changes() > 0
    assert reopen(workspace).publish_snapshot()[1]
    elsewhere = ThemesReader(Home(workspace.home.root / "nowhere"))
    exported = open_published(workspace)
    assert (exported.folder / LABELS_FILE).exists()
    assert elsewhere.view(exported).list_segments(first_episode(exported)) == (segment,)


def test_a_mistake_in_the_word_neither_stops_publishing_nor_takes_it_back(
    workspace: Workspace,
) -> None:
    write_themes(workspace)
    label_template(workspace.home, "T1", changes={"never_skip": True})
    assert reopen(workspace).publish_snapshot()[1]
    workspace.home.theme_labels_file.write_text("templates: [")
    assert reopen(workspace).measure_pending_changes() == 0
    snapshot = open_published(workspace)
    view = ThemesReader(workspace.home).view(snapshot)
    assert view.problem is not None
    assert view.list_segments(first_episode(snapshot))[0].never_skip


def test_damaged_themes_are_named_and_made_again(workspace: Workspace) -> None:
    path = write_themes(workspace)
    path.write_text(path.read_text()[:-20])
    with pytest.raises(DamagedThemesError, match=f"{path.name}: was damaged"):
        reopen(workspace).publish_snapshot()
    assert not path.exists()
    assert len(reopen(workspace).list_pending_seasons()) == 1


def test_themes_of_other_libraries_stay_out(workspace: Workspace) -> None:
    path = write_themes(workspace)
    other = make_season({"f" * 32: (make_segment("ending", 0.5, 1.0, template="T2"),)})
    write_season_themes(path.with_name("1999999999-s01.json"), other)
    assert reopen(workspace).publish_snapshot()[1]
    names = [one.name for one in (published_folder(workspace) / "themes").iterdir()]
    assert names == [path.name]


def test_a_section_that_was_changed_is_not_published(workspace: Workspace) -> None:
    write_themes(workspace)
    label_template(workspace.home, "T1", changes={"confirmed": True})
    built = reopen(workspace).build_snapshot()
    assert built.id is not None
    folder = workspace.home.snapshots / built.id
    (section,) = [one for one in workspace.sections if one.name == "themes"]
    manifest = read_manifest(folder)
    assert section.check(folder, manifest) == []
    (folder / LABELS_FILE).write_text("{}")
    assert section.check(folder, manifest) == [LABELS_FILE]
    shutil.rmtree(folder / "themes")
    assert len(section.check(folder, manifest)) == 2
