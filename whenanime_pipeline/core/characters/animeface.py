"""Finds anime faces with the networks of animeface-2009, from the optional package `animeface`.

The package is not imported: its own binding reads a private structure of Pillow, and finds nothing,
silently, with Pillow 12 and later. Its bundled library is bound here instead.

A picture is looked at twice, the second time mirrored and with windows of sizes in between. In one
pass, the author's settings (step 4, scale factor 1.095, no padding) take 1.7 times as long as these
for the same recall; 6 and 1.2 take half as long and lose 6 % of the faces.
"""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from platform import machine

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.found_faces import FoundFaces
from whenanime_pipeline.core.characters.mirrored_passes import merge_passes, mirror_faces
from whenanime_pipeline.core.characters.nvxs import NvxsLibrary

PACKAGE = "animeface"
LONG_SIDE = 640
"""Pixels to which a picture's longer side is scaled: stored frames, of 320, are enlarged twice, as
the smallest window is of 40 pixels."""
MIN_SCORE = 0.35
"""Of the mean of both passes. Chosen on drawn series and films: the lowest twentieth at which at
most one picture in a hundred without an anime face gets a box."""
_STEP, _SCALE_FACTOR, _MIN_WINDOWS, _PADDING = 5.0, 1.15, (40.0, 43.0), 24
_CODE_VERSION = 1
_PATTERN = "libnvxs*"
_INSTALL = "pip install 'whenanime[characters]'"
_POINTS = (2, 1, 3, 4, 5)
"""Rectangles of the library in the order of `LANDMARKS`: its left eye is the character's."""


def find_library() -> tuple[Path, str]:
    """Return the library that the package bundles, and the version of the package.

    Raises:
        DetectorError: the package is not installed, or bundles no library for this machine.
    """
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError as error:
        raise DetectorError(f"the face detector is not installed: {_describe_install()}") from error
    for file in package.files or ():
        if file.match(_PATTERN):
            path = Path(str(package.locate_file(file)))
            if path.is_file():
                return path, package.version
    reason = f"{PACKAGE} {package.version} holds no detector for this machine"
    raise DetectorError(f"{reason}: {_describe_install()}")


def name_detector(version: str) -> str:
    """Return the id of the detector of a version of the package, without loading it."""
    return f"{PACKAGE}-{version}-{_CODE_VERSION}"


def has_wheel() -> bool:
    """Return whether the package has a wheel for this Python and machine."""
    return (
        sys.platform == "linux"
        and machine().lower() in {"x86_64", "amd64"}
        and (3, 11) <= sys.version_info[:2] <= (3, 13)
    )


class AnimefaceDetector:
    """The detector of animeface-2009. Safe to share between threads, which take turns.

    Attributes:
        id: versions of the package and of what is set here.
    """

    def __init__(self, library: NvxsLibrary, version: str) -> None:
        """Use a loaded library.

        Args:
            library: the library.
            version: of the package that bundles it.
        """
        self.id = name_detector(version)
        self._library = library

    def find_faces(self, picture: NDArray[np.uint8]) -> FoundFaces:
        """Find the faces of a picture, as `FaceDetector.find_faces`."""
        scale = LONG_SIDE / max(picture.shape[:2])
        scaled = _resize(picture, scale)
        mirrored = np.ascontiguousarray(scaled[:, ::-1])
        found = merge_passes(
            self._look(scaled, _MIN_WINDOWS[0]),
            mirror_faces(self._look(mirrored, _MIN_WINDOWS[1]), scaled.shape[1]),
        )
        return found.select(found.scores >= MIN_SCORE).scale(1 / scale)

    def _look(self, picture: NDArray[np.uint8], min_window: float) -> FoundFaces:
        """Return what one pass finds in a picture of the right size."""
        padded = cv2.copyMakeBorder(
            picture, _PADDING, _PADDING, _PADDING, _PADDING, cv2.BORDER_REPLICATE
        )
        scores, rects = self._library.detect(
            np.asarray(padded, np.uint8),
            step=_STEP,
            scale_factor=_SCALE_FACTOR,
            min_window=min_window,
        )
        corners = rects.astype(np.float32)
        corners[..., 2:] += corners[..., :2]
        corners -= _PADDING
        points = corners[:, _POINTS]
        centres = (points[..., :2] + points[..., 2:]) / np.float32(2)
        return FoundFaces.make(corners[:, 0], scores, centres)


def _resize(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _describe_install() -> str:
    if has_wheel():
        return _INSTALL
    return (
        f"{PACKAGE} has wheels for Linux on x86-64 with Python 3.11 to 3.13 alone; elsewhere "
        "characters need a detector of your own: characters.detector in config.toml"
    )
