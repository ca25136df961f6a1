"""Puts editions of chapters and segment ids into Matroska files that PyAV wrote."""

from collections.abc import Sequence
from pathlib import Path

_CLUSTER, _CUES, _SEEK_HEAD, _SEGMENT = (
    bytes.fromhex(one) for one in ("1F43B675", "1C53BB6B", "114D9B74", "18538067")
)
_SEGMENT_UID = bytes.fromhex("73A490")


def element(id_: str, content: bytes) -> bytes:
    """Return an element with a size of eight bytes."""
    return bytes.fromhex(id_) + (len(content) | 1 << 56).to_bytes(8, "big") + content


def number(id_: str, value: int) -> bytes:
    """Return an element that holds an unsigned number."""
    return element(id_, value.to_bytes(8, "big"))


def atom(start: float, end: float, title: str, segment: bytes = b"") -> bytes:
    """Return a chapter."""
    linked = element("6E67", segment) if segment else b""
    times = number("91", round(start * 1e9)) + number("92", round(end * 1e9))
    return element("B6", times + linked + element("80", element("85", title.encode())))


def edition(atoms: Sequence[bytes], *, ordered: bool = False, default: bool = False) -> bytes:
    """Return an edition of chapters."""
    flags = number("45DD", ordered) + number("45DB", default)
    return element("45B9", flags + b"".join(atoms))


def put_editions(path: Path, editions: Sequence[bytes]) -> Path:
    """Insert chapters before the first cluster; the index is dropped, as its positions move."""
    data = _hide(_hide(path.read_bytes(), _CUES), _SEEK_HEAD)
    chapters = element("1043A770", b"".join(editions))
    where = data.index(_CLUSTER)
    whole = bytearray(data[:where] + chapters + data[where:])
    size = whole.index(_SEGMENT) + 4
    whole[size : size + 8] = b"\x01" + b"\xff" * 7  # unknown
    path.write_bytes(whole)
    return path


def set_segment(path: Path, uid: bytes) -> Path:
    """Set the id of a file's segment."""
    data = bytearray(path.read_bytes())
    where = data.index(_SEGMENT_UID) + 3
    data[where : where + 16] = uid
    path.write_bytes(data)
    return path


def _hide(data: bytes, id_: bytes) -> bytes:
    """Turn an element into a void one of the same length."""
    found = data.find(id_)
    if found < 0:
        return data
    length = 9 - data[found + 4].bit_length()
    size = int.from_bytes(data[found + 4 : found + 4 + length], "big") & ((1 << 7 * length) - 1)
    longer = length + 3
    head = b"\xec" + (size | 1 << 7 * longer).to_bytes(longer, "big")
    return data[:found] + head + data[found + 4 + length :]
