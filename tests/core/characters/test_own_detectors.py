"""Detectors of the user's own: ONNX networks and cascades."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from whenanime_pipeline.core.characters.cascade_detector import CascadeDetector
from whenanime_pipeline.core.characters.detector import open_detector
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.onnx_detector import OnnxDetector
from whenanime_pipeline.core.home import Home

PICTURE = np.full((180, 320, 3), 200, np.uint8)
KNOWN = [224.0, 120.0, 432.0, 332.0, 0.9]
"""The known face in an input of 640 by 360, as the self-test expects it."""


def write_network(path: Path, rows: list[list[float]], size: list[int | str]) -> Path:
    """Write a network that gives the same rows for every picture."""
    values = numpy_helper.from_array(np.array([rows], np.float32), "rows")
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["boxes"], value=values)],
        "boxes",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, *size])],
        [helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, len(rows), len(rows[0])])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def test_network_with_a_fixed_input_is_scaled_to_and_back(tmp_path: Path) -> None:
    rows = [[0, 0, 64, 64, 0.9], [2, 0, 66, 64, 0.8], [100, 0, 132, 32, 0.6], [0, 0, 9, 9, 0.1]]
    detector = OnnxDetector.load(write_network(tmp_path / "a.onnx", rows, [320, 640]))
    faces = detector.find_faces(PICTURE)  # enlarged by 1.78, to 320 by 569
    np.testing.assert_allclose(faces.boxes, np.array(rows)[[0, 2], :4] * 180 / 320, rtol=1e-5)
    assert faces.scores.tolist() == [np.float32(0.9), np.float32(0.6)]
    assert np.isnan(faces.landmarks).all()
    assert detector.id.startswith("onnx-")


def test_network_with_landmarks_and_any_input(tmp_path: Path) -> None:
    row = [10, 10, 50, 50, 0.9, 20, 20, 40, 20, 30, 30, 30, 40, 30, 48]
    detector = OnnxDetector.load(write_network(tmp_path / "a.onnx", [row], ["h", "w"]))
    faces = detector.find_faces(PICTURE)  # enlarged twice
    assert faces.boxes[0].tolist() == [5, 5, 25, 25]
    assert faces.landmarks[0].tolist() == [[10, 10], [20, 10], [15, 15], [15, 20], [15, 24]]


def test_network_of_a_home_must_find_the_known_face(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config_file.write_text('[characters]\ndetector = "own.onnx"\n')
    write_network(tmp_path / "own.onnx", [KNOWN], ["h", "w"])
    assert open_detector(home).id.startswith("onnx-")
    write_network(tmp_path / "own.onnx", [[0, 0, 9, 9, 0.9]], ["h", "w"])
    with pytest.raises(DetectorError, match=r"characters\.detector in .*does not find the face"):
        open_detector(home)


@pytest.mark.parametrize("rows", [[[1.0] * 4], [[1.0] * 6]])
def test_network_with_another_output_is_refused(tmp_path: Path, rows: list[list[float]]) -> None:
    detector = OnnxDetector.load(write_network(tmp_path / "a.onnx", rows, ["h", "w"]))
    with pytest.raises(DetectorError, match=r"a\.onnx: its output is \(1, 1, \d\), and not"):
        detector.find_faces(PICTURE)


def test_cascade_finds_boxes_without_landmarks_and_one_of_real_faces_is_refused(
    tmp_path: Path,
) -> None:
    real = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
    detector = CascadeDetector.load(real)
    assert len(detector.find_faces(PICTURE)) == 0
    home = Home(tmp_path)
    home.config_file.write_text(f'[characters]\ndetector = "{real}"\n')
    with pytest.raises(DetectorError, match="does not find the face"):
        open_detector(home)
