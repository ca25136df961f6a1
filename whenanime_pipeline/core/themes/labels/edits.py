"""The changes that the page and the API make to `themes.yaml`."""

from collections.abc import Mapping

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.labels.document import parse_second
from whenanime_pipeline.core.themes.labels.store import edit_labels
from whenanime_pipeline.core.themes.labels.theme_labels import (
    SegmentLabel,
    Span,
    ThemeLabels,
    is_mostly,
)
from whenanime_pipeline.core.themes.segments import SegmentType

_DIGITS = 3
"""Digits of stored seconds: finer than any frame."""


def label_template(
    home: Home,
    template_id: str,
    *,
    name: str | None = None,
    kind: SegmentType | None = None,
    changes: Mapping[str, bool] | None = None,
) -> ThemeLabels:
    """Say something about a template, for all episodes that show it.

    Args:
        home: home of the library.
        template_id: id of the template.
        name: what people call it; a name that is there stays.
        kind: type that it gets; None to leave what was said about that.
        changes: new values of `confirmed` and `never_skip`; False takes the word back.

    Returns:
        What the file says now.

    Raises:
        LabelsError: the file cannot be used as it is, or not be written.
    """

    def change(document: CommentedMap) -> None:
        entry = _ensure_map(_ensure_map(document, "templates"), template_id)
        _name(entry, name)
        if kind is not None:
            entry["type"] = kind
        for key, value in (changes or {}).items():
            if value:
                entry[key] = True
            else:
                entry.pop(key, None)

    return edit_labels(home, change)


def set_segment(
    home: Home, fingerprint: str, label: SegmentLabel, *, name: str | None = None
) -> ThemeLabels:
    """Set a segment of an episode, or correct the one that is there.

    Args:
        home: home of the library.
        fingerprint: of the episode's content.
        label: the segment.
        name: what people call the episode; a name that is there stays.

    Returns:
        What the file says now.

    Raises:
        LabelsError: the file cannot be used as it is, or not be written; or the segment overlaps
            another one that the operator set.
    """

    def change(document: CommentedMap) -> None:
        entry = _ensure_episode(document, fingerprint, name)
        own = Span(label.start, label.end)
        _drop(entry, "removed", own)
        _drop(entry, "segments", own)
        item = _flow(type=label.type, start=label.start, end=label.end)
        if label.never_skip:
            item["never_skip"] = True
        _ensure_list(entry, "segments").append(item)

    return edit_labels(home, change)


def remove_segment(
    home: Home, fingerprint: str, span: Span, *, name: str | None = None
) -> ThemeLabels:
    """Say that there is no theme in a stretch of an episode.

    Args:
        home: home of the library.
        fingerprint: of the episode's content.
        span: the stretch.
        name: what people call the episode; a name that is there stays.

    Returns:
        What the file says now.

    Raises:
        LabelsError: the file cannot be used as it is, or not be written.
    """

    def change(document: CommentedMap) -> None:
        entry = _ensure_episode(document, fingerprint, name)
        _drop(entry, "segments", span)
        _drop(entry, "removed", span)
        _ensure_list(entry, "removed").append(_flow(start=span.start, end=span.end))

    return edit_labels(home, change)


def _ensure_episode(document: CommentedMap, fingerprint: str, name: str | None) -> CommentedMap:
    entry = _ensure_map(_ensure_map(document, "episodes"), fingerprint)
    _name(entry, name)
    return entry


def _ensure_map(parent: CommentedMap, key: str) -> CommentedMap:
    if parent.get(key) is None:
        parent[key] = CommentedMap()
    found: CommentedMap = parent[key]
    return found


def _ensure_list(parent: CommentedMap, key: str) -> CommentedSeq:
    if parent.get(key) is None:
        parent[key] = CommentedSeq()
    found: CommentedSeq = parent[key]
    return found


def _name(entry: CommentedMap, name: str | None) -> None:
    if name and "name" not in entry:
        entry.insert(0, "name", name)


def _drop(entry: CommentedMap, key: str, span: Span) -> None:
    """Take the items out of a list that mean the same stretch; of an empty list, the key."""
    items = entry.get(key)
    if items is None:
        return
    for index in reversed(range(len(items))):
        start, end = (parse_second(items[index][side]) or 0.0 for side in ("start", "end"))
        if is_mostly((start, end), (span.start, span.end)):
            del items[index]
    if not items:
        del entry[key]


def _flow(**values: object) -> CommentedMap:
    rounded = {
        key: round(value, _DIGITS) if isinstance(value, float) else value
        for key, value in values.items()
    }
    item = CommentedMap(rounded)
    item.fa.set_flow_style()
    return item
