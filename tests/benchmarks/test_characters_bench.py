"""The benchmark `characters`: boxes compared with the truth, and drawn series with a stand-in."""

from pathlib import Path

import numpy as np
import pytest
from face_library import install_library

from benchmarks.characters import Options, measure
from benchmarks.support.characters.detection import compare_boxes
from benchmarks.support.context import BenchmarkContext, BenchmarkError

NONE = np.zeros((0, 4), np.float32)
FACES = np.array([[0, 0, 20, 20], [100, 0, 120, 20]], np.float32)


def test_each_face_is_found_once_and_unclear_ones_do_not_count() -> None:
    assert compare_boxes(FACES, FACES, NONE) == (2, 0)
    assert compare_boxes(np.concatenate([FACES, FACES + 1]), FACES, NONE) == (2, 2)
    assert compare_boxes(FACES + np.float32(12), FACES, NONE) == (0, 2)
    assert compare_boxes(FACES, FACES[:1], FACES[1:]) == (1, 0)
    assert compare_boxes(FACES, NONE, NONE) == (0, 2)
    assert compare_boxes(NONE, FACES, NONE) == (0, 0)


def test_drawn_series_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = BenchmarkContext(tmp_path, tmp_path / "cache", None, print)
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    report = measure(room, Options(seeds=1))
    figures = {figure.name: figure for figure in report.figures}
    # The stand-in's one box, in the middle of every picture, is a face's here and there.
    assert 0 < figures["drawn series: recall"].value < 0.5
    assert 0 < figures["drawn series: precision"].value < 0.5
    assert figures["processor time a picture"].value > 0
    assert len(report.details["mistakes"]) > 10


def test_a_missing_detector_is_said(tmp_path: Path) -> None:
    room = BenchmarkContext(tmp_path, tmp_path / "cache", None, print)
    with pytest.raises(BenchmarkError, match=r"none\.onnx: no such file"):
        measure(room, Options(detector=str(tmp_path / "none.onnx")))
