"""Plays a video's parts in the player's order, each file opened in its turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Self

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import (
    PLAIN,
    FileReading,
    Part,
    locate_part,
)
from whenanime_pipeline.core.media.grid import Grid
from whenanime_pipeline.core.media.video import Source, Video

_CLOCK = 90_000
"""Units of a second of MPEG streams' clock; those of other clocks and of 45 kHz divide it."""


@dataclass(frozen=True, slots=True)
class PlayedPiece:
    """A stretch of an open file; the video's seconds are the player's.

    Attributes:
        video: Open file, until the next piece is asked for.
        start: Timestamp to begin at; None for the file's first picture.
        end: Timestamp to end at, exclusive; None for the end of the file.
        cut: Timestamp at which the part begins: a frame that begins before it is not shown, as in
            mpv; None for a file that is played from its first picture.
    """

    video: Video
    start: int | None
    end: int | None
    cut: int | None = None

    @property
    def earliest(self) -> int:
        """Timestamp of the first picture of the piece."""
        return self.video.first_timestamp if self.start is None else self.start

    def grid(self, origin: Fraction, step: Fraction) -> Grid:
        """Return equally spaced ticks on this file's clock.

        Args:
            origin: Player's second of tick 0.
            step: Seconds between ticks.
        """
        exact = self.video.to_exact_timestamp(origin)
        whole = exact.numerator if exact.denominator == 1 else exact
        return Grid(whole, step / self.video.time_base)


class Playback:
    """A video as a player plays it; a context manager.

    Args:
        source: Path of the video, or a seekable binary stream.
        reading: How the file is read where its header tells it wrong.
        threads: Decoding threads; 0 for one per core.

    Attributes:
        name: Name in messages.
        main: The file itself, open.
        first: Player's second of the first picture.
        end: Player's second at which the pictures end, as declared; None where unknown.

    Raises:
        MediaError: Not a video.
    """

    def __init__(
        self, source: Source, *, reading: FileReading | None = None, threads: int = 0
    ) -> None:
        self._source = source
        self._reading = reading or PLAIN
        self._threads = threads
        self.main = Video(source, threads=threads, reading=self._reading)
        self.name = self.main.name
        parts = self._reading.parts
        if parts:
            self.first = Fraction(0)
            self.end: Fraction | None = _to_exact(parts[-1].start + parts[-1].length)
        else:
            self.first = self.main.to_exact_seconds(self.main.first_timestamp)
            self.end = self.main.declared_end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; frames already decoded stay usable."""
        self.main.close()

    @property
    def latest_end(self) -> Fraction | None:
        """Latest second at which pictures may end: a stream's own length may be too short."""
        if self._reading.parts or self._reading.end is not None:
            return self.end
        return self.main.latest_end

    def pieces(
        self, start: float | Fraction | None = None, end: float | Fraction | None = None
    ) -> Iterator[PlayedPiece]:
        """Yield what is played between two of the player's seconds, in order.

        A linked file that is not there, or cannot be read, is left out.

        Args:
            start: Second to begin at; None for the beginning.
            end: Second to end at, exclusive; None for the end.

        Raises:
            MediaError: A file of a film in several cannot be read; the message names it.
        """
        if not self._reading.parts:
            begin = None if start is None else self.main.to_timestamp(start)
            finish = None if end is None else self.main.to_timestamp(end)
            yield PlayedPiece(self.main, begin, finish)
            return
        for part in self._reading.parts:
            first, after = _to_exact(part.start), _to_exact(part.start + part.length)
            begins = max(first, Fraction(start or 0))
            ends = after if end is None else min(after, Fraction(end))
            if begins >= ends:
                continue
            try:
                video = self._open(part)
            except MediaError as error:
                if part.number:
                    name = PurePosixPath(part.file).name or Path(self.name).name
                    message = MediaMessage.FILM_PART(file=name, why=error.message)
                    raise MediaError(self.name, message) from error
                continue
            try:
                video.show_from(first, _to_exact(part.file_start))
                cut = video.to_timestamp(first)
                yield PlayedPiece(video, video.to_timestamp(begins), video.to_timestamp(ends), cut)
            finally:
                if video is not self.main:
                    video.close()

    def pieces_at(self, second: float) -> Iterator[PlayedPiece]:
        """Yield the whole part that is played at a second: the last one after the end."""
        if not self._reading.parts:
            yield from self.pieces()
            return
        for part in self._reading.parts:
            if second < part.start + part.length or part is self._reading.parts[-1]:
                yield from self.pieces(part.start, part.start + part.length)
                return

    def _open(self, part: Part) -> Video:
        if not part.file:
            return self.main
        source = self._source
        file = locate_part(Path(source), part) if isinstance(source, str | PathLike) else None
        if file is None:
            raise MediaError(self.name, MediaMessage.LINKED_FILE(file=part.file))
        return Video(file, threads=self._threads, reading=part.reading or PLAIN)


def _to_exact(second: float) -> Fraction:
    """Return the multiple of a clock's unit that a stored second was.

    A float a little above it would leave out the frame that begins there.
    """
    return Fraction(second).limit_denominator(_CLOCK)
