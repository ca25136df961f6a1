"""Writes themes into files, next to the videos only when asked, and never over foreign files."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, get_args

from whenanime_pipeline.core.files import atomic_write, write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.export.chapters_xml import format_chapters
from whenanime_pipeline.core.themes.export.edl import format_edl
from whenanime_pipeline.core.themes.export.episode import ExportedEpisode, select_skippable
from whenanime_pipeline.core.themes.export.jellyfin import format_segments
from whenanime_pipeline.core.themes.export.labels_json import format_labels
from whenanime_pipeline.core.themes.segments import Segment, SegmentType

ExportFormat = Literal["edl", "chapters", "jellyfin", "labels"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
LABELS_NAME = "labels.json"
_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"edl": ".edl", "chapters": ".chapters.xml", "jellyfin": ".segments.json"}
)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is written.

    Attributes:
        format: format of the files.
        types: types of segments that players may skip.
        keep_first: whether a template's first appearance in its season is played.
        force: whether files that were not written here are overwritten.
    """

    format: ExportFormat
    types: tuple[SegmentType, ...]
    keep_first: bool = False
    force: bool = False


@dataclass(slots=True)
class ExportOutcome:
    """What became of the files.

    Attributes:
        written: number of files that were written.
        unchanged: number of files that were as they should be.
        deleted: number of files written earlier, of episodes that have nothing to skip now.
        problems: file → why it was not written.
        in_parts: videos that are left out, films of several files and titles of discs.
    """

    written: int = 0
    unchanged: int = 0
    deleted: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    in_parts: list[str] = field(default_factory=list)


def write_theme_files(
    home: Home, folder: Path, episodes: Sequence[ExportedEpisode], options: ExportOptions
) -> ExportOutcome:
    """Write a file for each episode, in the folders of the videos; or one for all labels.

    A file is overwritten or deleted only if it is as it was written here, of which the home has a
    list, or with `force`.

    Args:
        home: home of the library.
        folder: folder that stands for the videos folder.
        episodes: episodes to write.
        options: what is written.

    Raises:
        OSError: the list of written files cannot be written.
    """
    outcome = ExportOutcome()
    if options.format != "labels":
        outcome.in_parts = [one.path for one in episodes if one.is_in_parts]
        episodes = [one for one in episodes if not one.is_in_parts]
    with home.lock("theme-exports"):
        ledger = _Ledger(home.theme_exports_file)
        for path, texts in _render(episodes, options).items():
            target = folder / path
            if len(set(texts)) > 1:
                outcome.problems[str(target)] = "is the file of several videos that differ"
                continue
            try:
                _update(target, texts[0], ledger, outcome, force=options.force)
            except OSError as error:
                outcome.problems[str(target)] = f"cannot be written ({error.strerror or error})"
        ledger.save()
    return outcome


def _render(
    episodes: Iterable[ExportedEpisode], options: ExportOptions
) -> dict[str, list[str | None]]:
    """Return path of a file → what it holds, once for each of its videos; None for no file."""
    if options.format == "labels":
        return {LABELS_NAME: [format_labels(episodes)]}
    files: dict[str, list[str | None]] = {}
    for one in episodes:
        path = PurePosixPath(one.path)
        chosen = select_skippable(one.segments, options.types, keep_first=options.keep_first)
        text = _WRITERS[options.format](chosen, one.duration) if chosen else None
        name = str(path.with_name(path.stem + _SUFFIXES[options.format]))
        files.setdefault(name, []).append(text)
    return files


def _update(
    target: Path, text: str | None, ledger: "_Ledger", outcome: ExportOutcome, *, force: bool
) -> None:
    """Write, overwrite or delete one file, as it should be now."""
    try:
        present = target.read_bytes()
    except FileNotFoundError:
        present = None
    wanted = None if text is None else text.encode()
    if present is not None and present != wanted and not ledger.knows(target, present):
        if wanted is None:
            return  # of somebody else, who may know better
        if not force:
            outcome.problems[str(target)] = "was not written here; --force overwrites it"
            return
    if wanted is None:
        if present is not None:
            target.unlink()
            outcome.deleted += 1
        ledger.forget(target)
        return
    if present == wanted:
        outcome.unchanged += 1
    else:
        with atomic_write(target) as part:
            part.write_bytes(wanted)
        outcome.written += 1
    ledger.remember(target, wanted)


class _Ledger:
    """The list of files written here, with checksums of what was written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            stored = json.loads(path.read_bytes())
            self._known = {str(name): str(value) for name, value in stored.items()}
        except (FileNotFoundError, ValueError, AttributeError):
            self._known = {}  # without it, files are foreign until --force

    def knows(self, target: Path, data: bytes) -> bool:
        return self._known.get(_absolute(target)) == _hash(data)

    def remember(self, target: Path, data: bytes) -> None:
        self._known[_absolute(target)] = _hash(data)

    def forget(self, target: Path) -> None:
        self._known.pop(_absolute(target), None)

    def save(self) -> None:
        write_json(self._path, dict(sorted(self._known.items())))


def _absolute(target: Path) -> str:
    return str(target.absolute())


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


_WRITERS: Mapping[str, Callable[[Sequence[Segment], float], str]] = MappingProxyType(
    {
        "edl": lambda segments, _: format_edl(segments),
        "chapters": format_chapters,
        "jellyfin": lambda segments, _: format_segments(segments),
    }
)
