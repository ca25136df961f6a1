"""`whenanime index` finds faces after publishing, where the options say so."""

from pathlib import Path

import dagster as dg
import pytest
from face_library import install_library
from sample_videos import copy_indexed, index, reopen, write_film

from whenanime_pipeline.core.characters.detector import identify_detector
from whenanime_pipeline.core.characters.faces.ensure import faces_file, list_pending_faces
from whenanime_pipeline.core.characters.faces.stored_faces import FacesFile
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.orchestration.dagster_instance import open_instance


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=2)


def enable(workspace: Workspace) -> None:
    workspace.home.config_file.write_text("[characters]\nenabled = true\n")


def list_face_files(workspace: Workspace) -> list[Path]:
    return sorted(workspace.home.root.glob("faces/*/*/*.arrow"))


def test_faces_are_off_until_enabled_and_then_found_once(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    assert index(workspace).warnings == {}
    assert list_face_files(workspace) == []
    enable(workspace)
    write_film(workspace.videos_folder / "Show - S01E09.mp4", seed=9)
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published, outcome.warnings) == (1, True, {})
    stored = {path: path.stat().st_mtime_ns for path in list_face_files(workspace)}
    assert len(stored) == 3
    for path in stored:
        with FacesFile(path) as faces:
            assert len(faces) == faces.report.looks > 0
    with open_instance(workspace.home) as instance:
        records = instance.fetch_materializations(dg.AssetKey("faces"), limit=10).records
    assert len({record.partition_key for record in records}) == 3
    assert index(workspace).warnings == {}
    assert {path: path.stat().st_mtime_ns for path in list_face_files(workspace)} == stored


def test_one_episode_that_fails_is_a_warning_and_stops_no_other(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    enable(workspace)
    first, second = reopen(workspace).load_statuses()
    stored = first.frames_file.read_bytes()
    first.frames_file.write_bytes(stored.replace(b"\xff\xd8\xff", b"\0\0\0"))
    outcome = index(workspace)
    assert list(outcome.warnings) == [first.episode.path]
    assert "damaged" in outcome.warnings[first.episode.path]
    detector_id = identify_detector(workspace.home)
    assert faces_file(workspace.home, second, detector_id).exists()
    assert not faces_file(workspace.home, first, detector_id).exists()


def test_missing_and_blind_detectors_are_one_warning_and_episodes_stay_searchable(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(workspace)
    install_library(tmp_path / "modules", faces=0)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    warnings = index(workspace).warnings
    assert list(warnings) == [str(workspace.home.config_file)]
    assert "does not find the face of its self-test" in warnings[str(workspace.home.config_file)]
    workspace.home.config_file.write_text('[characters]\nenabled = true\ndetector = "gone.onnx"\n')
    outcome = index(workspace)
    assert "gone.onnx: no such file" in outcome.warnings[str(workspace.home.config_file)]
    assert outcome.problems == {}
    assert outcome.snapshot
    pending = list_pending_faces(workspace.home, reopen(workspace).load_statuses(), "any")
    assert len(pending) == 2
