"""Writes the sheet of all edits, applied to drawn pictures.

python -m whenanime_pipeline.core.learning.shipped.screenshots docs/edits.png
"""

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_pictures
from whenanime_pipeline.core.learning.shipped.screenshots.edit_sheet import render_edit_sheet

_FRAMES = 16
_SIZE = (854, 480)


def main(
    out: Annotated[Path, typer.Argument(help="Picture to write, .png or .jpg.")],
    seed: Annotated[int, typer.Option(help="Seed of the pictures and edits.")] = 0,
) -> None:
    """Write the sheet of all edits."""
    frames = list(draw_random_pictures(_FRAMES, _SIZE, seed))
    Image.fromarray(render_edit_sheet(frames, seed)).quantize(256).save(out, optimize=True)


if __name__ == "__main__":
    typer.run(main)
