"""Notes of contents that cannot be indexed, so that they are not tried again at every run."""

import json
from importlib.metadata import version
from pathlib import Path

from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.messages import Message


def write_failure(path: Path, reason: Message) -> None:
    """Write the note of a content that cannot be indexed.

    Args:
        path: file of the note.
        reason: why it cannot be indexed, without the video's path.
    """
    noted = reason.to_json()
    write_json(path, {"reason": noted.pop("text"), "version": version("whenanime")} | noted)


def read_failure(path: Path) -> Message | None:
    """Return why a content cannot be indexed; None without a note, or with another version's.

    Another version of the program may be able to read the content. Notes of earlier builds of this
    version have a text alone.

    Raises:
        OSError: the note cannot be read.
        ValueError: it is damaged.
    """
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if note.get("version") != version("whenanime"):
        return None
    return Message.from_json(note | {"text": note["reason"]})
