"""Reads elements out of broken XML: unclosed or crossed tags, stray brackets, unquoted attributes.

An element tree is built from what looks like tags, in one pass over the text. Neither document
types nor processing instructions mean anything here, and the only entities are XML's own five and
numbers, so nothing can be included or expanded.
"""

import re
from html import unescape
from xml.etree.ElementTree import Element, TreeBuilder  # builds, and parses nothing

MAX_DEPTH = 64
"""Maximum depth of elements; those of NFO files have a depth of 6."""

_TAG = re.compile(
    r"""</?(?P<name>[^\W\d][\w.:-]{0,99})(?P<rest>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>"""
)
_UNFINISHED_END = re.compile(r"</(?P<name>[^\W\d][\w.:-]{0,99})\s*+(?=<)")
_ATTRIBUTE = re.compile(r"""([^\W\d][\w.:-]{0,99})\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'/]+))""")
# What may hold anything up to its end.
_SECTIONS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))


def recover_elements(text: str) -> Element:
    """Return an element that holds all elements that a text seems to have.

    An end tag closes the nearest open element of its name, and all within it; one that fits none
    is dropped. An element that holds text holds no elements, so a tag after text closes it, which
    holds for NFO files. Elements that are open at the end are closed; the text of the last one is
    dropped, for a file that was cut off may end within a number.

    Args:
        text: XML without a document type.
    """
    reader = _Reader()
    position, last = 0, text.rfind(">")
    while True:
        start = text.find("<", position)
        if start < 0:
            break
        if start > last:  # the file was cut off within a tag
            reader.add_text(text[position:start])
            return reader.close(is_cut=False)
        reader.add_text(text[position:start])
        position = _read_markup(reader, text, start)
    reader.add_text(text[position:])
    return reader.close(is_cut=not text[-1:].isspace())


def _read_markup(reader: "_Reader", text: str, start: int) -> int:
    """Read what begins with a `<`; returns the position after it."""
    for opening, closing in _SECTIONS:
        if text.startswith(opening, start):
            inside = start + len(opening)
            end = text.find(closing, inside)
            end = len(text) if end < 0 else end
            if opening == "<![CDATA[":
                reader.add_data(text[inside:end])
            return end + len(closing)
    tag = _TAG.match(text, start) or _UNFINISHED_END.match(text, start)
    if tag is None:
        reader.add_data("<")
        return start + 1
    if text.startswith("</", start):
        reader.end(tag["name"])
    else:
        reader.start(tag["name"], tag["rest"])
    return tag.end()


class _Reader:
    """Builds the tree, and keeps it balanced."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._builder.start("nfo", {})
        self._open: list[str] = []
        self._has_text = [False]

    def add_text(self, text: str) -> None:
        self.add_data(unescape(text) if "&" in text else text)

    def add_data(self, data: str) -> None:
        self._builder.data(data)
        if self._open and data.strip():
            self._has_text[-1] = True

    def start(self, name: str, rest: str) -> None:
        if self._has_text[-1]:
            self._close_last()
        if len(self._open) >= MAX_DEPTH:
            return
        attributes = {
            match[1].lower(): unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(rest)
        }
        self._builder.start(name, attributes)
        self._open.append(name)
        self._has_text.append(False)
        if rest.rstrip().endswith("/"):
            self._close_last()

    def end(self, name: str) -> None:
        if name not in self._open:
            name = next((one for one in self._open if one.lower() == name.lower()), "")
        while name and name in self._open and self._close_last() != name:
            pass

    def close(self, *, is_cut: bool) -> Element:
        is_cut = is_cut and self._has_text[-1]
        while self._open:
            element = self._builder.end(self._open.pop())
            if is_cut:
                element.text, is_cut = None, False
        self._builder.end("nfo")
        return self._builder.close()

    def _close_last(self) -> str:
        name = self._open.pop()
        self._has_text.pop()
        self._builder.end(name)
        return name
