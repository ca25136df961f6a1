"""What the next snapshot builds on, and what it carries over until new features are ready."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import make_model
from sample_videos import (
    copy_indexed,
    draw_shots,
    episode_path,
    process_episodes,
    published_folder,
    reopen,
    scan_videos,
    write_film,
)

from whenanime_pipeline.core.search.episode_indexing import EpisodeError
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.build import BuildResult
from whenanime_pipeline.core.search.snapshot.episode_table import read_episodes
from whenanime_pipeline.core.search.snapshot.manifest import (
    EPISODES_FILE,
    LATEST_FILE,
    MANIFEST_FILE,
    read_manifest,
)
from whenanime_pipeline.core.workspace import Workspace

OTHER_LOOKS = "[sampling]\nfps = 4\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=3)


def _publish(workspace: Workspace) -> tuple[BuildResult, bool]:
    return reopen(workspace).publish_snapshot()


def _held(workspace: Workspace) -> dict[int | None, tuple[int, float]]:
    """Return the published episodes' contents and frames sampled per second, by number."""
    folder = published_folder(workspace)
    fps = {content.ordinal: content.fps for content in read_manifest(folder).contents}
    return {
        row.number: (row.content, fps[row.content]) for row in read_episodes(folder / EPISODES_FILE)
    }


def _finds(workspace: Workspace, seed: int) -> bool:
    scenes = SearchEngine.open(published_folder(workspace)).search(draw_shots(seed, 6)[3])
    return bool(scenes) and scenes[0].similarity >= 0.9


def _features(workspace: Workspace, number: int) -> Path:
    (row,) = [
        r for r in read_episodes(published_folder(workspace) / EPISODES_FILE) if r.number == number
    ]
    return workspace.home.features_file(
        workspace.model_meta.model_id, row.sampling_id, row.fingerprint
    )


def test_a_changed_option_takes_effect_episode_by_episode(workspace: Workspace) -> None:
    workspace.home.config_file.write_text(OTHER_LOOKS)
    assert reopen(workspace).measure_pending_changes() == 0
    process_episodes(workspace, 2)
    assert _publish(workspace)[1]
    assert _held(workspace) == {1: (0, 8), 2: (3, 4), 3: (2, 8)}
    assert all(_finds(workspace, seed) for seed in (1, 2, 3))
    # A name can change meanwhile, and a new episode come.
    episode_path(workspace, 3).rename(episode_path(workspace, 7))
    write_film(episode_path(workspace, 4), seed=4)
    scan_videos(workspace)
    process_episodes(workspace, 4)
    _publish(workspace)
    assert _held(workspace) == {1: (0, 8), 2: (3, 4), 4: (4, 4), 7: (2, 8)}
    process_episodes(workspace, 1, 7)
    _publish(workspace)
    assert _held(workspace) == {1: (5, 4), 2: (3, 4), 4: (4, 4), 7: (6, 4)}
    assert _publish(workspace)[1] is False


def test_replaced_and_failed_episodes_are_removed(workspace: Workspace) -> None:
    workspace.home.config_file.write_text("[sampling]\nopening = 100\n")
    write_film(episode_path(workspace, 1), seed=9)
    scan_videos(workspace)
    with pytest.raises(EpisodeError, match="no frame"):
        process_episodes(workspace, 2)
    _publish(workspace)
    assert _held(workspace) == {3: (2, 8)}


def test_carried_over_episodes_need_stored_vectors_for_a_new_graph(
    workspace: Workspace,
) -> None:
    _features(workspace, 1).unlink()
    workspace.home.config_file.write_text(OTHER_LOOKS + "[index]\nm = 8\n")
    _publish(workspace)
    assert _held(workspace) == {2: (1, 8), 3: (2, 8)}
    assert _finds(workspace, 2)


def test_carried_over_episodes_need_no_stored_vectors_in_the_same_graph(
    workspace: Workspace,
) -> None:
    _features(workspace, 3).unlink()
    for number in (1, 2):
        episode_path(workspace, number).unlink()
    scan_videos(workspace)
    _publish(workspace)
    assert _held(workspace) == {3: (2, 8)}
    assert _finds(workspace, 3)
    process_episodes(workspace, 3)
    assert _publish(workspace)[1] is False


def _use_another_model(workspace: Workspace) -> None:
    make_model(workspace.home.models / "other", seed=1)
    (workspace.home.models / "IN_USE").write_text("other\n")


