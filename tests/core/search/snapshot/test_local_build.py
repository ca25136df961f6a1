"""Local features from stored frames into snapshots, built incrementally."""

import os
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from conftest import make_model
from sample_videos import (
    copy_indexed,
    draw_shots,
    episode_path,
    index,
    new_workspace,
    process_episodes,
    published_folder,
    reopen,
    scan_videos,
    write_film,
)

from whenanime_pipeline.core.search.episode_indexing import ensure_features
from whenanime_pipeline.core.search.errors import FramesError, SnapshotError
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.local import keyframes, version
from whenanime_pipeline.core.search.local.detector import QUERY_SETTINGS, detect
from whenanime_pipeline.core.search.local.extract import extract_local_features
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.local.stored import VideoFeatures
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.snapshot.local_check import inspect_local
from whenanime_pipeline.core.search.snapshot.manifest import LocalSegment, Manifest, read_manifest
from whenanime_pipeline.core.search.snapshot.publish import publish
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.workspace import Workspace

LARGE = (320, 192)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=3)


def _manifest(workspace: Workspace) -> Manifest:
    return read_manifest(published_folder(workspace))


def _segments(workspace: Workspace) -> tuple[LocalSegment, ...]:
    section = _manifest(workspace).local
    assert section
    return section.segments


def _local(workspace: Workspace) -> LocalIndex:
    found = Snapshot(published_folder(workspace)).load_local()
    assert found
    return found


def _answers(workspace: Workspace, seed: int) -> list[tuple[int, str, int, float, float, int]]:
    """Return all that a picture's features find, by what a video is and not by its number."""
    snapshot = Snapshot(published_folder(workspace))
    local = snapshot.load_local()
    assert local
    features = detect(draw_shots(seed, 6)[2], QUERY_SETTINGS)
    found = local.search(features)
    rows = zip(
        found.query.tolist(), found.keyframe.tolist(),
        found.points.tolist(), found.distance.tolist(),
        strict=True,
    )  # fmt: skip
    return sorted(
        (
            query,
            snapshot.contents[int(local.keyframes.content[key])].fingerprint,
            int(local.keyframes.frame[key]),
            *point,
            distance,
        )
        for query, key, point, distance in rows
    )


def _best(workspace: Workspace, seed: int) -> int:
    """Return the ordinal of the content that most features of a picture are found in."""
    local = _local(workspace)
    found = local.search(detect(draw_shots(seed, 6)[2], QUERY_SETTINGS))
    return int(np.bincount(local.keyframes.content[found.keyframe]).argmax())


def _stored(workspace: Workspace) -> list[Path]:
    return [status.local_file for status in reopen(workspace).load_statuses()]


def test_local_features_retrieve_the_video_of_a_frame(workspace: Workspace) -> None:
    assert [_best(workspace, seed) for seed in (1, 2, 3)] == [0, 1, 2]
    report = inspect_local(published_folder(workspace), _manifest(workspace))
    assert report.is_publishable
    assert report.contents == 3
    assert report.keyframes == len(_local(workspace).keyframes)


def test_a_content_filter_and_a_distance_limit_hold(workspace: Workspace) -> None:
    local = _local(workspace)
    features = detect(draw_shots(1, 6)[2], QUERY_SETTINGS)
    everything = local.search(features)
    some = local.search(features, contents=[0, 2, 99])
    owners = local.keyframes.content[everything.keyframe]
    assert set(owners.tolist()) == {0, 1, 2}
    np.testing.assert_array_equal(some.keyframe, everything.keyframe[owners != 1])
    assert len(local.search(features, contents=[])) == 0
    assert len(local.search(features, max_distance=-1)) == 0
    exact = local.search(features, max_distance=0).distance
    assert (exact == 0).all()


def test_incremental_builds_equal_a_full_build(workspace: Workspace, tmp_path: Path) -> None:
    write_film(episode_path(workspace, 4), seed=4)
    index(workspace)
    episode_path(workspace, 1).unlink()
    index(workspace)
    write_film(episode_path(workspace, 2), seed=5)
    write_film(episode_path(workspace, 6), seed=6)
    index(workspace)
    other = new_workspace(tmp_path / "other")
    for path in workspace.videos_folder.iterdir():
        shutil.copy2(path, other.videos_folder / path.name)
    index(other)
    for seed in range(1, 7):
        assert _answers(workspace, seed) == _answers(other, seed)
    assert len(_local(other).keyframes) == len(
        [
            c
            for c in _local(workspace).keyframes.content
            if c in Snapshot(published_folder(workspace)).contents
        ]
    )


def test_unchanged_segments_are_hard_links(workspace: Workspace) -> None:
    first = published_folder(workspace)
    (segment,) = _segments(workspace)
    episode_path(workspace, 3).rename(episode_path(workspace, 7))
    index(workspace)
    second = published_folder(workspace)
    assert second != first
    assert _segments(workspace) == (segment,)
    for name in ("codes.npy", "keys.npy", "starts.npy"):
        assert (first / segment.path / name).samefile(second / segment.path / name)
    listed = {file.path: file for file in _manifest(workspace).files}
    assert listed[f"{segment.path}/codes.npy"].checksum


