"""Decodes the bytes of an NFO file, whose declared encoding may be wrong."""

import codecs
import re

_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Files declare the smaller of two encodings and use the larger one, as browsers know.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
}
_ADJACENT_HIGH_BYTES = re.compile(rb"[\x80-\xff]{2}")


def decode_nfo(data: bytes) -> tuple[str, str | None]:
    """Decode the content of an NFO file.

    Args:
        data: Content of the file.

    Returns:
        Text, and a warning where its encoding is not the declared one. Bytes that are text in no
        likely encoding become U+FFFD.
    """
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_or_replace(data[len(mark) :], marked)
    if data[:2] in (b"<\0", b"\0<"):
        return _decode_or_replace(data, "utf-16-le" if data[0] else "utf-16-be")
    declared = _DECLARED_ENCODING.search(data[:512])
    name = declared[1].decode() if declared else "utf-8"
    encoding = _find_encoding(name)
    utf8 = _decode_strictly(data, "utf-8")
    if encoding == "utf-8" and utf8 is not None:
        return utf8, None
    # Text in another encoding is hardly ever valid UTF-8, but UTF-8 is valid in most of them.
    if utf8 is not None and not (encoding and utf8.isascii()) and _is_surely_utf8(utf8, encoding):
        return utf8, f"declares the encoding {name[:40]} and is UTF-8; it was read as UTF-8"
    text = _decode_strictly(data, encoding) if encoding else None
    if text is not None:
        return text, None
    return _guess_encoding(data, name)


def _find_encoding(name: str) -> str | None:
    """Return Python's name of an encoding that a file of single bytes may have; None for others."""
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    # A file whose first bytes could be read as ASCII is in neither of these.
    if found.name.startswith(("utf-16", "utf-32")) or not found._is_text_encoding:
        return None
    return _SUPERSETS.get(found.name, found.name)


def _is_surely_utf8(text: str, encoding: str | None) -> bool:
    """Whether text that is valid as UTF-8 and declared as another encoding is UTF-8."""
    if encoding is None or not _is_multibyte(encoding):
        return True
    return any(char > "\u07ff" for char in text)


def _is_multibyte(encoding: str) -> bool:
    return encoding.startswith(("gb", "cp9", "euc", "big5", "iso2022", "hz", "johab"))


def _guess_encoding(data: bytes, declared: str) -> tuple[str, str]:
    said = f"is not text in the encoding {declared[:40]}"
    if _ADJACENT_HIGH_BYTES.search(data) is None:
        return data.decode("cp1252", errors="replace"), f"{said}; it was read as Windows-1252"
    return data.decode("utf-8", errors="replace"), f"{said}; what could be read was used"


def _decode_strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _decode_or_replace(data: bytes, encoding: str) -> tuple[str, str | None]:
    text = _decode_strictly(data, encoding)
    if text is not None:
        return text, None
    problem = f"is not text in the encoding {encoding}; what could be read was used"
    return data.decode(encoding, errors="replace"), problem