def test_another_model_waits_for_all_that_can_become_ready(workspace: Workspace) -> None:
    first = published_folder(workspace)
    _use_another_model(workspace)
    workspace.home.config_file.write_text(OTHER_LOOKS)
    process_episodes(workspace, 1)
    built, new = _publish(workspace)
    assert (built.waiting, new) == (2, False)
    episode_path(workspace, 2).unlink()
    assert _publish(workspace)[0].waiting == 2
    episode_path(workspace, 3).unlink()
    built, new = _publish(workspace)
    assert (built.waiting, new) == (0, True)
    assert set(_held(workspace)) == {1}
    assert read_manifest(published_folder(workspace)).model_id != read_manifest(first).model_id


def test_a_new_model_without_features_keeps_the_index(workspace: Workspace) -> None:
    first = published_folder(workspace)
    _use_another_model(workspace)
    workspace.home.config_file.write_text(OTHER_LOOKS)
    for number in (1, 2, 3):
        episode_path(workspace, number).unlink()
    assert _publish(workspace)[1] is False
    assert published_folder(workspace) == first


def _flip_a_byte(folder: Path) -> None:
    path = folder / "index.hnsw"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _make_newer(folder: Path) -> None:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 99}))


def _lose_a_table(folder: Path) -> None:
    (folder / EPISODES_FILE).unlink()


@pytest.mark.parametrize("harm", [_flip_a_byte, _make_newer, _lose_a_table, shutil.rmtree])
def test_an_incomplete_published_snapshot_is_rebuilt(
    workspace: Workspace, harm: Callable[[Path], None]
) -> None:
    write_film(episode_path(workspace, 4), seed=4)
    scan_videos(workspace)
    process_episodes(workspace, 4)
    _publish(workspace)
    harmed = published_folder(workspace)
    harm(harmed)
    assert reopen(workspace).measure_pending_changes() > 0
    # Built, and killed before it was published: it is found again, and numbers do not run away.
    built = reopen(workspace).build_snapshot()
    assert _publish(workspace) == (built, True)
    manifest = read_manifest(published_folder(workspace))
    assert (manifest.sequence, manifest.parent) == (3, harmed.name)
    known = 3 if harm is shutil.rmtree else 4
    assert [c.ordinal for c in manifest.contents] == list(range(known, known + 4))
    assert all(_finds(workspace, seed) for seed in (1, 2, 3, 4))
    live = LiveEngine(workspace.home.root)
    assert live.engine()
    assert live.problem is None
    assert reopen(workspace).measure_pending_changes() == 0


def test_a_damaged_pointer_is_replaced(workspace: Workspace) -> None:
    (workspace.home.snapshots / LATEST_FILE).write_bytes(b"\xff\0\0")
    assert _publish(workspace)[1]
    manifest = read_manifest(published_folder(workspace))
    assert (manifest.sequence, manifest.next_content) == (2, 6)


def test_damaged_vectors_are_not_indexed_and_computed_again(workspace: Workspace) -> None:
    write_film(episode_path(workspace, 4), seed=4)
    scan_videos(workspace)
    process_episodes(workspace, 4)
    (status,) = [s for s in reopen(workspace).load_statuses() if s.episode.name.number == 4]
    table = pq.read_table(status.features_file)
    column = table.schema.get_field_index("embedding")
    size = table.schema.field(column).type.list_size
    nothing = pa.array(np.full(len(table) * size, np.nan, np.float16), pa.float16())
    table = table.set_column(
        column, table.schema.field(column), pa.FixedSizeListArray.from_arrays(nothing, size)
    )
    pq.write_table(table, status.features_file)
    with pytest.raises(FramesError, match="index again"):
        _publish(workspace)
    process_episodes(workspace, 4)
    assert _publish(workspace)[1]
    assert _finds(workspace, 4)


def test_stale_partial_files_are_deleted(workspace: Workspace) -> None:
    root = workspace.home.root
    frames, features = (
        next(root.glob("frames/*/*.arrow")),
        next(root.glob("features/*/*/*.parquet")),
    )
    learning = root / "dataset" / "frames" / "gone.arrow"
    learning.parent.mkdir(parents=True)
    old = [path.with_name(f".{path.name}.part") for path in (frames, features, learning)]
    being_written = frames.with_name(".other.arrow.part")
    for part in (*old, being_written):
        part.touch()
    for part in old:
        os.utime(part, (0, 0))
    episode_path(workspace, 3).unlink()
    scan_videos(workspace)
    _publish(workspace)
    assert [part for part in (*old, being_written) if part.exists()] == [being_written]
    assert frames.exists()
    assert features.exists()