def test_another_model_keeps_the_local_features(workspace: Workspace) -> None:
    stamps = [path.stat().st_mtime_ns for path in _stored(workspace)]
    segments = _segments(workspace)
    make_model(workspace.home.models / "other", seed=1)
    (workspace.home.models / "IN_USE").write_text("other\n")
    index(workspace)
    assert [path.stat().st_mtime_ns for path in _stored(workspace)] == stamps
    assert _segments(workspace) == segments


def test_an_older_home_is_searched_and_upgraded_without_videos(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that was indexed before there were local features."""
    shutil.rmtree(workspace.home.root / "local")
    folder = published_folder(workspace)
    manifest = _manifest(workspace)
    files = [file for file in manifest.files if not file.path.startswith("local/")]
    before = manifest.model_copy(update={"files": tuple(files)})
    (folder / "manifest.json").write_text(before.model_dump_json(exclude={"sections"}))
    shutil.rmtree(folder / "local")
    assert Snapshot(folder).load_local() is None

    opened = reopen(workspace)
    assert all(status.is_pending for status in opened.load_statuses())
    assert opened.publish_snapshot()[1] is False or _manifest(workspace).local is None
    first, *rest = opened.load_statuses()
    shutil.rmtree(workspace.videos_folder)  # they are not needed
    ensure_features(opened.home, first, opened.embedder)
    assert reopen(workspace).publish_snapshot()[1]
    assert [list(segment.contents) for segment in _segments(workspace)] == [[0]]
    assert len(_manifest(workspace).contents) == 3
    for status in rest:
        done = ensure_features(opened.home, status, opened.embedder)
        assert done.seconds is None
        assert done.local.seconds is not None
        assert done.local.bytes == status.local_file.stat().st_size
    reopen(workspace).publish_snapshot()
    assert [_best(workspace, seed) for seed in (1, 2, 3)] == [0, 1, 2]
    assert reopen(workspace).measure_pending_changes() == 0


def test_features_of_another_extraction_are_replaced_and_not_mixed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = _stored(workspace)
    for module in ("status", "snapshot.snapshot", "snapshot.local_build"):
        monkeypatch.setattr(f"whenanime_pipeline.core.search.{module}.local_id", lambda: "another")
    assert Snapshot(published_folder(workspace)).load_local() is None
    opened = reopen(workspace)
    first = opened.load_statuses()[0]
    assert first.local_file.parts[-3] == "another"
    ensure_features(opened.home, first, opened.embedder)
    assert reopen(workspace).publish_snapshot()[1]
    assert [list(segment.contents) for segment in _segments(workspace)] == [[0]]
    assert len(_local(workspace).keyframes) > 0
    assert all(path.exists() for path in old)


def test_a_damaged_file_is_deleted_and_rebuilt(workspace: Workspace) -> None:
    write_film(episode_path(workspace, 4), seed=4)
    workspace = reopen(workspace)
    index(workspace)
    write_film(episode_path(workspace, 5), seed=5)
    index(workspace)
    write_film(episode_path(workspace, 9), seed=9)
    scan_videos(workspace)
    process_episodes(workspace, 9)
    # Damaged before it is built in.
    (damaged,) = [
        s.local_file for s in reopen(workspace).load_statuses() if s.episode.name.number == 9
    ]
    os.truncate(damaged, damaged.stat().st_size - 20)
    with pytest.raises(FramesError, match="index again"):
        reopen(workspace).publish_snapshot()
    assert not damaged.exists()
    index(workspace)
    assert _best(workspace, 9) == 5


def test_local_features_that_differ_from_the_manifest_are_not_published(
    workspace: Workspace,
) -> None:
    folder = published_folder(workspace)
    manifest = _manifest(workspace)
    (segment,) = _segments(workspace)
    counts = np.load(folder / segment.path / "counts.npy")
    counts[:2] += (1, -1)
    copy = folder.with_name("000002-wrong")
    shutil.copytree(folder, copy)
    np.save(copy / segment.path / "counts.npy", counts)
    unchecked = [
        file.model_copy(update={"checksum": None}) if file.path.endswith("counts.npy") else file
        for file in manifest.files
    ]
    (copy / "manifest.json").write_text(
        manifest.model_copy(
            update={"parent": folder.name, "files": tuple(unchecked)}
        ).model_dump_json()
    )
    with pytest.raises(SnapshotError, match="local/000001"):
        publish(workspace.home.snapshots, copy.name, workspace.sections)


def test_local_features_do_not_depend_on_threads(workspace: Workspace) -> None:
    status = workspace.load_statuses()[0]
    vocabulary = Vocabulary.load()
    reported: list[tuple[float, float]] = []
    with FramesFile(status.frames_file) as frames:
        one = extract_local_features(frames, vocabulary, threads=1)
        more = extract_local_features(
            frames, vocabulary, threads=3, progress=lambda done, all_: reported.append((done, all_))
        )
    for field in fields(VideoFeatures):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(more, field.name))
    assert one.counts.sum() == len(one) > 50
    assert reported[-1] == (6.0, 6.0)
    assert one.frames.size == 6  # each shot of half a second is a cut


def test_the_id_of_local_features_depends_on_the_extraction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version.local_id.cache_clear()
    own = version.local_id()
    monkeypatch.setattr(keyframes, "CODE_VERSION", 99)
    version.local_id.cache_clear()
    assert version.local_id() != own
    monkeypatch.undo()
    version.local_id.cache_clear()
    assert version.local_id() == own
