"""Notes of contents that cannot be indexed, so that they are not tried again at every run."""

import json
from importlib.metadata import version
from pathlib import Path

from whenanime_pipeline.core.files import write_json


def write_failure(path: Path, reason: str) -> None:
    """Remember that a content cannot be indexed, so that it is not tried again and again.

    Args:
        path: of the note.
        reason: without the video's path.
    """
    write_json(path, {"reason": reason, "version": version("whenanime")})


def read_failure(path: Path) -> str | None:
    """Return why a content cannot be indexed; None when nothing is noted.

    What another version of the program could not read is worth another try.
    """
    try:
        note: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return note["reason"] if note.get("version") == version("whenanime") else None
