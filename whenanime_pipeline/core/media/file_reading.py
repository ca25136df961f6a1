"""How a player reads a video where the header alone tells it wrong, as stored with its frames.

A *reading* is found once, without decoding, and kept: sampling, stills and previews then agree on
the second of every picture. All conversions between the player's clock and the file's use it in
`video` and `playback`, and nowhere else.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from whenanime_pipeline.core.media.chapters import Chapter, parse_chapters

Transfer = Literal["", "pq", "hlg"]
_ID_FIELDS = (
    *("parts", "marks", "from_zero", "stream", "varying_shape", "files", "decoding_times"),
)


@dataclass(frozen=True, slots=True)
class ClockMark:
    """A place from which a stream with a broken clock can be read.

    Attributes:
        position: Byte in the file at which the packet of a key frame begins.
        timestamp: Player's time of that packet, in the stream's time base.
        shift: Units to add to the file's timestamps from here to the next mark.
    """

    position: int
    timestamp: int
    shift: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that is played at some second.

    Attributes:
        start: Player's second at which it begins.
        length: Length in seconds.
        file: Name of another file in the same folder; empty for the video itself. A film's further
            file may be in a folder next to the video's, as `../CD2/film.avi`.
        file_start: Second of that file's own clock at which it begins.
        fingerprint: Fingerprint of another file, so that another one under its name is noticed.
        number: Number of the file in a film of several, from 1; 0 for other parts. Only the
            catalogue knows the name of such a file: in a stored reading `file` is empty.
        reading: How a film's further file is read where its header tells it wrong.
    """

    start: float
    length: float
    file: str
    file_start: float
    fingerprint: str = ""
    number: int = 0
    reading: "FileReading | None" = None


@dataclass(frozen=True, slots=True)
class FileReading:
    """What to read of a file, and when it is shown.

    Attributes:
        parts: Parts in order of playing, without gaps; empty for the file from its start.
        marks: Marks of a clock that starts again, wraps or leaps, by position; empty for others.
        offset: Second of the continued clock at which the player's begins; with marks alone.
        from_zero: Whether the player counts from the file's own zero, not from its first sample.
        end: Player's second at which the last picture ends, where the header tells another one.
        stream: Index of the stream of pictures, where it is not the one marked as default.
        varying_shape: Whether size or pixel aspect change within the file.
        transfer: Transfer function of HDR pictures; empty for others.
        is_wide_untagged: Whether colours are untagged in pictures that players take for BT.709 by
            their width alone; stored frames take them for BT.601.
        chapters: Chapters as players list them, where FFmpeg lists others.
        files: Names in the video's folder of the files that hold one stream, cut anywhere, in
            order, as those of a DVD's title set; empty where the video is a file of its own.
        decoding_times: Whether packets carry the times at which they are decoded, as in AVI.
    """

    parts: tuple[Part, ...] = ()
    marks: tuple[ClockMark, ...] = ()
    offset: float = 0.0
    from_zero: bool = False
    end: float | None = None
    stream: int | None = None
    varying_shape: bool = False
    transfer: Transfer = ""
    is_wide_untagged: bool = False
    chapters: tuple[Chapter, ...] | None = None
    files: tuple[str, ...] = ()
    decoding_times: bool = False

    @property
    def id(self) -> str:
        """Hash of all that decides which pictures are sampled when; empty for a plain file."""
        chosen = _list_id_values(self)
        if len(chosen) == 1 and self.stream is None:
            return ""
        return blake2b(json.dumps(chosen).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are not those of a plain file, as JSON values."""
        plain = asdict(PLAIN)
        values = {name: value for name, value in asdict(self).items() if value != plain[name]}
        if self.parts:
            values["parts"] = [_part_to_json(part) for part in self.parts]
        return values


def _list_id_values(reading: FileReading) -> dict[str, Any]:
    everything = asdict(reading)
    chosen = {name: everything[name] for name in _ID_FIELDS if everything[name]}
    if reading.parts:
        chosen["parts"] = [_list_part_values(part) for part in reading.parts]
    return chosen | {"stream": reading.stream}


def _list_part_values(part: Part) -> dict[str, Any]:
    """Return what of a part decides which pictures are sampled; not how a film's file is called."""
    values = asdict(part)
    del values["number"], values["reading"]
    if part.number:
        values |= {"file": "", "number": part.number}
    if part.reading is not None:
        values["reading"] = _list_id_values(part.reading)
    return values


def _part_to_json(part: Part) -> dict[str, Any]:
    values = asdict(part)
    if not part.number:
        del values["number"]
    if part.reading is None:
        del values["reading"]
    else:
        values["reading"] = part.reading.to_json()
    return values


def locate_part(video: Path, part: Part) -> Path | None:
    """Return the file that a part is in; None for a name that leads elsewhere."""
    if not part.file:
        return video
    *folders, name = PurePosixPath(part.file).parts
    if folders[:1] == [".."] and len(folders) == 2 and part.number and ".." not in folders[1:]:
        return video.parent.with_name(folders[1]) / name
    return None if folders or name == ".." else video.with_name(name)


def dump_reading(reading: FileReading) -> str | None:
    """Return a reading as text; None for a plain one."""
    values = reading.to_json()
    return json.dumps(values, ensure_ascii=False) if values else None


@lru_cache(maxsize=64)
def parse_stored_reading(text: str | None) -> FileReading:
    """Return a reading from the text of `dump_reading`, and a plain one from other text."""
    try:
        return parse_reading(json.loads(text)) if text else PLAIN
    except (ValueError, TypeError):
        return PLAIN


PLAIN = FileReading()
"""The reading of a file whose header tells all."""


def parse_reading(stored: Mapping[str, Any]) -> FileReading:
    """Return a reading from the values of `to_json`.

    Raises:
        TypeError: The values are no reading.
    """
    chapters = stored.get("chapters")
    return FileReading(
        **dict(stored)
        | {
            "parts": tuple(map(_parse_part, stored.get("parts", ()))),
            "marks": tuple(ClockMark(**one) for one in stored.get("marks", ())),
            "chapters": None if chapters is None else parse_chapters(chapters),
            "files": tuple(stored.get("files", ())),
        }
    )


def _parse_part(stored: Mapping[str, Any]) -> Part:
    reading = stored.get("reading")
    return Part(**dict(stored) | {"reading": None if reading is None else parse_reading(reading)})
