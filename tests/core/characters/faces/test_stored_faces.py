"""Files of faces, and making them of an episode's stored frames."""

from pathlib import Path

import numpy as np
import pytest
from face_library import install_library
from sample_videos import copy_indexed, reopen

from whenanime_pipeline.core.characters.detector import identify_detector
from whenanime_pipeline.core.characters.detector_process import DetectorProcess
from whenanime_pipeline.core.characters.errors import DetectorExitedError, FacesError
from whenanime_pipeline.core.characters.faces.ensure import (
    FacesResult,
    ensure_faces,
    faces_file,
    list_pending_faces,
)
from whenanime_pipeline.core.characters.faces.face_frames import select_face_frames
from whenanime_pipeline.core.characters.faces.stored_faces import (
    FacesFile,
    FacesReport,
    FacesWriter,
    StoredFace,
)
from whenanime_pipeline.core.characters.found_faces import FaceDetector, FoundFaces
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.episode_indexing import EpisodeError
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.workspace import Workspace

REPORT = FacesReport("animeface-1", "model-1", looks=9, failed=1, tracks=3)


def make_face(number: int) -> StoredFace:
    rng = np.random.default_rng(number)
    box = np.array([number, 2, number + 30, 32], np.float32)
    points = np.full((5, 2), np.nan, np.float32)
    crop = encode_stored_frame(np.full((96, 96, 3), number % 256, np.uint8))
    return StoredFace(number // 4, number // 2, number, number / 2, box, rng.random(), points, crop)


def write(path: Path, count: int) -> list[StoredFace]:
    faces = [make_face(number) for number in range(count)]
    with FacesWriter(path) as writer:
        for face in faces:
            writer.add(face)
        writer.finish(REPORT)
    return faces


@pytest.mark.parametrize("count", [0, 1, 300])
def test_faces_are_read_as_they_were_written(tmp_path: Path, count: int) -> None:
    faces = write(tmp_path / "faces.arrow", count)
    with FacesFile(tmp_path / "faces.arrow") as stored:
        assert stored.report == REPORT
        assert len(stored) == count
        assert stored.boxes().shape == (count, 4)
        assert stored.tracks().tolist() == [face.track for face in faces]
        for row in {0, count // 2, count - 1} if count else set():
            read, face = stored.face(row), faces[row]
            assert (read.shot, read.track, read.frame) == (face.shot, face.track, face.frame)
            assert (read.second, read.crop) == (face.second, face.crop)
            assert read.score == pytest.approx(face.score)
            assert np.isnan(read.landmarks).all()
            np.testing.assert_array_equal(read.box, face.box)
            assert abs(int(stored.crop(row)[0, 0, 0]) - row % 256) < 4


@pytest.mark.parametrize("keep", [0, 100, -8])
def test_damaged_files_are_refused_by_name(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "faces.arrow"
    with pytest.raises(FacesError, match=r"faces\.arrow: is missing; index with \[characters\]"):
        FacesFile(path)
    write(path, 3)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FacesError, match=r"faces\.arrow: damaged; delete it and index again"):
        FacesFile(path)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    return copy_indexed(tmp_path, count=1)


def ensure(workspace: Workspace, detector: FaceDetector) -> FacesResult:
    opened = reopen(workspace)
    (status,) = opened.load_statuses()
    return ensure_faces(opened.home, status, detector, opened.embedder)


def test_faces_of_an_episode_are_made_once_and_again_when_damaged(workspace: Workspace) -> None:
    home = workspace.home
    (status,) = workspace.load_statuses()
    detector_id = identify_detector(home)
    path = faces_file(home, status, detector_id)
    assert list_pending_faces(home, [status], detector_id) == [status]
    with DetectorProcess(home) as detector:
        assert detector.id == detector_id
        made = ensure(workspace, detector)
        assert made.seconds is not None
        assert list_pending_faces(home, [status], detector_id) == []
        again = ensure(workspace, detector)
        assert (again.seconds, again.report, again.faces) == (None, made.report, made.faces)
        path.write_bytes(path.read_bytes()[:-20])
        assert ensure(workspace, detector).seconds is not None
    with FramesFile(status.frames_file) as frames, FacesFile(path) as faces:
        looks = select_face_frames(frames)
        assert [look.second for look in looks] == sorted(look.second for look in looks)
        assert made.report.looks == len(looks) == len(faces)  # one face a picture
        assert {look.shot for look in looks} == set(faces.read_numbers("shot").tolist())
        for row, look in enumerate(looks):
            shown = frames.runs(look.frame)
            assert any(start <= look.second <= end + 0.2 for start, end in shown)
            assert faces.face(row).frame == look.frame
            assert min(faces.crop(row).shape[:2]) >= 96


class FailingDetector:
    """Fails at every picture."""

    id = "failing-1"

    def find_faces(self, *_: object) -> FoundFaces:
        raise DetectorExitedError("ended")


def test_detector_that_fails_at_a_few_pictures_leaves_them_out(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ensure(workspace, FailingDetector())
    assert made.faces == made.report.tracks == 0
    assert made.report.failed == made.report.looks > 0


def test_detector_that_fails_at_all_pictures_fails_the_episode_by_name(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whenanime_pipeline.core.characters.faces.face_finding.MAX_FAILURES", 1)
    with pytest.raises(EpisodeError, match=r"\.mp4: its faces cannot be found: .*at 2 frames"):
        ensure(workspace, FailingDetector())
    (status,) = workspace.load_statuses()
    assert not faces_file(workspace.home, status, FailingDetector.id).exists()
