"""Picture bombs: small files that cost much memory or time, or have huge metadata."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

MAX_SIDE = 8000
"""Side of the largest square picture that is accepted (64 megapixels)."""
_MIB = 1 << 20
_PNG = b"\x89PNG\r\n\x1a\n"


def picture_bombs() -> Mapping[str, Callable[[], bytes]]:
    """Return name → function that makes the bomb; some take seconds and have megabytes."""
    return {
        "png as large as is read": lambda: black_png(MAX_SIDE, MAX_SIDE, 2),
        "png as large as is read, transparent": lambda: black_png(MAX_SIDE, MAX_SIDE, 6),
        "png as large as is read, 16 bits": lambda: black_png(MAX_SIDE, MAX_SIDE, 0, depth=16),
        "png of 400 megapixels": lambda: black_png(20_000, 20_000, 0, depth=1),
        "png that says it is 2 gigapixels": lambda: black_png(50_000, 40_000, 2, rows=1),
        "png of many small notes": lambda: black_png(8, 8, 2, extra_chunks=_notes(24 * _MIB, b"")),
        "png of a text that unpacks to a gigabyte": lambda: black_png(
            8, 8, 2, extra_chunks=_text_bomb()
        ),
        "png of a colour profile that unpacks to a gigabyte": lambda: black_png(
            8, 8, 2, extra_chunks=_chunk(b"iCCP", b"x\0\0" + _zeros(1 << 30))
        ),
        "png whose notes all lie in one place": lambda: black_png(
            8, 8, 2, extra_chunks=_chunk(b"eXIf", overlapping_notes(20 * _MIB))
        ),
        "png after whose end a megabyte of zeros unpacks to a gigabyte": lambda: black_png(
            8, 8, 2, after=_zeros(1 << 30)
        ),
        "apng of 10,000 pictures": lambda: _animated("PNG", 10_000),
        "gif of 10,000 pictures": lambda: _animated("GIF", 10_000),
        "webp of 2,000 pictures": lambda: _animated("WEBP", 2_000),
        "gif as large as is read": lambda: _encoded(_flat(MAX_SIDE, "P"), "GIF"),
        "gif of many small comments": lambda: gif_of_comments(20 * _MIB),
        "jpeg as large as is read": lambda: _encoded(_flat(MAX_SIDE, "RGB"), "JPEG", quality=50),
        "jpeg as large as is read, progressive": lambda: jpeg_of_scans(MAX_SIDE, 0),
        "jpeg as large as is read, of thousands of scans": lambda: jpeg_of_scans(MAX_SIDE, 3_000),
        "jpeg of many small notes": lambda: _jpeg_with(b"\xff\xfe\x00\x02" * (5 * _MIB)),
        "jpeg of megabytes of exif": lambda: _jpeg_with(_exif_segments(bytes(20 * _MIB))),
        "jpeg whose notes all lie in one place": lambda: _jpeg_with(
            _exif_segments(overlapping_notes(20 * _MIB))
        ),
        "webp whose notes all lie in one place": lambda: _encoded(
            Image.new("RGB", (8, 8)), "WEBP", exif=overlapping_notes(20 * _MIB)
        ),
        "avif whose notes all lie in one place": lambda: _avif_of_notes(4 * _MIB),
        "webp as large as is read": lambda: _encoded(
            _flat(16_383, "RGB", 3_900), "WEBP", quality=0, method=0
        ),
        "avif as large as is read": lambda: _encoded(_flat(MAX_SIDE, "RGB"), "AVIF", speed=10),
        "bmp that says it is large": lambda: _bmp(60_000, 60_000, b""),
        "bmp that packs nothing": lambda: _bmp(MAX_SIDE, MAX_SIDE, b"\0\0" * 1000, packed=True),
    }


def black_png(
    width: int,
    height: int,
    colour_type: int,
    *,
    depth: int = 8,
    rows: int | None = None,
    extra_chunks: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """Return a black PNG.

    Args:
        width: width in pixels.
        height: declared height in pixels.
        colour_type: PNG's colour type.
        depth: bits per channel.
        rows: rows that are present; None for all.
        extra_chunks: chunks before the pixels.
        after: compressed bytes after the pixels, in the same chunk.
    """
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    packer = zlib.compressobj(1)
    packed = [packer.compress(row) for _ in range(height if rows is None else rows)]
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    pixels = b"".join((*packed, packer.flush(), after))
    return b"".join(
        (_PNG, _chunk(b"IHDR", head), extra_chunks, _chunk(b"IDAT", pixels), _chunk(b"IEND", b""))
    )


def overlapping_notes(size: int) -> bytes:
    """Return EXIF with thousands of entries that share the same bytes: gigabytes if read.

    Args:
        size: total size in bytes.
    """
    count = min(60_000, size // 64)
    first = 8 + 2 + 12 * count + 4
    room = size - first
    entries = b"".join(
        struct.pack("<HHLL", 0x8000 + number % 0x7FFF, 7, room, first) for number in range(count)
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + bytes(4 + room)


def gif_of_comments(size: int) -> bytes:
    """Return a GIF of a given size with as many empty comments as fit before its picture."""
    small = _encoded(Image.new("P", (8, 8)), "GIF")
    picture = small.index(b",", 13)
    return small[:picture] + b"\x21\xfe\x01x\x00" * (size // 5) + small[picture:]


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """Return a progressive JPEG with repeated scans.

    Args:
        side: width and height in pixels.
        scans: number of additional scans.
    """
    data = _encoded(_flat(side, "L"), "JPEG", quality=50, progressive=True)
    starts = [place for place, _ in _markers(data) if data[place + 1] == 0xDA]
    ends = [*starts[1:], len(data) - 2]
    last = data[starts[-1] : ends[-1]]
    return data[: ends[-1]] + last * scans + data[ends[-1] :]


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the offset and the length of each marker segment."""
    place = 2
    while place < len(data) - 1:
        if data[place] == 0xFF and data[place + 1] not in {0x00, 0xFF, *range(0xD0, 0xD9)}:
            if data[place + 1] == 0xD9:
                return
            (length,) = struct.unpack(">H", data[place + 2 : place + 4])
            yield place, length
            place += 2 + length
        else:
            place += 1


