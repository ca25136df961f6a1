"""Faces are found by themselves, one episode after the other, once all else is done."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from face_library import install_library
from sample_videos import copy_indexed, scan_videos, write_film

from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.definitions import definitions
from whenanime_pipeline.defs.faces_sensor import find_faces
from whenanime_pipeline.defs.jobs import FACES_JOB, is_faces_run
from whenanime_pipeline.defs.resources import LibraryResource
from whenanime_pipeline.orchestration.dagster_instance import open_instance


@pytest.fixture
def indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    return copy_indexed(tmp_path, count=2)


def tick(workspace: Workspace, cursor: str | None = None) -> tuple[list[str], str, str | None]:
    """Evaluate the sensor once; return the episodes it asks for, what it says, and its cursor."""
    library = LibraryResource(
        home_folder=str(workspace.home.root), videos_folder=str(workspace.videos_folder)
    )
    with open_instance(workspace.home) as instance:
        context = dg.build_sensor_context(
            instance=instance,
            cursor=cursor,
            resources={"library": library},
            repository_def=definitions().get_repository_def(),
        )
        with partition_loading_context(dynamic_partitions_store=instance):
            data = find_faces.evaluate_tick(context)
    requests = data.run_requests or []
    return [str(one.partition_key) for one in requests], str(data.skip_message), data.cursor


def test_faces_are_asked_for_one_by_one_where_they_are_on(indexed: Workspace) -> None:
    assert tick(indexed)[1] == "off: [characters] enabled = true in config.toml"
    indexed.home.config_file.write_text("[characters]\nenabled = true\n")
    first, _, cursor = tick(indexed)
    second, _, cursor = tick(indexed, cursor)
    assert len({*first, *second}) == 2
    asked, said, _ = tick(indexed, cursor)
    assert asked == []
    assert said == "2 episodes without faces; they were tried"


def test_indexing_goes_first(indexed: Workspace) -> None:
    indexed.home.config_file.write_text("[characters]\nenabled = true\n")
    write_film(indexed.videos_folder / "Show - S01E09.mp4", seed=9)
    scan_videos(indexed)
    assert tick(indexed)[:2] == ([], "episodes wait to be indexed")
    with open_instance(indexed.home) as instance:
        instance.add_run(dg.DagsterRun("x", status=dg.DagsterRunStatus.STARTED))
    assert tick(indexed)[:2] == ([], "work is going on")


def test_a_missing_detector_is_said_and_asks_for_nothing(indexed: Workspace) -> None:
    indexed.home.config_file.write_text('[characters]\nenabled = true\ndetector = "a.onnx"\n')
    asked, said, _ = tick(indexed)
    assert asked == []
    assert "characters.detector in" in said
    assert "a.onnx: no such file" in said


def test_runs_of_faces_are_recognised() -> None:
    assert is_faces_run(dg.DagsterRun(FACES_JOB))
    chosen = frozenset({dg.AssetKey("faces")})
    assert is_faces_run(dg.DagsterRun("__ASSET_JOB", asset_selection=chosen))
    assert not is_faces_run(dg.DagsterRun("publish"))
