"""Snapshots are verified before they are published, published atomically, and deleted in time."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from sample_videos import (
    copy_indexed,
    draw_shots,
    episode_path,
    index,
    published_folder,
    write_film,
)

from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.vectors import normalise_rows
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.local.postings import Postings
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.manifest import MANIFEST_FILE, read_manifest
from whenanime_pipeline.core.search.snapshot.publish import KEPT_SNAPSHOTS, inspect_index, publish
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot, check_files
from whenanime_pipeline.core.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=1)


def _rename_an_episode(workspace: Workspace, number: int) -> None:
    (old,) = workspace.videos_folder.glob("*.mp4")
    old.rename(episode_path(workspace, number))
    index(workspace)


def test_a_published_snapshot_answers_searches(workspace: Workspace) -> None:
    folder = published_folder(workspace)
    manifest = check_files(folder)
    (season,) = workspace.home.list_season_themes_files()
    assert {file.path for file in manifest.files} == {
        "index.hnsw",
        "episodes.parquet",
        "model.onnx",
        "meta.json",
        "frames/0.arrow",
        f"themes/{season.name}",
        *(f"local/000001/{field.name}.npy" for field in fields(Postings)),
    }
    snapshot = Snapshot(folder)
    assert len(snapshot.picture(0, 0)) > 100
    (run,) = snapshot.runs(0, 1)
    assert run[0] == pytest.approx(0.5, abs=0.13)


def test_unchanged_files_are_hard_links_to_the_previous_snapshot(workspace: Workspace) -> None:
    first = published_folder(workspace)
    write_film(episode_path(workspace, 2), seed=2)
    index(workspace)
    second = published_folder(workspace)
    for name in ("frames/0.arrow", "model.onnx"):
        assert (first / name).samefile(second / name)
    assert read_manifest(second).parent == first.name


def test_a_rename_hard_links_the_index(workspace: Workspace) -> None:
    first = published_folder(workspace)
    _rename_an_episode(workspace, 5)
    assert (first / "index.hnsw").samefile(published_folder(workspace) / "index.hnsw")


def test_old_snapshots_are_deleted_and_open_ones_still_answer(workspace: Workspace) -> None:
    first = published_folder(workspace)
    early, late = SearchEngine.open(first), SearchEngine.open(first)
    for number in range(2, 3 + KEPT_SNAPSHOTS):
        _rename_an_episode(workspace, number)
    kept = [path for path in workspace.home.snapshots.iterdir() if path.is_dir()]
    assert len(kept) == KEPT_SNAPSHOTS
    assert published_folder(workspace) in kept
    assert first not in kept
    assert early.search(draw_shots(1, 6)[2])[0].similarity >= 0.9
    # Another content under the same number is not taken for it.
    for folder in kept:
        manifest = json.loads((folder / MANIFEST_FILE).read_text())
        manifest["contents"][0]["fingerprint"] = "another"
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest))
    assert late.search(draw_shots(1, 6)[2]) == []


@pytest.mark.parametrize(
    "name",
    [
        "index.hnsw",
        "episodes.parquet",
        "model.onnx",
        "frames/0.arrow",
        "local/000001/codes.npy",
    ],
)
def test_a_damaged_snapshot_is_not_published(workspace: Workspace, name: str) -> None:
    folder = published_folder(workspace)
    copy = folder.with_name("000002-damaged")
    shutil.copytree(folder, copy)
    manifest = json.loads((copy / MANIFEST_FILE).read_text()) | {"parent": folder.name}
    (copy / MANIFEST_FILE).write_text(json.dumps(manifest))
    os.truncate(copy / name, (copy / name).stat().st_size - 1)
    with pytest.raises(SnapshotError, match=name):
        publish(workspace.home.snapshots, copy.name, workspace.sections)
    assert published_folder(workspace) == folder


def test_failing_to_delete_old_snapshots_keeps_the_publication(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterdir = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path == workspace.home.snapshots:
            raise PermissionError(path)
        return iterdir(path)

    first = published_folder(workspace)
    monkeypatch.setattr(Path, "iterdir", refused)
    _rename_an_episode(workspace, 2)
    assert published_folder(workspace) != first


def test_a_snapshot_with_another_parent_is_not_published(workspace: Workspace) -> None:
    folder = published_folder(workspace)
    shutil.copytree(folder, folder.with_name("000002-elsewhere"))
    with pytest.raises(SnapshotError, match="is published"):
        publish(workspace.home.snapshots, "000002-elsewhere", workspace.sections)


def test_a_snapshot_of_a_newer_version_is_refused(workspace: Workspace) -> None:
    folder = published_folder(workspace)
    manifest = json.loads((folder / MANIFEST_FILE).read_text()) | {
        "schema_version": 99,
        "new": True,
    }
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest))
    with pytest.raises(SnapshotError, match=r"version 99.*Update"):
        Snapshot(folder)


def test_a_frame_without_a_vector_is_detected(workspace: Workspace) -> None:
    folder = published_folder(workspace)
    report = inspect_index(folder)
    assert report.is_publishable
    assert report.rows == report.sampled == Snapshot(folder).contents[0].frames
    graph = Snapshot(folder).load_index()
    graph.remove(labels_of(0, 3)[2:])
    graph.save(folder / "index.hnsw")
    report = inspect_index(folder)
    assert not report.is_publishable
    assert (report.missing, report.foreign) == (1, 0)


def test_vectors_without_a_frame_are_detected(workspace: Workspace) -> None:
    folder = published_folder(workspace)
    graph = Snapshot(folder).load_index()
    size = Snapshot(folder).manifest.dimension
    # Removed ones may stand there: they cannot be found.
    graph.add(
        labels_of(8, 20), normalise_rows(np.random.default_rng(0).random((20, size), np.float32))
    )
    graph.remove(labels_of(8, 20))
    graph.save(folder / "index.hnsw")
    assert inspect_index(folder).is_publishable
    graph.add(
        labels_of(9, 5), normalise_rows(np.random.default_rng(1).random((5, size), np.float32))
    )
    graph.save(folder / "index.hnsw")
    report = inspect_index(folder)
    assert not report.is_publishable
    assert (report.missing, report.foreign) == (0, 5)


def test_a_live_engine_swaps_in_new_snapshots_and_keeps_the_last_intact_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whenanime_pipeline.core.search.query.live.POLL_INTERVAL", 0)
    live = LiveEngine(workspace.home.root)
    first = live.engine()
    assert first
    assert live.engine() is first
    write_film(episode_path(workspace, 2), seed=2)
    index(workspace)
    second = live.engine()
    assert second
    assert second is not first
    assert second.search(draw_shots(2, 6)[0])[0].episode.number == 2
    # What is gone over by a newer one still answers who holds it.
    assert first.search(draw_shots(1, 6)[0])[0].episode.number == 1

    (workspace.home.snapshots / "LATEST").write_text("000009-nowhere\n")
    assert live.engine() is second
    assert live.problem
    assert "000009-nowhere" in live.problem
    (workspace.home.snapshots / "LATEST").write_text(second.snapshot.id)
    index(workspace)
    assert live.engine() is not None
    assert live.problem is None


def test_a_repaired_snapshot_is_opened_after_a_while(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whenanime_pipeline.core.search.query.live.POLL_INTERVAL", 0)
    index_file = published_folder(workspace) / "index.hnsw"
    content = index_file.read_bytes()
    index_file.write_bytes(bytes(len(content)))
    live = LiveEngine(workspace.home.root)
    assert live.engine() is None
    assert "index.hnsw" in str(live.problem)
    index_file.write_bytes(content)
    assert live.engine() is None
    monkeypatch.setattr("whenanime_pipeline.core.search.query.live.RETRY_AFTER", 0)
    live = LiveEngine(workspace.home.root)
    index_file.write_bytes(bytes(len(content)))
    assert live.engine() is None
    index_file.write_bytes(content)
    engine = live.engine()
    assert engine
    assert live.problem is None
    assert live.engine() is engine


def test_an_unreadable_pointer_is_reported_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "snapshots" / "LATEST").mkdir(parents=True)
    live = LiveEngine(tmp_path)
    assert live.engine() is None
    assert "LATEST" in str(live.problem)


def test_a_home_without_a_snapshot_has_no_engine_and_no_problem(tmp_path: Path) -> None:
    live = LiveEngine(tmp_path)
    assert live.engine() is None
    assert live.problem is None
