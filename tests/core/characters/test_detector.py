"""Opening the face detector of a home: chosen, missing, damaged, and blind."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import cv2
import numpy as np
import pytest
from face_library import install_library

from whenanime_pipeline.core.characters import animeface
from whenanime_pipeline.core.characters.animeface import find_library
from whenanime_pipeline.core.characters.boxes import compute_iou
from whenanime_pipeline.core.characters.detector import open_detector
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.sample.script import plan_episode
from whenanime_pipeline.core.sample.series import make_sample_series
from whenanime_pipeline.core.sample.shot_renderer import ShotRenderer
from whenanime_pipeline.core.settings import SettingsError


def _is_installed() -> bool:
    try:
        return version("animeface") == "2.0.3"
    except PackageNotFoundError:
        return False


needs_animeface = pytest.mark.skipif(
    not _is_installed(), reason="the extra `characters` is not installed"
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def configure(home: Home, detector: str) -> None:
    home.root.mkdir(exist_ok=True)
    home.config_file.write_text(f'[characters]\ndetector = "{detector}"\n')


@needs_animeface
def test_drawn_faces_are_found_with_eyes_inside(home: Home) -> None:
    detector = open_detector(home)
    assert detector.id.startswith("animeface-2.0.3-")
    series = make_sample_series(5)[0]
    heads, found, false = 0, 0, 0
    for shot in plan_episode(series, 1, 3, 5).shots:
        renderer = ShotRenderer(shot, series.cast, series.style, (640, 360))
        drawn = [box for box in renderer.find_heads(0) if box is not None and box[3] - box[1] > 60]
        faces = detector.find_faces(np.asarray(renderer.render_picture(0)))
        if drawn:
            truth = np.array(drawn, np.float32)
            hit = compute_iou(faces.boxes, truth) > 0.2
            heads, found = heads + len(drawn), found + int(hit.any(axis=0).sum())
            false += int((~hit.any(axis=1)).sum())
        for box, points in zip(faces.boxes, faces.landmarks, strict=True):
            left, right = points[0], points[1]
            assert box[0] < left[0] < right[0] < box[2]
            assert (points[:, 1] > box[1]).all()
    assert heads >= 10
    assert found / heads >= 0.7
    assert false <= 1


@needs_animeface
def test_enlarged_pictures_have_the_same_faces_in_their_own_pixels(home: Home) -> None:
    detector = open_detector(home)
    data = (Path(animeface.__file__).parent / "known_face.jpg").read_bytes()
    known = decode_stored_frame(data)
    small, large = (
        detector.find_faces(known),
        detector.find_faces(np.asarray(cv2.resize(known, (1280, 720)), np.uint8)),
    )
    assert len(small) == len(large) == 1
    assert compute_iou(small.boxes * np.float32(4), large.boxes)[0, 0] > 0.6


@needs_animeface
@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (40, 40), (2000, 2000)])
def test_odd_pictures_have_no_faces(home: Home, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert len(open_detector(home).find_faces(noise)) == 0


def test_detector_that_has_gone_blind_is_refused(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_library(tmp_path / "modules", faces=0)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    with pytest.raises(DetectorError, match=r"animeface-9\.9.*does not find the face of its self"):
        open_detector(home)


def test_missing_package_is_an_error_that_says_how_to_get_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(
        DetectorError, match=r"not installed: pip install 'whenanime\[characters\]'"
    ):
        find_library()
    monkeypatch.setattr(animeface, "machine", lambda: "arm64")
    with pytest.raises(DetectorError, match="Linux on x86-64 with Python"):
        find_library()


def test_package_without_or_with_a_damaged_library(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    path, found = find_library()
    assert found == "9.9"
    path.write_bytes(b"no library")
    with pytest.raises(DetectorError, match=r"libnvxs-test\.so\.0: cannot be loaded"):
        open_detector(home)
    path.unlink()
    with pytest.raises(DetectorError, match=r"animeface 9\.9 holds no detector for this machine"):
        open_detector(home)


def test_options_that_cannot_be_used_name_file_and_option(home: Home) -> None:
    configure(home, "my-detector.pt")
    with pytest.raises(
        SettingsError, match=r"config\.toml: characters\.detector: .*\.onnx or \.xml"
    ):
        open_detector(home)
    configure(home, "faces.onnx")
    with pytest.raises(
        DetectorError, match=r"characters\.detector in .*config\.toml: .*no such file"
    ):
        open_detector(home)
    (home.root / "faces.onnx").write_bytes(b"not a network")
    with pytest.raises(DetectorError, match=r"config\.toml: .*faces\.onnx: ONNX Runtime cannot"):
        open_detector(home)
    configure(home, "faces.xml")
    (home.root / "faces.xml").write_text("<opencv_storage></opencv_storage>")
    with pytest.raises(DetectorError, match=r"config\.toml: .*faces\.xml: "):
        open_detector(home)
