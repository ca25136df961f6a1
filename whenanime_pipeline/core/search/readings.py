"""How each video of a library is read, found once and kept by its fingerprint."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from whenanime_pipeline.core.discs.disc_folder import is_playlist_clip
from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_probe import PROBE_VERSION, probe_reading
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading, parse_reading
from whenanime_pipeline.core.media.film_reading import probe_film
from whenanime_pipeline.core.media.linked_files import find_linked_files

ProbeProgress = Callable[[str, int, int], None]
"""Receives the path of a video that is looked into now, and the bytes before it and of all."""


@dataclass(frozen=True, slots=True)
class StoredReading:
    """What was found of a video.

    Attributes:
        reading: How it is read.
        links: Whether it names other files, so that it depends on what lies in its folder.
    """

    reading: FileReading
    links: bool = False


def load_readings(home: Home) -> Mapping[str, StoredReading]:
    """Return the readings found so far, by fingerprint; none where the file is damaged."""
    try:
        stored = json.loads(home.readings_file.read_text(encoding="utf-8"))
        if stored["version"] != PROBE_VERSION:
            return {}
        return {
            fingerprint: StoredReading(parse_reading(value.get("reading", {})), value["links"])
            if value
            else StoredReading(PLAIN)
            for fingerprint, value in stored["readings"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def probe_readings(
    home: Home,
    videos: Path,
    episodes: Iterable[Episode],
    *,
    seconds: float = float("inf"),
    progress: ProbeProgress | None = None,
) -> int:
    """Find how the videos are read that were not looked into yet, or that link other files.

    Args:
        home: Home of the library.
        videos: Folder of the videos.
        episodes: Episodes to look into.
        seconds: Time after which the rest is left for the next call.
        progress: Called before each video that was not looked into yet.

    Returns:
        How many readings are new or have changed.

    Raises:
        OSError: The home cannot be written to.
    """
    began = monotonic()
    found: dict[str, StoredReading] = {}
    known = load_readings(home)
    waiting = [one for one in episodes if _is_waiting(known.get(one.fingerprint))]
    total = sum(one.size for one in waiting if one.fingerprint not in known)
    done = 0
    for episode in waiting:
        before = known.get(episode.fingerprint)
        if monotonic() - began > seconds:
            break
        if progress is not None and before is None:
            progress(episode.path, done, total)
            done += episode.size
        now = _probe([videos / file.path for file in episode.files])
        if now is not None and now != before:
            found[episode.fingerprint] = now
    if found:
        with home.lock("readings"):
            _save(home, {**load_readings(home), **found})
    return len(found)


def _is_waiting(stored: StoredReading | None) -> bool:
    return stored is None or stored.links


def _probe(paths: Sequence[Path]) -> StoredReading | None:
    """Return how a video is read; None where it is not there now, or a film's file is no video."""
    links = any(is_playlist_clip(path) for path in paths)

    def find(path: Path, segments: set[bytes]) -> Mapping[bytes, tuple[str, str]]:
        nonlocal links
        links = True
        return find_linked_files(path, segments)

    is_film = len(paths) > 1
    try:
        reading = (
            probe_film(paths, lambda path: partial(find, path))
            if is_film
            else probe_reading(paths[0], partial(find, paths[0]))
        )
    except MediaError:
        # What cannot be opened is reported when its frames are asked for.
        return None if is_film or not paths[0].is_file() else StoredReading(PLAIN)
    return StoredReading(reading, links)


def _save(home: Home, readings: Mapping[str, StoredReading]) -> None:
    values: dict[str, Any] = {}
    for fingerprint, stored in sorted(readings.items()):
        is_plain = stored == StoredReading(PLAIN)
        full = {"reading": stored.reading.to_json(), "links": stored.links}
        values[fingerprint] = None if is_plain else full
    content = {"version": PROBE_VERSION, "readings": values}
    write_text(home.readings_file, json.dumps(content, ensure_ascii=False) + "\n")
