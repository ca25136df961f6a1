"""Faces of uploaded pictures: found in another process, which a picture may end or hang."""

import asyncio
import io
import os
import signal
from pathlib import Path
from time import monotonic

import numpy as np
import psutil
import pytest
from face_library import install_library
from numpy.typing import NDArray
from PIL import Image

from whenanime_app.search.face_process import FaceProcess
from whenanime_app.search.worker_process import WorkerExitedError
from whenanime_app.services import make_services
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.media.errors import PictureError


def blank(height: int, width: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 128, np.uint8)


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install_library(tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    return tmp_path / "home"


def test_a_killed_process_costs_one_answer_at_most(home: Path) -> None:
    process = FaceProcess(home)
    found = process.find_faces(blank(720, 1280))
    assert found.boxes[0].tolist() == [432, 240, 848, 664]  # by the library, in 640 by 360
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(first)] if psutil.pid_exists(first) else [], 5)
    again = process.find_faces(blank(360, 640))
    assert again.boxes[0].tolist() == [216, 120, 424, 332]
    with pytest.raises(WorkerExitedError):
        process.find_faces(blank(640, 360))  # the library ends the process
    assert len(process.find_faces(blank(90, 160))) == 1
    assert process.pid not in {None, first}
    process.close()
    assert process.pid is None


def test_large_pictures_are_reduced_and_boxes_scaled_back(home: Path) -> None:
    process = FaceProcess(home)
    found = process.find_faces(blank(1080, 1920))
    np.testing.assert_allclose(found.boxes[0], np.array([216, 120, 424, 332]) * 3, rtol=1e-6)
    process.close()


def test_a_hung_detector_is_killed_in_time(home: Path) -> None:
    process = FaceProcess(home, timeout=8.0)
    assert len(process.find_faces(blank(90, 160))) == 1
    began = monotonic()
    with pytest.raises(WorkerExitedError):
        process.find_faces(blank(90, 90))
    assert monotonic() - began < 20
    assert len(process.find_faces(blank(90, 160))) == 1
    process.close()


def test_a_missing_detector_is_an_error_that_names_the_option(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[characters]\ndetector = "none.xml"\n')
    process = FaceProcess(home)
    with pytest.raises(DetectorError, match=r"characters\.detector in .*none\.xml: no such file"):
        process.find_faces(blank(90, 160))
    (home / "config.toml").write_text("")
    assert len(process.find_faces(blank(90, 160))) == 1
    process.close()


def test_service_decodes_within_the_bounds_of_searches(home: Path) -> None:
    services = make_services(AppSettings(home=home, processes=0))

    async def ask() -> None:
        found = await services.faces.find_faces(encode_png(blank(180, 320)))
        assert (found.width, found.height) == (320, 180)
        assert found.faces.boxes[0].tolist() == [108, 60, 212, 166]
        with pytest.raises(PictureError):
            await services.faces.find_faces(b"no picture")
        with pytest.raises(WorkerExitedError):
            await services.faces.find_faces(encode_png(blank(320, 180)))
        assert len((await services.faces.find_faces(encode_png(blank(180, 320)))).faces) == 1

    try:
        asyncio.run(ask())
    finally:
        services.close()
