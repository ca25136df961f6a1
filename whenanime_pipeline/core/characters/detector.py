"""Opens the face detector that `config.toml` names, and tests it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whenanime_pipeline.core.characters.animeface import (
    PACKAGE,
    AnimefaceDetector,
    find_library,
    name_detector,
)
from whenanime_pipeline.core.characters.detector_file import read_detector_file
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
    path = _find_file(home)
    if path is None:
        return open_animeface()
    with _name_option(home):
        detector = _load_file(path)
        check_detector(detector, "give another file")
    return detector


def identify_detector(home: Home) -> str:
    """Return the id of a home's face detector without loading it.

    Raises:
        SettingsError: the options cannot be read.
        DetectorError: the detector is missing; names the option where one is set.
    """
    path = _find_file(home)
    if path is None:
        return name_detector(find_library()[1])
    with _name_option(home):
        return read_detector_file(path)[0]


def open_animeface() -> FaceDetector:
    """Return the detector of the package `animeface`, tested.

    Raises:
        DetectorError: it is missing, damaged or blind.
    """
    path, version = find_library()
    detector = AnimefaceDetector(NvxsLibrary(path), version)
    check_detector(detector, _RENEW)
    return detector


def _find_file(home: Home) -> Path | None:
    """Return the file that the options name; None for the package."""
    chosen = load_settings(home.config_file).characters.detector
    return None if chosen == PACKAGE else home.root / chosen


@contextmanager
def _name_option(home: Home) -> Iterator[None]:
    try:
        yield
    except DetectorError as error:
        raise DetectorError(f"characters.detector in {home.config_file}: {error}") from error


def _load_file(path: Path) -> FaceDetector:
    if path.suffix.lower() == ".onnx":
        from whenanime_pipeline.core.characters.onnx_detector import OnnxDetector

        return OnnxDetector.load(path)
    from whenanime_pipeline.core.characters.cascade_detector import CascadeDetector

    return CascadeDetector.load(path)
