"""Opens the face detector that `config.toml` names, and tests it."""

from pathlib import Path

from whenanime_pipeline.core.characters.animeface import PACKAGE, AnimefaceDetector, find_library
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.found_faces import FaceDetector
from whenanime_pipeline.core.characters.nvxs import NvxsLibrary
from whenanime_pipeline.core.characters.self_test import check_detector
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.settings import load_settings

_RENEW = "pip install --force-reinstall 'whenanime[characters]', or report this"


def open_detector(home: Home) -> FaceDetector:
    """Return the face detector of a home, tested on a known face.

    It runs native code on pictures: call this in a process that may end, such as that of
    `DetectorProcess` or a search process.

    Raises:
        SettingsError: the options cannot be read.
        DetectorError: the detector is missing, damaged or blind; names the option where one is set.
    """
    chosen = load_settings(home.config_file).characters.detector
    if chosen == PACKAGE:
        return open_animeface()
    path = home.root / chosen
    option = f"characters.detector in {home.config_file}"
    try:
        detector = _load_file(path)
        check_detector(detector, "give another file")
    except DetectorError as error:
        raise DetectorError(f"{option}: {error}") from error
    return detector


def open_animeface() -> FaceDetector:
    """Return the detector of the package `animeface`, tested.

    Raises:
        DetectorError: it is missing, damaged or blind.
    """
    path, version = find_library()
    detector = AnimefaceDetector(NvxsLibrary(path), version)
    check_detector(detector, _RENEW)
    return detector


def _load_file(path: Path) -> FaceDetector:
    if not path.is_file():
        raise DetectorError(f"{path}: no such file")
    if path.suffix.lower() == ".onnx":
        from whenanime_pipeline.core.characters.onnx_detector import OnnxDetector

        return OnnxDetector.load(path)
    from whenanime_pipeline.core.characters.cascade_detector import CascadeDetector

    return CascadeDetector.load(path)
