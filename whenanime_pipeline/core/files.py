"""Writing files so that nobody ever reads half of one."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path` to write to; on success it takes the place of `path`.

    The content is flushed to the disk before the rename, so that a power cut leaves either the old
    file or the new one. On an exception the part is removed and `path` is left as it was. The part
    has a fixed name: processes that may write the same file at once hold a lock.

    Args:
        path: the file to write; its folder is made when missing.

    Raises:
        OSError: the folder cannot be written to, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        flush_to_disk(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    flush_to_disk(path.parent)


def flush_to_disk(path: Path) -> None:
    """Flush a file, or a folder's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Replace a text file (UTF-8) in one step."""
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Replace a JSON file in one step; keys keep their order, text stays readable."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def compute_checksum(path: Path) -> str:
    """Return the BLAKE2b-128 of a file's content, in hex."""
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def hash_json(value: object, *, length: int = 12) -> str:
    """Return a short hex id of a JSON-like value, the same on every machine."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return blake2b(canonical.encode(), digest_size=16).hexdigest()[:length]


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; on another file system, copy it.

    Args:
        source: an immutable file.
        target: where it shall also be; must not exist.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        flush_to_disk(target)
