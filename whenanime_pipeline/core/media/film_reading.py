"""Joins the readings of a film's files into one: a second file goes on where the first one ends."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from whenanime_pipeline.core.media.chapters import Chapter, read_chapters
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_probe import LinkedFiles, probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading, Part
from whenanime_pipeline.core.media.playback import Playback


def probe_film(
    paths: Sequence[Path], find_linked: Callable[[Path], LinkedFiles | None]
) -> FileReading:
    """Return how a film in several files is read, without decoding.

    Args:
        paths: Its files in order, at least one.
        find_linked: Returns what finds the files that a Matroska file links.

    Returns:
        The reading of the first file, with the parts and chapters of all. Parts have the numbers of
        their files and not yet their names, see `name_film_files`.

    Raises:
        MediaError: One of the files is no video, or its length cannot be found.
    """
    first = probe_reading(paths[0], find_linked(paths[0]))
    parts: list[Part] = []
    chapters: list[Chapter] = []
    now = 0.0
    for number, path in enumerate(paths, 1):
        reading = first if number == 1 else probe_reading(path, find_linked(path))
        with Playback(path, reading=reading, threads=1) as playback:
            if playback.end is None or playback.end <= 0:
                raise MediaError(path, MediaMessage.FILM_LENGTH())
            length = float(playback.end)
            zero = -float(playback.main.to_exact_seconds(0))
            own = read_chapters(playback.main) if reading.chapters is None else reading.chapters
        whole = (Part(0.0, length, "", zero),)
        parts += [_place_part(part, now, number, reading) for part in reading.parts or whole]
        chapters += [Chapter(one.start + now, one.end + now, one.title) for one in own]
        now += length
    return replace(first, parts=tuple(parts), end=None, chapters=tuple(chapters))


def name_film_files(reading: FileReading, paths: Sequence[str]) -> FileReading:
    """Return a film's reading with the names of its further files.

    Args:
        reading: Reading of `probe_film`, or of a single file, which stays as it is.
        paths: Paths of the film's files in order, with `/` between the parts, in one folder or in
            folders next to each other; none for a single file.
    """
    if not paths:
        return reading
    parts = [
        replace(part, file=_relate(paths[part.number - 1], paths[0])) if part.number > 1 else part
        for part in reading.parts
    ]
    return replace(reading, parts=tuple(parts))


def _relate(path: str, first: str) -> str:
    """Return a path as it is written in a `Part` of the first file."""
    file = PurePosixPath(path)
    is_same_folder = file.parent == PurePosixPath(first).parent
    return file.name if is_same_folder else f"../{file.parent.name}/{file.name}"


def _place_part(part: Part, start: float, number: int, reading: FileReading) -> Part:
    """Return a part of one of the film's files at its second of the film."""
    placed = replace(part, start=part.start + start)
    if part.file:  # a linked segment lies next to the film's files
        return placed
    own = replace(reading, parts=(), end=None, chapters=None)
    is_plain = number == 1 or own == FileReading()
    return replace(placed, number=number, reading=None if is_plain else own)