def _jpeg_with(segments: bytes) -> bytes:
    data = _encoded(Image.new("RGB", (64, 64), "teal"), "JPEG")
    return data[:2] + segments + data[2:]


def _exif_segments(exif: bytes) -> bytes:
    most = 65_533 - 6
    return b"".join(
        b"\xff\xe1" + struct.pack(">H", len(part) + 8) + b"Exif\0\0" + part
        for part in (exif[start : start + most] for start in range(0, len(exif), most))
    )


def _avif_of_notes(size: int) -> bytes:
    """Return an AVIF whose metadata items share the same bytes, built by hand."""
    empty = b"II*\0\x08\0\0\0" + bytes(size - 8)
    data = _encoded(Image.new("RGB", (64, 64)), "AVIF", exif=empty, speed=10)
    assert empty in data
    return data.replace(empty, overlapping_notes(size))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _notes(size: int, data: bytes) -> bytes:
    one = _chunk(b"tRNs", data)
    return one * (size // len(one))


def _text_bomb() -> bytes:
    return _chunk(b"zTXt", b"Comment\0\0" + _zeros(1 << 30))


def _zeros(size: int) -> bytes:
    packer, block = zlib.compressobj(9), bytes(_MIB)
    return b"".join((*(packer.compress(block) for _ in range(size >> 20)), packer.flush()))


def _animated(kind: str, count: int) -> bytes:
    pictures = [Image.new("P", (16, 16), number % 256) for number in range(count)]
    for number, picture in enumerate(pictures):
        picture.putpalette(list(range(256)) * 3)
        picture.putpixel((number % 16, number // 16 % 16), number % 7)
    return _encoded(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=40)


def _flat(width: int, mode: str, height: int | None = None) -> Image.Image:
    tone = np.add.outer(np.arange(height or width) >> 6, np.arange(width) >> 6).astype(np.uint8)
    return Image.fromarray(tone).convert(mode)


def _bmp(width: int, height: int, pixels: bytes, *, packed: bool = False) -> bytes:
    bits, way = (8, 1) if packed else (24, 0)
    palette = bytes(1024) if packed else b""
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, way, len(pixels), 0, 0, 0, 0)
    start = 14 + len(head) + len(palette)
    whole = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    return whole + head + palette + pixels


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
