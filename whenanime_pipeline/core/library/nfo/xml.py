"""Reads the XML of an NFO file, which is untrusted and often broken.

A well-formed document is read by expat behind defusedxml. A broken one is read as far as it goes by
`xml_recovery`, which knows neither document types nor entities of their own. Both refuse documents
that declare a document type.
"""

import re
from dataclasses import dataclass
from html import escape
from html.entities import html5
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeXml

from whenanime_pipeline.core.library.nfo.xml_recovery import recover_elements

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ROOTS = ("tvshow", "movie", "season", "episodedetails")
"""Elements that hold the metadata of a series, film, season or episode."""

_ROOT_START = re.compile(rf"<(?:{'|'.join(ROOTS)})(?=[\s/>])", re.IGNORECASE)
_ROOT_END = re.compile(rf"</(?:{'|'.join(ROOTS)})\s*>", re.IGNORECASE)
_OTHER_ROOT = re.compile(r"<(?:musicvideo|artist|album)[\s/>]", re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"<\?xml[^<>]*\?>", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:#(?P<number>x[0-9a-f]{1,8}|[0-9]{1,8});|(?P<name>\w{1,40});)?", re.I)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
# What XML cannot hold in any spelling; tabs and line ends stay.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class RefusedXmlError(ValueError):
    """A document declares a document type."""


@dataclass(frozen=True, slots=True)
class NfoDocument:
    """The elements and the other text of an NFO file.

    Attributes:
        roots: Elements named in `ROOTS`, in order, with tags in lower case and without namespaces.
        outside: Text outside of them, which may hold links; empty for other kinds of documents.
        warning: What is wrong with the XML; None where all of it was read.
    """

    roots: tuple["Element", ...]
    outside: str
    warning: str | None = None


def parse_document(text: str) -> NfoDocument:
    """Parse the text of an NFO file.

    Several documents may follow one another, as Kodi writes the episodes of one video. HTML's named
    entities are read as their letters, and an ampersand that begins none as itself.

    Args:
        text: Decoded content of the file.

    Raises:
        RefusedXmlError: A document type is declared.
    """
    start = _ROOT_START.search(text)
    if start is None:
        return NfoDocument((), "" if _OTHER_ROOT.search(text) else text)
    if _DOCUMENT_TYPE.search(text):
        raise RefusedXmlError("declares a document type, which is refused")
    ends = [match.end() for match in _ROOT_END.finditer(text, start.end())]
    end = ends[-1] if ends else len(text)
    before, after = text[: start.start()], text[end:]
    body = _escape_ampersands(_FORBIDDEN.sub("", _blank_declarations(text[start.start() : end])))
    elements, warning = _parse_body(body, first_line=before.count("\n") + 1)
    roots = [element for element in elements if element.tag in ROOTS]
    tails = [element.tail or "" for element in elements]
    return NfoDocument(tuple(roots), "\n".join([before, *tails, after]), warning)


def _parse_body(body: str, first_line: int) -> tuple[list["Element"], str | None]:
    """Return the top elements of a text, and what is wrong with it."""
    warning = None
    try:
        # Several documents are one document's children.
        top = SafeXml.fromstring(f"<nfo>{body}</nfo>", forbid_dtd=True)
    except SafeXml.ParseError as error:
        line, reason = error.position[0] + first_line - 1, str(error).partition(":")[0]
        warning = f"is broken XML in line {line} ({reason}); what could be read was used"
        top = recover_elements(body)
    except DefusedXmlException as error:
        raise RefusedXmlError("declares a document type or entity, which is refused") from error
    for element in top.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2].lower()
    return list(top), warning


def _blank_declarations(text: str) -> str:
    """Return text without XML declarations, which only the first document may have."""
    return _XML_DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), text)


def _escape_ampersands(text: str) -> str:
    """Return text in which every ampersand begins one of XML's own entities or a valid number."""
    first, *others = text.split("<![CDATA[")
    parts = [_AMPERSAND.sub(_escape_ampersand, first)]
    for other in others:
        inside, end, rest = other.partition("]]>")
        parts.append(f"<![CDATA[{inside}{end}{_AMPERSAND.sub(_escape_ampersand, rest)}")
    return "".join(parts)


def _escape_ampersand(match: re.Match[str]) -> str:
    name, number = match["name"], match["number"]
    if name in _XML_ENTITIES:
        return match[0]
    if name and f"{name};" in html5:
        return escape(html5[f"{name};"])
    if number:
        point = int(number[1:], 16) if number[0] in "xX" else int(number)
        is_text = point in (9, 10, 13) or (
            32 <= point < 0x110000 and not _FORBIDDEN.match(chr(point))
        )
        return f"&#{point};" if is_text else ""
    return f"&amp;{match[0][1:]}"
