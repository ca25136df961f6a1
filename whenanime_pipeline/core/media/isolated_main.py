"""`python -m …isolated_main KIND MAX_PIXELS LONG_SIDE`: decodes the picture on standard input.

Writes a line of JSON and the pixels to standard output; ends without them where it cannot.
"""

import json
import sys
from importlib import import_module
from io import BytesIO

from PIL import Image

from whenanime_pipeline.core.media.isolated_decoding import ISOLATED_FORMATS
from whenanime_pipeline.core.media.picture_rendering import render_picture

_MEMORY = 3 << 30
"""Bytes of address space: 64 megapixels take half of it."""
_CPU_SECONDS = 30
"""Processor time of all threads."""


def main(kind: str, max_pixels: int, long_side: int) -> None:
    """Decode the picture on standard input.

    Args:
        kind: key in `ISOLATED_FORMATS`.
        max_pixels: maximum pixels; larger pictures are refused.
        long_side: upper limit of the longer side in pixels; 0 for none.
    """
    _limit_resources()
    data = sys.stdin.buffer.read()
    module = import_module(ISOLATED_FORMATS[kind].module)
    if kind == "HEIF":
        module.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # this module's own limit is checked instead
    factory, _ = Image.OPEN[kind]
    image = factory(BytesIO(data), "")
    width, height = image.size
    refused = width * height > max_pixels
    picture = None
    if not refused:
        picture = render_picture(image, data, exif=b"", long_side=long_side or None)
        height, width = picture.shape[:2]
    header = {"width": width, "height": height, "refused": refused}
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
    if picture is not None:
        sys.stdout.buffer.write(picture.tobytes())
    sys.stdout.buffer.flush()


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
