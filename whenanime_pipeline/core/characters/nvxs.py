"""Binds the C library of animeface-2009 (libnvxs 1.0.2), which the package `animeface` bundles.

The structures and signatures are those of the library's headers. Images and integral images are
numpy arrays, to which the library's matrices point: it allocates nothing that we must free.
"""

import ctypes
import threading
from ctypes import POINTER, Structure, c_float, c_int, c_uint, c_void_p
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.errors import DetectorError

_MAX_CANDIDATES = 8192
"""Windows that the library takes for a face at most; they come sorted by size, so a shorter list of
results would lose the largest."""
_EDGE_GAIN = 4.0
_GRAY = np.array([0.30, 0.59, 0.11], np.float32)
"""Weights of red, green and blue that the networks were trained with."""


class _Matrix(Structure):
    _fields_ = (
        ("list", c_int),
        ("list_step", c_uint),
        ("n", c_int),
        ("m", c_int),
        ("rows", c_int),
        ("cols", c_int),
        ("step", c_int),
        ("alias", c_int),
        ("v", POINTER(c_float)),
    )


class _Rect(Structure):
    _fields_ = (("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int))


_FACE_DTYPE = np.dtype([("likelihood", np.float32), ("rects", np.int32, (6, 4))])
"""A face as the library writes it: likelihood, and six rectangles."""


class NvxsLibrary:
    """The loaded library. Safe to share between threads, which take turns."""

    def __init__(self, path: Path) -> None:
        """Load the library.

        Raises:
            DetectorError: it cannot be loaded, or lacks what is called here.
        """
        try:
            library = ctypes.CDLL(str(path))
            self._smooth = library.nv_gaussian5x5
            self._find_edges = library.nv_laplacian1
            self._detect = library.nv_face_detect
            networks = [
                c_void_p(ctypes.addressof(c_int.in_dll(library, f"nv_face_mlp_{name}")))
                for name in ("dir", "face_00", "face_01", "face_02", "parts")
            ]
        except (OSError, AttributeError, ValueError) as error:
            raise DetectorError(f"{path}: cannot be loaded: {error}") from error
        matrix = POINTER(_Matrix)
        self._smooth.argtypes = [matrix, c_int, matrix, c_int]
        self._find_edges.argtypes = [matrix, matrix, c_float]
        self._smooth.restype = self._find_edges.restype = None
        self._detect.argtypes = [
            *(c_void_p, c_int, matrix, matrix, POINTER(_Rect)),
            *(c_void_p, c_void_p, POINTER(c_void_p), c_int, c_void_p),
            *(c_float, c_float, c_float),
        ]
        self._detect.restype = c_int
        self._direction, self._first, *both, self._parts = networks
        self._bagging = (c_void_p * len(both))(*both)
        self._lock = threading.Lock()

    def detect(
        self, picture: NDArray[np.uint8], *, step: float, scale_factor: float, min_window: float
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Slide the detector's window over a picture.

        Args:
            picture: RGB, `(height, width, 3)`.
            step: distance of neighbouring windows, in 32nds of a window.
            scale_factor: ratio of one window's size to the next smaller one's.
            min_window: side of the smallest window in pixels; the largest is 32 / `min_window` of
                the shorter side of the picture.

        Returns:
            `(n,)` likelihoods above 0.5, and `(n, 6, 4)` rectangles of face, left eye, right eye,
            nose, mouth and chin: x, y, width and height in pixels. The library's left eye is the
            character's.
        """
        gray = np.ascontiguousarray(picture.astype(np.float32) @ _GRAY)
        edges = self._edges(gray)
        # Features are differences of means, which a constant does not change; sums of what is left
        # without the mean are small enough for 32-bit floats to be exact where it counts.
        gray_sums, edge_sums = (_integrate(values) for values in (gray - gray.mean(), edges))
        faces = np.zeros(_MAX_CANDIDATES, _FACE_DTYPE)
        height, width = gray.shape
        with self._lock:
            count = self._detect(
                faces.ctypes.data,
                _MAX_CANDIDATES,
                _as_matrix(gray_sums),
                _as_matrix(edge_sums),
                _Rect(0, 0, width, height),
                self._direction,
                self._first,
                self._bagging,
                len(self._bagging),
                self._parts,
                step,
                scale_factor,
                min_window,
            )
        found = faces[: max(0, count)]
        return found["likelihood"].copy(), found["rects"].copy()

    def _edges(self, gray: NDArray[np.float32]) -> NDArray[np.float32]:
        smooth, edges = np.zeros_like(gray), np.zeros_like(gray)
        self._smooth(_as_matrix(smooth), 0, _as_matrix(gray), 0)
        self._find_edges(_as_matrix(edges), _as_matrix(smooth), _EDGE_GAIN)
        return edges


def _integrate(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the integral image, `(height + 1, width + 1)`, summed in 64 bits."""
    return np.ascontiguousarray(cv2.integral(values, sdepth=cv2.CV_64F).astype(np.float32))


def _as_matrix(image: NDArray[np.float32]) -> _Matrix:
    """Return a matrix that points to an image, which must outlive it."""
    rows, cols = image.shape
    pointer = image.ctypes.data_as(POINTER(c_float))
    return _Matrix(1, rows * cols, 1, rows * cols, rows, cols, 1, 0, pointer)
