"""Stills with faces boxed by hand: a folder of pictures with `faces.csv`."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.support.characters.pictures import FacePicture, store_picture
from benchmarks.support.context import BenchmarkError

FACES_FILE = "faces.csv"


def load_stills(folder: Path) -> list[FacePicture]:
    """Return the pictures that `faces.csv` names, with their faces.

    Raises:
        BenchmarkError: the folder has no `faces.csv`.
    """
    path = folder / FACES_FILE
    if not path.is_file():
        raise BenchmarkError(f"{path}: is missing; give films with `stills` by --data")
    boxes = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            boxes[row["file"]].append([float(row[side]) for side in ("x0", "y0", "x1", "y1")])
    return [
        store_picture(name, load_picture(folder / name), np.array(faces, np.float32))
        for name, faces in sorted(boxes.items())
    ]


def load_picture(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture in RGB; what is transparent is white."""
    with Image.open(path) as image:
        rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    return np.asarray(Image.alpha_composite(white, rgba).convert("RGB"))
