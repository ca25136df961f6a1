"""`whenanime search`: pictures and short videos, asked for from the command line."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.commands.errors import CommandError, format_error
from whenanime_pipeline.commands.options import require_package
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.media.query_picture import decode_query_picture
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_MAX_BYTES = 25 << 20
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for one picture.

    Attributes:
        source: the file or URL, as it was given.
        scenes: scenes found, best first.
        frame_count: frames of the searched index.
        problem: why it could not be searched for; None if it was.
    """

    source: str
    scenes: Sequence[Scene]
    frame_count: int
    problem: str | None = None


def search_image(home: Home, image: Path, *, limit: int = 10) -> tuple[Snapshot, list[Scene]]:
    """Search a home's published snapshot for a picture.

    Args:
        home: of the library.
        image: a file that holds a picture, an animation or a short video.
        limit: how many scenes at most.

    Returns:
        The snapshot that was searched, and its answers, best first.

    Raises:
        SnapshotError: nothing is published yet, or what is cannot be read.
        CommandError: the picture cannot be used.
        OSError: the file cannot be opened.
    """
    engine = open_engine(home)
    return engine.snapshot, _search(engine, str(image), limit)


def search_images(engine: SearchEngine, sources: Sequence[str], *, limit: int) -> Iterator[Answer]:
    """Search for several pictures; one that cannot be used does not end the others.

    Args:
        engine: from `open_engine`.
        sources: files, and URLs of http and https.
        limit: how many scenes at most, of each.
    """
    count = engine.snapshot.manifest.vector_count
    for source in sources:
        try:
            yield Answer(source, _search(engine, source, limit), count)
        except (CommandError, OSError) as error:
            yield Answer(source, [], count, format_error(error))


def open_engine(home: Home) -> SearchEngine:
    """Open a home's published snapshot.

    Raises:
        SnapshotError: nothing is published yet, or what is cannot be read.
    """
    latest = read_latest_id(home.snapshots)
    if latest is None:
        raise SnapshotError(f"{home.root}: nothing is indexed yet; run `whenanime index`")
    return SearchEngine.open(home.snapshots / latest)


def format_timecode(second: float) -> str:
    """Return a second as people read it: `12:34.5`, with hours where there are some."""
    tenths = round(second * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, tenths = divmod(rest, 600)
    clock = f"{minutes:02d}:{tenths / 10:04.1f}"
    return f"{hours}:{clock}" if hours else clock


def _search(engine: SearchEngine, source: str, limit: int) -> list[Scene]:
    data = _fetch(source) if source.lower().startswith(_WEB) else _read(Path(source))
    try:
        picture = decode_query_picture(data)
    except PictureError as error:
        raise CommandError(f"{source}: {error}") from error
    return engine.search(picture, limit=limit)


def _read(image: Path) -> bytes:
    with image.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)  # not all of it: it may be a film
    if len(data) > _MAX_BYTES:
        raise CommandError(f"{image}: larger than 25 MiB; give one picture or a short clip")
    return data


def _fetch(url: str) -> bytes:
    """Download a picture within the server's limits."""
    require_package("httpx", "app")
    from whenanime_app.security.safe_fetch import Fetcher, FetchError
    from whenanime_app.settings import AppSettings

    fetcher = Fetcher(AppSettings().fetch_networks)
    try:
        return asyncio.run(fetcher.fetch(url))
    except FetchError as error:
        raise CommandError(f"{url}: {error}") from error
