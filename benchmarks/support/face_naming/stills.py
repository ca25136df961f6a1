"""Named faces of a folder of stills: a smoke test of other hands than ours."""

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.support.context import BenchmarkError
from whenanime_pipeline.core.characters.embedding.crops import cut_face

_LONG_SIDE = 320  # of stored frames


@dataclass(frozen=True)
class Stills:
    """Faces of stills: crops, names, and the drawing, which is the file."""

    crops: list[NDArray[np.uint8]]
    names: list[str]
    drawings: list[str]


def read_stills(folder: Path) -> Stills:
    """Read the faces that `faces.csv` lists: file, character, x0, y0, x1, y1.

    Raises:
        BenchmarkError: the list is missing, or a file that it names.
    """
    path = folder / "faces.csv"
    if not path.is_file():
        raise BenchmarkError(f"{path} is missing: it lists file, character, x0, y0, x1, y1")
    stills = Stills([], [], [])
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            picture, scale = _read_picture(folder / row["file"])
            left, top, right, bottom = (float(row[key]) * scale for key in ("x0", "y0", "x1", "y1"))
            stills.crops.append(cut_face(picture, (left, top, right, bottom)))
            stills.names.append(row["character"])
            stills.drawings.append(row["file"])
    return stills


def leave_one_drawing_out(vectors: NDArray[np.float32], stills: Stills) -> float:
    """Return the share of faces whose most similar face of another drawing has their name."""
    similarities = vectors @ vectors.T
    drawings, names = np.array(stills.drawings), np.array(stills.names)
    similarities[drawings[:, None] == drawings[None, :]] = -2
    return float((names[similarities.argmax(axis=1)] == names).mean())


def _read_picture(path: Path) -> tuple[NDArray[np.uint8], float]:
    """Return a still at the size of stored frames on gray, and its scale."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise BenchmarkError(f"{path}: is listed in faces.csv, and cannot be read")
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 4:
        alpha = picture[..., 3:].astype(np.float32) / 255
        picture = (picture[..., :3] * alpha + 128 * (1 - alpha)).astype(np.uint8)
    scale = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[..., ::-1]), scale
