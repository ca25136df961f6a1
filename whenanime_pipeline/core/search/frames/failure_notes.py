"""Notes of contents that cannot be indexed, so that they are not tried again at every run."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from whenanime_pipeline.core.file_cache import FileCache
from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.library.errors import CatalogueError
from whenanime_pipeline.core.messages import Message


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A catalogued file that cannot be indexed.

    Attributes:
        path: in the videos folder.
        reason: without the path.
    """

    path: str
    reason: Message


class FailureReader:
    """Reads what could not be indexed in one home; made to be asked again and again."""

    def __init__(self, home: Home) -> None:
        """Prepare to read; the home need not exist."""
        self._home = home
        self._paths: FileCache[dict[str, str]] = FileCache()

    def list_failures(self, indexed_fingerprints: Collection[str]) -> list[FailedFile]:
        """Return the files of the catalogue that could not be read, by path.

        The catalogue is read again only when it has changed. Without one, as with a snapshot
        alone, or with one that is damaged, nothing is listed; damaged notes are left out.

        Args:
            indexed_fingerprints: fingerprints in the index; an earlier failure of theirs does not
                count.
        """
        catalogue = self._home.catalogue_file
        try:
            paths = self._paths.get([catalogue], lambda: _read_paths(catalogue))
        except CatalogueError:
            return []
        found: dict[str, FailedFile] = {}
        for fingerprint, note in self._home.list_failure_files():
            if fingerprint not in paths or fingerprint in indexed_fingerprints:
                continue
            try:
                reason = read_failure(note)
            except (OSError, ValueError):
                continue
            if reason is not None:
                found[fingerprint] = FailedFile(paths[fingerprint], reason)
        return sorted(found.values(), key=lambda failed: failed.path)


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
        if note.get("version") != version("whenanime"):
            return None
        return Message.from_json(note | {"text": note["reason"]})
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError) as error:
        raise ValueError(f"{path}: not a note of a failure; delete it") from error


def _read_paths(catalogue: Path) -> dict[str, str]:
    """Return the path of each content's file, by fingerprint."""
    return {one.fingerprint: one.path for one in load_catalogue(catalogue).episodes}
