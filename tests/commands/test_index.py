"""A library is followed: new, replaced, renamed, deleted, broken and contested files."""

import json
import os
import shutil
from pathlib import Path

import dagster as dg
import pytest
from sample_videos import draw_shots, index, new_workspace, published_folder, reopen, write_film

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
    workspace = new_workspace(tmp_path)
    for number in (1, 2, 3):
        write_film(workspace.videos_folder / "Show" / f"Show - S01E0{number}.mp4", seed=number)
    return workspace


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


def test_a_second_run_does_nothing(workspace: Workspace) -> None:
    index(workspace)
    made, snapshots = _made(workspace), sorted(workspace.home.snapshots.iterdir())
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published) == (0, False)
    assert _made(workspace) == made
    assert sorted(workspace.home.snapshots.iterdir()) == snapshots


def test_a_new_episode_costs_one_episode(workspace: Workspace) -> None:
    index(workspace)
    before = _made(workspace)
    write_film(workspace.videos_folder / "Show" / "Show - S01E04.mp4", seed=4)
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published) == (1, True)
    after = _made(workspace)
    assert len(after) == len(before) + 2
    assert {name: after[name] for name in before} == before
    assert _find(workspace, seed=4).episode.number == 4
    assert _find(workspace, seed=1).episode.number == 1


def test_a_renamed_file_is_not_computed_again(workspace: Workspace) -> None:
    index(workspace)
    made = _made(workspace)
    old = workspace.videos_folder / "Show" / "Show - S01E03.mp4"
    old.rename(workspace.videos_folder / "Show" / "Show - S01E09 - Renamed.mp4")
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published) == (0, True)
    assert _made(workspace) == made
    scene = _find(workspace, seed=3)
    assert (scene.episode.number, scene.episode.title) == (9, "Renamed")


def test_a_replaced_file_takes_the_place_of_the_old_one(workspace: Workspace) -> None:
    index(workspace)
    write_film(workspace.videos_folder / "Show" / "Show - S01E01.mp4", seed=7)
    assert index(workspace).indexed == 1
    assert _find(workspace, seed=7).episode.number == 1
    assert _find(workspace, seed=7).similarity >= 0.9
    assert _find(workspace, seed=1).similarity < 0.99


def test_a_deleted_file_leaves_the_index(workspace: Workspace) -> None:
    index(workspace)
    (workspace.videos_folder / "Show" / "Show - S01E01.mp4").unlink()
    outcome = index(workspace)
    assert (outcome.episodes, outcome.published) == (2, True)
    assert _find(workspace, seed=1).episode.number != 1
    manifest = read_manifest(published_folder(workspace))
    assert (len(manifest.contents), manifest.next_content) == (2, 3)


def test_a_library_that_became_empty_is_published_as_empty(workspace: Workspace) -> None:
    index(workspace)
    shutil.rmtree(workspace.videos_folder / "Show")
    outcome = index(workspace)
    assert (outcome.episodes, outcome.published) == (0, True)
    assert outcome.snapshot
    engine = SearchEngine.open(workspace.home.snapshots / outcome.snapshot)
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


def test_a_changed_option_never_meets_stale_data(workspace: Workspace) -> None:
    index(workspace)
    first = _made(workspace)
    workspace.home.config_file.write_text("[sampling]\nfps = 4\n")
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published) == (3, True)
    assert len(_made(workspace)) == 2 * len(first)
    assert outcome.snapshot
    snapshot = Snapshot(workspace.home.snapshots / outcome.snapshot)
    assert {content.fps for content in snapshot.contents.values()} == {4.0}
    workspace.home.config_file.unlink()
    assert index(workspace).indexed == 0  # what was made before is still there


def test_opening_and_ending_are_skipped_but_not_in_the_first_episode(
    workspace: Workspace,
) -> None:
    workspace.home.config_file.write_text("[sampling]\nopening = 1\nending = 1\n")
    index(workspace)
    assert _find(workspace, seed=1, shot=0).similarity >= 0.9
    assert _find(workspace, seed=2, shot=0).similarity < 0.99
    assert _find(workspace, seed=2, shot=5).similarity < 0.99
    assert 1.5 <= _find(workspace, seed=2, shot=3).at < 2.0


def test_another_model_embeds_again_without_a_video(workspace: Workspace) -> None:
    from conftest import make_model

    index(workspace)
    made = _made(workspace)
    make_model(workspace.home.models / "other", seed=1)
    (workspace.home.models / "IN_USE").write_text("other\n")
    for video in workspace.videos_folder.rglob("*.mp4"):
        os.utime(video, ns=(0, video.stat().st_mtime_ns))
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published) == (3, True)
    new = set(_made(workspace)) - set(made)
    assert len(new) == 3
    assert all(name.startswith("features/") for name in new)
    assert all(video.stat().st_atime_ns == 0 for video in workspace.videos_folder.rglob("*.mp4"))
    assert _find(workspace, seed=2).episode.number == 2


def test_statuses_report_what_is_missing(workspace: Workspace) -> None:
    index(workspace)
    gone = next((workspace.home.root / "features").rglob("*.parquet"))
    gone.unlink()
    pending = [status for status in reopen(workspace).load_statuses() if status.is_pending]
    assert [status.features_file for status in pending] == [gone]
    assert index(workspace).indexed == 1


def test_a_missing_disk_marks_no_episode_as_failed(workspace: Workspace) -> None:
    index(workspace)
    path = workspace.videos_folder / "Show" / "Show - S01E01.mp4"
    status = reopen(workspace).load_statuses()[0]
    status.frames_file.unlink()
    away = path.rename(workspace.home.root / "away.mp4")
    with pytest.raises(EpisodeError, match=r"Show - S01E01\.mp4"):
        ensure_frames(workspace.home, workspace.videos_folder, status)
    away.rename(path)
    assert reopen(workspace).load_statuses()[0].is_pending
    assert ensure_frames(workspace.home, workspace.videos_folder, status).seconds is not None


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


def test_damaged_stored_frames_are_made_again(workspace: Workspace) -> None:
    index(workspace)
    from conftest import make_model

    frames = reopen(workspace).load_statuses()[0].frames_file
    content = bytearray(frames.read_bytes())
    start = content.index(b"\xff\xd8\xff")  # the first stored JPEG
    content[start : start + 200] = bytes(200)
    frames.write_bytes(bytes(content))
    make_model(workspace.home.models / "other", seed=1)
    (workspace.home.models / "IN_USE").write_text("other\n")
    outcome = index(workspace)
    assert list(outcome.problems) == ["Show/Show - S01E01.mp4"]
    assert "index again" in outcome.problems["Show/Show - S01E01.mp4"]
    assert outcome.indexed == 2
    assert index(workspace).problems == {}
    assert _find(workspace, seed=1).similarity >= 0.9


def test_features_that_do_not_fit_their_frames_are_made_again(workspace: Workspace) -> None:
    index(workspace)
    one, two = reopen(workspace).load_statuses()[:2]
    one.frames_file.write_bytes(two.frames_file.read_bytes())
    os.truncate(one.features_file, one.features_file.stat().st_size - 10)
    done = ensure_features(workspace.home, one, workspace.embedder)
    assert done.seconds is not None


def test_a_run_that_fails_before_any_step_is_no_success(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: dg.InitResourceContext) -> None:
        raise ValueError("a resource that cannot be made")

    monkeypatch.setattr(job_runner, "SharedLibrary", lambda _: dg.ResourceDefinition(broken))
    with pytest.raises(CommandError, match="a resource that cannot be made"):
        index(workspace)
