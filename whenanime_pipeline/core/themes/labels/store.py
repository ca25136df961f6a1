"""Reads and rewrites `themes.yaml`, which people edit too: comments and unknown keys stay."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from whenanime_pipeline.core.file_cache import FileCache
from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.errors import LabelsError
from whenanime_pipeline.core.themes.labels.document import parse_labels
from whenanime_pipeline.core.themes.labels.theme_labels import NO_LABELS, ThemeLabels

HEADER = """\
# The operator's word on themes. It always wins over what was found. The page writes it, and it can
# be edited by hand: comments and further keys stay.
"""
_MAX_BYTES = 16 << 20
_WIDTH = 4096  # characters: long names are not broken into lines


@dataclass(frozen=True, slots=True)
class LabelsState:
    """The operator's word that is in force.

    Attributes:
        labels: the word.
        problem: why `themes.yaml` cannot be used, while `labels` is what it said before.
    """

    labels: ThemeLabels = NO_LABELS
    problem: LabelsError | None = None


class LabelsReader:
    """Reads the operator's word of one home; made to be asked again and again."""

    def __init__(self, home: Home) -> None:
        """Prepare to read; the home need not exist."""
        self._home = home
        self._held: FileCache[LabelsState] = FileCache()

    def read(self) -> LabelsState:
        """Return the word that is in force, read again only when the file has changed.

        Of a file that cannot be used, the word is what it said when it last could.
        """
        path = self._home.theme_labels_file
        return self._held.get([path], lambda: self._read(path))

    def _read(self, path: Path) -> LabelsState:
        try:
            text = _read_text(path)
            labels = parse_text(text, path)
        except LabelsError as error:
            return LabelsState(self._read_last(), error)
        # Without it, a mistake in the file would take back the word at the next start. A home that
        # cannot be written to has no next mistake.
        with suppress(OSError):
            _keep_last(self._home, text)
        return LabelsState(labels)

    def _read_last(self) -> ThemeLabels:
        last = self._home.last_theme_labels_file
        try:
            return parse_text(_read_text(last), last)
        except LabelsError:
            return NO_LABELS


def read_labels(path: Path) -> ThemeLabels:
    """Read the operator's word; a missing file says nothing.

    Raises:
        LabelsError: the file cannot be read or used; the message has the line.
    """
    return parse_text(_read_text(path), path)


def parse_text(text: str, path: Path) -> ThemeLabels:
    """Return what the text of a file says.

    Args:
        text: the text; empty for a missing file.
        path: the file, for messages.

    Raises:
        LabelsError: it is no YAML, or a value cannot be used.
    """
    return parse_labels(_load(text, path)[0], path)


def edit_labels(home: Home, change: Callable[[CommentedMap], None]) -> ThemeLabels:
    """Change the document of `themes.yaml` under the home's lock.

    Args:
        home: home of the library.
        change: changes the document in place.

    Returns:
        What the file says now.

    Raises:
        LabelsError: the file as it is cannot be used, or cannot be written; it is left as it is.
    """
    path = home.theme_labels_file
    with home.lock("themes"):
        text = _read_text(path)
        document, yaml = _load(text, path)
        parse_labels(document, path)  # what cannot be understood is not rewritten
        is_blank = not document
        change(document)
        written = _dump(document, yaml)
        if is_blank:  # a file of comments alone has no document to keep them in
            written = (text.rstrip() or HEADER.rstrip()) + "\n" + written
        labels = parse_text(written, path)
        _write_text(path, written.replace("\n", "\r\n") if "\r\n" in text else written)
    return labels


def _load(text: str, path: Path) -> tuple[CommentedMap, YAML]:
    """Return a file's document, and a writer that indents as the file does."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    try:
        document = yaml.load(text)
    except MarkedYAMLError as error:
        # What is not closed is found at the end of the file; its beginning is what people look for.
        is_open = "end of stream" in (error.problem or "")
        mark = (is_open and error.context_mark) or error.problem_mark or error.context_mark
        reason = f"not valid YAML: {error.problem or error.context}"
        raise LabelsError(path, mark.line + 1 if mark else None, reason) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise LabelsError(path, None, f"not valid YAML: {error}") from error
    if document is None:
        return CommentedMap(), yaml
    if not isinstance(document, CommentedMap):
        raise LabelsError(path, 1, "not a mapping with `templates:` and `episodes:`")
    _copy_indentation(document, yaml)
    return document, yaml


def _copy_indentation(document: CommentedMap, yaml: YAML) -> None:
    """Make a writer indent as the first mapping and the first list in a document do."""
    parts = [part for part in document.values() if _is_block(part)]
    entries = [entry for part in parts for entry in part.values() if _is_block(entry)]
    steps = [part.lc.col - document.lc.col for part in parts]
    lists = [
        (entry, items)
        for entry in entries
        for items in entry.values()
        if isinstance(items, CommentedSeq) and items and not items.fa.flow_style()
    ]
    if steps:
        yaml.indent(mapping=max(2, steps[0]))
    for entry, items in lists[:1]:
        offset = max(0, items.lc.col - entry.lc.col)
        yaml.indent(sequence=max(2, offset + 2, items.lc.data[0][1] - entry.lc.col), offset=offset)


def _is_block(part: object) -> bool:
    return isinstance(part, CommentedMap) and bool(part) and not part.fa.flow_style()


def _dump(document: CommentedMap, yaml: YAML) -> str:
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if len(data) > _MAX_BYTES:
            raise LabelsError(path, None, f"larger than {_MAX_BYTES >> 20} MiB")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise LabelsError(path, line, "not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise LabelsError(path, None, f"cannot be read ({error.strerror or error})") from error


def _write_text(path: Path, text: str) -> None:
    try:
        with atomic_write(path) as part:
            part.write_bytes(text.encode())
    except OSError as error:
        raise LabelsError(path, None, f"cannot be written ({error.strerror or error})") from error


def _keep_last(home: Home, text: str) -> None:
    """Keep a copy of the word for the time when `themes.yaml` cannot be read."""
    last = home.last_theme_labels_file
    try:
        if last.read_text(encoding="utf-8") == text:
            return
    except FileNotFoundError:
        if not text:
            return
    with home.lock("themes"), atomic_write(last) as part:
        part.write_text(text, encoding="utf-8", newline="")
