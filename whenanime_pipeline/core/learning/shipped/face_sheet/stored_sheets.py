"""Keeps drawn sheets in files, in pieces, so that an interrupted drawing continues."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.learning.shipped.face_sheet.sheet import (
    FaceSheet,
    SheetOptions,
    concatenate_sheets,
    draw_sheet,
)
from whenanime_pipeline.core.npz_file import read_npz, write_npz

PIECE = 10
"""Styles that are drawn and stored together."""
_KINDS: dict[str, tuple[type[np.generic], int]] = {
    "crops": (np.uint8, 4),
    "names": (np.int64, 1),
    "styles": (np.int64, 1),
    "drawings": (np.int64, 1),
    "sides": (np.float32, 1),
}


def load_or_draw_sheet(folder: Path, options: SheetOptions, seed: int = 0) -> FaceSheet:
    """Return a sheet, drawing and storing the pieces that are not in a folder.

    Args:
        folder: of the pieces; made if it is missing. Pieces of other options are left alone. After
            a change of the drawing itself the folder is to be deleted.
        options: of the sheet.
        seed: of the sheet.

    Raises:
        OSError: the folder cannot be written to.
        NpzError: a piece in it is damaged; delete it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = []
    for first in range(0, options.styles, PIECE):
        piece = replace(options, styles=min(PIECE, options.styles - first))
        path = folder / f"{options.part}-{seed}-{first:04}-{hash_json(asdict(piece))}.npz"
        if not path.exists():
            drawn = draw_sheet(piece, seed, first_style=first)
            write_npz(path, {name: getattr(drawn, name) for name in _KINDS})
        pieces.append(FaceSheet(**read_npz(path, _KINDS)))
    return concatenate_sheets(pieces)
