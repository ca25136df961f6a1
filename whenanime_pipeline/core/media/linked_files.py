"""Finds the Matroska files next to a video by the ids of their segments."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from whenanime_pipeline.core.media.matroska_editions import read_matroska_head

_SUFFIXES = (".mkv", ".mk3d", ".mka", ".webm")
_MAX_FILES = 2_000
"""Most files of a folder that are looked into."""


def find_linked_files(video: Path, segments: Collection[bytes]) -> Mapping[bytes, tuple[str, str]]:
    """Return the files of segments in the video's own folder, and only there.

    Args:
        video: File that links them.
        segments: Ids of segments.

    Returns:
        Name and state of a file by segment; the first by name where several have the same id. The
        state changes with size and modification time.
    """
    try:
        names = sorted(one.name for one in video.parent.iterdir() if _may_be_linked(one.name))
    except OSError:
        return {}
    found: dict[bytes, tuple[str, str]] = {}
    for name in names[:_MAX_FILES]:
        if name == video.name or len(found) == len(segments):
            continue
        try:
            with (video.parent / name).open("rb") as file:
                status = os.fstat(file.fileno())
                segment = read_matroska_head(file).segment
        except OSError:
            continue
        if segment in segments and segment not in found:
            found[segment] = name, f"{status.st_size}:{status.st_mtime_ns}"
    return found


def _may_be_linked(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES) and not name.startswith(".")
