"""Themes of seasons in a library: computed where inputs changed, published, and renewed."""

from pathlib import Path

import dagster as dg
import pytest
from sample_videos import copy_workspace, index, new_workspace, published_folder, reopen
from themed_films import OPENING_SECONDS, opening_start, write_themed_episode

from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.themes.season_changes import describe_reason, list_changes
from whenanime_pipeline.core.themes.season_store import read_season_themes
from whenanime_pipeline.core.themes.segments import SeasonThemes
from whenanime_pipeline.core.themes.tagger.registry import load_tagger
from whenanime_pipeline.core.themes.tracks.load import load_tracks
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.orchestration.dagster_instance import open_instance

COUNT = 4


def _make(workspace: Workspace) -> None:
    for number in range(1, COUNT + 1):
        write_themed_episode(workspace, number)
    assert index(workspace).indexed == COUNT


@pytest.fixture
def season(tmp_path: Path) -> Workspace:
    return copy_workspace("themed", _make, tmp_path)


def _season_file(workspace: Workspace) -> Path:
    (path,) = workspace.home.list_season_themes_files()
    return path


def _read(workspace: Workspace) -> SeasonThemes:
    themes = read_season_themes(_season_file(workspace))
    assert themes is not None
    return themes


def _check_openings(workspace: Workspace, count: int = COUNT) -> None:
    themes = _read(workspace)
    episodes = {one.fingerprint: one for one in workspace.load_catalogue().episodes}
    assert themes.episodes.keys() == episodes.keys()
    assert len(themes.episodes) == count
    for fingerprint, segments in themes.episodes.items():
        (opening,) = segments
        start = opening_start(episodes[fingerprint].name.number or 0)
        assert opening.type == "opening"
        assert opening.confidence == "certain"
        assert opening.start == pytest.approx(start, abs=0.1)
        assert opening.end == pytest.approx(start + OPENING_SECONDS, abs=0.1)


def test_index_finds_and_publishes_the_openings_of_a_season(season: Workspace) -> None:
    _check_openings(season)
    manifest = read_manifest(published_folder(season))
    assert list(manifest.sections["themes"]["seasons"]) == [_season_file(season).stem]  # type: ignore[index, call-overload, arg-type]
    (template,) = _read(season).templates
    assert template.type == "opening"
    assert template.seconds == pytest.approx(OPENING_SECONDS, abs=0.1)
    firsts = [segment.is_first for (segment,) in _read(season).episodes.values()]
    assert sum(firsts) == 1


def test_a_second_run_computes_nothing(season: Workspace) -> None:
    written = _season_file(season).stat().st_mtime_ns
    assert reopen(season).list_pending_seasons() == []
    assert not index(season).published
    assert _season_file(season).stat().st_mtime_ns == written


def test_a_new_episode_joins_the_template_of_its_season(season: Workspace) -> None:
    before = _read(season)
    write_themed_episode(season, COUNT + 1)
    assert index(season).published
    after = _read(season)
    _check_openings(reopen(season), COUNT + 1)
    assert [one.id for one in after.templates] == [one.id for one in before.templates]
    assert describe_reason(before, after) == "1 episodes new"
    (change,) = list_changes(before, after)
    assert change.before is None
    with open_instance(season.home) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey("themes"))
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    assert metadata["seasons computed"].value == 1
    assert {"what changed", "Show S01: timelines", "Show S01: templates"} <= metadata.keys()


@pytest.mark.parametrize("damage", [b"", b"{", None])
def test_a_lost_season_is_computed_again(season: Workspace, damage: bytes | None) -> None:
    path = _season_file(season)
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    index(season)
    _check_openings(season)
    assert reopen(season).list_pending_seasons() == []


def test_a_library_from_before_themes_gets_them_without_decoding_a_picture(
    season: Workspace,
) -> None:
    home = season.home
    frames = {path: path.stat().st_mtime_ns for path in home.root.glob("frames/*/*.arrow")}
    tracks = sorted(home.root.glob("tracks/**/*.npz"))
    assert tracks
    for path in [*tracks, _season_file(season)]:
        path.unlink()
    outcome = index(season)
    assert outcome.indexed == 0
    _check_openings(season)
    assert sorted(home.root.glob("tracks/**/*.npz")) == tracks
    assert frames == {path: path.stat().st_mtime_ns for path in frames}


def test_a_season_that_left_the_library_is_forgotten(season: Workspace) -> None:
    path = _season_file(season)
    for video in season.videos_folder.iterdir():
        video.rename(video.with_name(video.name.replace("S01", "S02")))
    index(season)
    assert not path.exists()
    _check_openings(reopen(season))


def test_an_episode_with_damaged_frames_is_left_out_and_named(season: Workspace) -> None:
    workspace = reopen(season)
    _season_file(season).unlink()
    pending = workspace.list_pending_seasons()
    (victim, *_) = workspace.known_statuses()
    victim.frames_file.write_bytes(b"no frames")
    (update,) = workspace.themes.update(pending, workspace.embedder, lambda *_: None)
    assert list(update.failures) == [victim.episode.path]
    assert victim.episode.fingerprint not in update.after.episodes
    assert len(update.after.episodes) == COUNT - 1


def test_a_lone_episode_is_the_taggers_and_never_certain(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    write_themed_episode(workspace, 1)
    assert index(workspace).indexed == 1
    (segments,) = _read(workspace).episodes.values()
    assert all(segment.evidence.witnesses == ("tagger",) for segment in segments)
    assert all(segment.confidence != "certain" for segment in segments)
    opened = reopen(workspace)
    assert opened.list_pending_seasons() == []
    tagger = load_tagger(workspace.home)
    (status,) = opened.load_statuses()
    assert segments == tagger.tag(load_tracks(workspace.home, status))
    write_themed_episode(workspace, 2)
    index(workspace)
    assert all(
        segment.evidence.witnesses != ("tagger",)
        for found in _read(workspace).episodes.values()
        for segment in found
    )
