"""A library is followed: new, replaced, renamed, deleted, broken and contested files."""

import json
import os
import shutil
from pathlib import Path

import dagster as dg
import pytest
from sample_videos import (
    copy_workspace,
    draw_shots,
    index,
    new_workspace,
    published_folder,
    reopen,
    write_film,
)

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.core.search.episode_indexing import (
    EpisodeError,
    ensure_features,
    ensure_frames,
)
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.orchestration import job_runner


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A library of three episodes that was never indexed."""
    workspace = new_workspace(tmp_path)
    _write_films(workspace)
    return workspace


@pytest.fixture
def indexed(tmp_path: Path) -> Workspace:
    """The same library, indexed."""

    def make(workspace: Workspace) -> None:
        _write_films(workspace)
        index(workspace)

    return copy_workspace("followed", make, tmp_path)


def _write_films(workspace: Workspace) -> None:
    for number in (1, 2, 3):
        write_film(workspace.videos_folder / "Show" / f"Show - S01E0{number}.mp4", seed=number)


def _find(workspace: Workspace, seed: int, shot: int = 3) -> Scene:
    engine = SearchEngine.open(published_folder(workspace))
    return engine.search(draw_shots(seed, 6)[shot])[0]


def _made(workspace: Workspace) -> dict[str, int]:
    """Return every stored frames and features file with its time of writing."""
    root = workspace.home.root
    return {
        str(path.relative_to(root)): path.stat().st_mtime_ns
        for folder in ("frames", "features")
        for path in (root / folder).rglob("*.*")
    }


def test_a_frame_is_found_at_its_second(workspace: Workspace) -> None:
    outcome = index(workspace)
    assert (outcome.episodes, outcome.indexed, outcome.problems) == (3, 3, {})
    scene = _find(workspace, seed=2)
    assert scene.episode.path == "Show/Show - S01E02.mp4"
    assert (scene.episode.series, scene.episode.season, scene.episode.number) == ("Show", 1, 2)
    assert 1.5 <= scene.at < 2.0
    assert scene.similarity >= 0.9


def test_a_second_run_does_nothing(indexed: Workspace) -> None:
    made, snapshots = _made(indexed), sorted(indexed.home.snapshots.iterdir())
    outcome = index(indexed)
    assert (outcome.indexed, outcome.published) == (0, False)
    assert _made(indexed) == made
    assert sorted(indexed.home.snapshots.iterdir()) == snapshots


def test_a_new_episode_costs_one_episode(indexed: Workspace) -> None:
    before = _made(indexed)
    write_film(indexed.videos_folder / "Show" / "Show - S01E04.mp4", seed=4)
    outcome = index(indexed)
    assert (outcome.indexed, outcome.published) == (1, True)
    after = _made(indexed)
    assert len(after) == len(before) + 2
    assert {name: after[name] for name in before} == before
    assert _find(indexed, seed=4).episode.number == 4
    assert _find(indexed, seed=1).episode.number == 1


def test_a_renamed_file_is_not_computed_again(indexed: Workspace) -> None:
    made = _made(indexed)
    old = indexed.videos_folder / "Show" / "Show - S01E03.mp4"
    old.rename(indexed.videos_folder / "Show" / "Show - S01E09 - Renamed.mp4")
    outcome = index(indexed)
    assert (outcome.indexed, outcome.published) == (0, True)
    assert _made(indexed) == made
    scene = _find(indexed, seed=3)
    assert (scene.episode.number, scene.episode.title) == (9, "Renamed")


def test_a_replaced_file_takes_the_place_of_the_old_one(indexed: Workspace) -> None:
    write_film(indexed.videos_folder / "Show" / "Show - S01E01.mp4", seed=7)
    assert index(indexed).indexed == 1
    assert _find(indexed, seed=7).episode.number == 1
    assert _find(indexed, seed=7).similarity >= 0.9
    assert _find(indexed, seed=1).similarity < 0.99


def test_a_deleted_file_leaves_the_index(indexed: Workspace) -> None:
    (indexed.videos_folder / "Show" / "Show - S01E01.mp4").unlink()
    outcome = index(indexed)
    assert (outcome.episodes, outcome.published) == (2, True)
    assert _find(indexed, seed=1).episode.number != 1
    manifest = read_manifest(published_folder(indexed))
    assert (len(manifest.contents), manifest.next_content) == (2, 3)


def test_a_library_that_became_empty_is_published_as_empty(indexed: Workspace) -> None:
    shutil.rmtree(indexed.videos_folder / "Show")
    outcome = index(indexed)
    assert (outcome.episodes, outcome.published) == (0, True)
    assert outcome.snapshot
    engine = SearchEngine.open(indexed.home.snapshots / outcome.snapshot)
    assert engine.search(draw_shots(1, 1)[0]) == []


def test_broken_files_are_reported_without_affecting_others(workspace: Workspace) -> None:
    folder = workspace.videos_folder / "Show"
    (folder / "Show - S01E05.mp4").write_text("this is not a video")
    (folder / "Show - S01E06.mp4").touch()
    shutil.copy(folder / "Show - S01E01.mp4", folder / "Show - 1x01.mp4")
    for _ in range(2):  # the second run does not try them again, and names them all the same
        outcome = index(workspace)
        assert outcome.episodes == 4
        assert set(outcome.problems) == {
            "Show/Show - S01E05.mp4",
            "Show/Show - S01E06.mp4",
        }
        assert set(outcome.notices) == {"Show/Show - S01E01.mp4"}  # a version of its copy
    assert _find(workspace, seed=2).episode.number == 2
    write_film(folder / "Show - S01E05.mp4", seed=5)
    (folder / "Show - S01E06.mp4").unlink()
    (folder / "Show - 1x01.mp4").unlink()
    outcome = index(workspace)
    assert outcome.problems == {}
    assert _find(workspace, seed=5).episode.number == 5


def test_a_truncated_file_is_indexed_as_far_as_it_decodes(workspace: Workspace) -> None:
    path = write_film(workspace.videos_folder / "Show" / "Show - S01E07.mkv", seed=8, seconds=6)
    os.truncate(path, path.stat().st_size * 2 // 3)
    outcome = index(workspace)
    assert outcome.problems == {}
    assert "missing" in outcome.warnings["Show/Show - S01E07.mkv"]
    assert _find(workspace, seed=8, shot=1).episode.number == 7


def test_a_changed_option_never_meets_stale_data(indexed: Workspace) -> None:
    first = _made(indexed)
    indexed.home.config_file.write_text("[sampling]\nfps = 4\n")
    outcome = index(indexed)
    assert (outcome.indexed, outcome.published) == (3, True)
    assert len(_made(indexed)) == 2 * len(first)
    assert outcome.snapshot
    snapshot = Snapshot(indexed.home.snapshots / outcome.snapshot)
    assert {content.fps for content in snapshot.contents.values()} == {4.0}
    indexed.home.config_file.unlink()
    assert index(indexed).indexed == 0  # what was made before is still there


def test_opening_and_ending_are_skipped_but_not_in_the_first_episode(
    workspace: Workspace,
) -> None:
    workspace.home.config_file.write_text("[sampling]\nopening = 1\nending = 1\n")
    index(workspace)
    assert _find(workspace, seed=1, shot=0).similarity >= 0.9
    assert _find(workspace, seed=2, shot=0).similarity < 0.99
    assert _find(workspace, seed=2, shot=5).similarity < 0.99
    assert 1.5 <= _find(workspace, seed=2, shot=3).at < 2.0


def test_another_model_embeds_again_without_a_video(indexed: Workspace) -> None:
    from conftest import make_model

    made = _made(indexed)
    make_model(indexed.home.models / "other", seed=1)
    (indexed.home.models / "IN_USE").write_text("other\n")
    for video in indexed.videos_folder.rglob("*.mp4"):
        os.utime(video, ns=(0, video.stat().st_mtime_ns))
    outcome = index(indexed)
    assert (outcome.indexed, outcome.published) == (3, True)
    new = set(_made(indexed)) - set(made)
    assert len(new) == 3
    assert all(name.startswith("features/") for name in new)
    assert all(video.stat().st_atime_ns == 0 for video in indexed.videos_folder.rglob("*.mp4"))
    assert _find(indexed, seed=2).episode.number == 2


def test_statuses_report_what_is_missing(indexed: Workspace) -> None:
    gone = next((indexed.home.root / "features").rglob("*.parquet"))
    gone.unlink()
    pending = [status for status in reopen(indexed).load_statuses() if status.is_pending]
    assert [status.features_file for status in pending] == [gone]
    assert index(indexed).indexed == 1


def test_a_missing_disk_marks_no_episode_as_failed(indexed: Workspace) -> None:
    path = indexed.videos_folder / "Show" / "Show - S01E01.mp4"
    status = reopen(indexed).load_statuses()[0]
    status.frames_file.unlink()
    away = path.rename(indexed.home.root / "away.mp4")
    with pytest.raises(EpisodeError, match=r"Show - S01E01\.mp4"):
        ensure_frames(indexed.home, indexed.videos_folder, status)
    away.rename(path)
    assert reopen(indexed).load_statuses()[0].is_pending
    assert ensure_frames(indexed.home, indexed.videos_folder, status).seconds is not None


def test_a_failure_is_tried_again_by_another_version(workspace: Workspace) -> None:
    (workspace.videos_folder / "Show" / "Show - S01E05.mp4").write_text("rubbish")
    index(workspace)
    (note,) = (workspace.home.root / "frames").rglob("*.failed.json")
    reported = json.loads(note.read_text())
    note.write_text(json.dumps(reported | {"version": "0.0.0"}))
    (pending,) = [status for status in reopen(workspace).load_statuses() if status.is_pending]
    assert pending.failure_file == note
    index(workspace)
    assert json.loads(note.read_text()) == reported


def test_a_file_swapped_before_reading_is_detected(
    workspace: Workspace,
) -> None:
    one, two = (workspace.videos_folder / "Show" / f"Show - S01E0{n}.mp4" for n in (1, 2))
    index(workspace)
    statuses = reopen(workspace).load_statuses()[:2]
    for status in statuses:
        status.frames_file.unlink()
    one.rename(two.with_suffix(".away"))
    two.rename(one)
    two.with_suffix(".away").rename(two)
    for status in statuses:
        with pytest.raises(EpisodeError, match="changed while it was being indexed"):
            ensure_frames(workspace.home, workspace.videos_folder, status)
    assert index(workspace).problems == {}
    assert _find(workspace, seed=1).episode.number == 2
    assert _find(workspace, seed=2).episode.number == 1


def test_damaged_stored_frames_are_made_again(indexed: Workspace) -> None:
    from conftest import make_model

    frames = reopen(indexed).load_statuses()[0].frames_file
    content = bytearray(frames.read_bytes())
    start = content.index(b"\xff\xd8\xff")  # the first stored JPEG
    content[start : start + 200] = bytes(200)
    frames.write_bytes(bytes(content))
    make_model(indexed.home.models / "other", seed=1)
    (indexed.home.models / "IN_USE").write_text("other\n")
    outcome = index(indexed)
    assert list(outcome.problems) == ["Show/Show - S01E01.mp4"]
    assert "index again" in outcome.problems["Show/Show - S01E01.mp4"]
    assert outcome.indexed == 2
    assert index(indexed).problems == {}
    assert _find(indexed, seed=1).similarity >= 0.9


def test_features_that_do_not_fit_their_frames_are_made_again(indexed: Workspace) -> None:
    one, two = reopen(indexed).load_statuses()[:2]
    one.frames_file.write_bytes(two.frames_file.read_bytes())
    os.truncate(one.features_file, one.features_file.stat().st_size - 10)
    done = ensure_features(indexed.home, one, indexed.embedder)
    assert done.seconds is not None


def test_a_run_that_fails_before_any_step_is_no_success(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: dg.InitResourceContext) -> None:
        raise ValueError("a resource that cannot be made")

    monkeypatch.setattr(job_runner, "SharedLibrary", lambda _: dg.ResourceDefinition(broken))
    with pytest.raises(CommandError, match="a resource that cannot be made"):
        index(workspace)
