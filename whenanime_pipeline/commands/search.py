"""`whenanime search`: one picture, asked from the command line."""

from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.pictures import decode_picture
from whenanime_pipeline.core.search.engine import Scene, SearchEngine
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.manifest import latest_id
from whenanime_pipeline.core.search.snapshot import Snapshot


def find(home: Home, image: Path, *, limit: int = 10) -> tuple[Snapshot, list[Scene]]:
    """Search a home's published snapshot for a picture.

    Args:
        home: of the library.
        image: a picture file.
        limit: how many scenes at most.

    Returns:
        The snapshot that was searched, and its answers, best first.

    Raises:
        SnapshotError: nothing is published yet, or what is cannot be read.
        PictureError: the picture cannot be read.
        OSError: the file cannot be opened.
    """
    latest = latest_id(home.snapshots)
    if latest is None:
        raise SnapshotError(f"{home.root}: nothing is indexed yet; run `whenanime index`")
    picture = decode_picture(image.read_bytes())
    engine = SearchEngine.open(home.snapshots / latest)
    return engine.snapshot, engine.search(picture, limit=limit)


def timecode(second: float) -> str:
    """Return a second as people read it: `12:34.5`, with hours where there are some."""
    tenths = round(second * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, tenths = divmod(rest, 600)
    clock = f"{minutes:02d}:{tenths / 10:04.1f}"
    return f"{hours}:{clock}" if hours else clock
