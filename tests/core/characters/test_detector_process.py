"""The detector's own process: ended and hung at pictures, and replaced."""

from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from face_library import install_library

from whenanime_pipeline.core.characters.detector_process import DetectorProcess
from whenanime_pipeline.core.characters.errors import DetectorError, DetectorExitedError
from whenanime_pipeline.core.home import Home

WIDE, HIGH, SQUARE = (np.zeros((*shape, 3), np.uint8) for shape in ((90, 160), (160, 90), (90, 90)))


def test_a_crash_and_a_hang_cost_one_picture_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    with DetectorProcess(Home(tmp_path / "home"), timeout=2.0) as detector:
        assert detector.id == "animeface-9.9-1"
        first = detector.pid
        assert len(detector.find_faces(WIDE)) == 1
        with pytest.raises(DetectorExitedError, match="ended at a picture"):
            detector.find_faces(HIGH)
        assert detector.pid is None
        assert len(detector.find_faces(WIDE)) == 1
        assert detector.pid != first
        began = monotonic()
        with pytest.raises(DetectorExitedError):
            detector.find_faces(SQUARE)
        assert 1.5 < monotonic() - began < 15
        assert len(detector.find_faces(WIDE)) == 1
    assert detector.pid is None


def test_blind_detector_is_refused_when_the_process_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_library(tmp_path / "modules", faces=0)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    with pytest.raises(DetectorError, match="does not find the face"):
        DetectorProcess(Home(tmp_path / "home"))
