"""`whenanime search`: one picture, asked from the command line."""

from pathlib import Path

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.media.picture_codec import decode_picture
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_MAX_BYTES = 25 << 20


def search_image(home: Home, image: Path, *, limit: int = 10) -> tuple[Snapshot, list[Scene]]:
    """Search a home's published snapshot for a picture.

    Args:
        home: of the library.
        image: a picture file.
        limit: how many scenes at most.

    Returns:
        The snapshot that was searched, and its answers, best first.

    Raises:
        SnapshotError: nothing is published yet, or what is cannot be read.
        CommandError: the picture cannot be used.
        OSError: the file cannot be opened.
    """
    latest = read_latest_id(home.snapshots)
    if latest is None:
        raise SnapshotError(f"{home.root}: nothing is indexed yet; run `whenanime index`")
    with image.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)  # not all of it: it may be a film
    if len(data) > _MAX_BYTES:
        raise CommandError(f"{image}: larger than 25 MiB; give one picture")
    try:
        picture = decode_picture(data)
    except PictureError as error:
        raise CommandError(f"{image}: {error}") from error
    engine = SearchEngine.open(home.snapshots / latest)
    return engine.snapshot, engine.search(picture, limit=limit)


def format_timecode(second: float) -> str:
    """Return a second as people read it: `12:34.5`, with hours where there are some."""
    tenths = round(second * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, tenths = divmod(rest, 600)
    clock = f"{minutes:02d}:{tenths / 10:04.1f}"
    return f"{hours}:{clock}" if hours else clock
