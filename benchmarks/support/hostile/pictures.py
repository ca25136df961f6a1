"""Uploads of bombs, corrupt pictures, polyglots and files of other types."""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO

import numpy as np
from PIL import Image

from benchmarks.support.hostile.bombs import picture_bombs
from benchmarks.support.hostile.hostile_request import HostileRequest
from benchmarks.support.hostile.video_bombs import encode_gray_video, video_bombs

_MAX_CHANGED = 24
"""Most bytes changed in a file."""
_TYPES = (b"image/png", b"image/jpeg", b"video/mp4", b"application/octet-stream")
_FORM = b"x" * 20


def bomb_requests() -> Iterator[HostileRequest]:
    """Yield every bomb once, in a form and as a raw body in turn; made on demand."""
    for number, (name, make) in enumerate({**picture_bombs(), **video_bombs()}.items()):
        yield search_request("bombs", name, make(), form=bool(number % 2))


def polyglot_requests() -> Iterator[HostileRequest]:
    """Yield polyglots and files of unsupported types."""
    for number, (name, data) in enumerate(_polyglots().items()):
        yield search_request("polyglots and strange files", name, data, form=bool(number % 2))


def broken_picture_requests(count: int, seed: int) -> Iterator[HostileRequest]:
    """Yield small files of every format with bytes changed, truncated or duplicated.

    Args:
        count: number of requests.
        seed: seed of the damage.
    """
    whole = list(_valid_files().items())
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        name, data = whole[number % len(whole)]
        yield search_request(
            "broken pictures", name, corrupt(data, rng), form=bool(rng.integers(2))
        )


def corrupt(data: bytes, rng: np.random.Generator) -> bytes:
    """Return a damaged copy of a file, mostly in its first bytes."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, _MAX_CHANGED))):
        reach = len(changed) if rng.random() < 0.4 else min(len(changed), 200)
        changed[int(rng.integers(reach))] = int(rng.integers(256))
    way, place = rng.integers(5), int(rng.integers(1, len(changed)))
    if way == 0:
        del changed[place:]
    elif way == 1:
        changed[place:place] = changed[: int(rng.integers(1, 400))]
    elif way == 2:
        changed[place:place] = rng.bytes(int(rng.integers(1, 2000)))
    return bytes(changed)


def search_request(kind: str, name: str, data: bytes, *, form: bool) -> HostileRequest:
    """Return a search for a file.

    Args:
        kind: kind of request.
        name: name within its kind.
        data: bytes of the file.
        form: whether to send it in a form instead of as the body.
    """
    if not form:
        header = (b"Content-Type", _TYPES[len(data) % len(_TYPES)])
        return HostileRequest(kind, name, b"/search", b"POST", [header], data)
    head = b'Content-Disposition: form-data; name="image"; filename="../../%s.png"' % _FORM
    body = b"--%s\r\n%s\r\n\r\n%s\r\n--%s--\r\n" % (_FORM, head, data, _FORM)
    header = (b"Content-Type", b"multipart/form-data; boundary=" + _FORM)
    return HostileRequest(kind, name, b"/search?anilistInfo", b"POST", [header], body)


def _valid_files() -> Mapping[str, bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (40, 64, 3), np.uint8)
    picture = Image.fromarray(noise)
    exif = Image.Exif()
    exif[0x0112] = 6
    files = {}
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"):
        out = BytesIO()
        more = {"exif": exif.tobytes()} if kind in {"PNG", "JPEG", "WEBP", "AVIF"} else {}
        picture.save(out, kind, **more)
        files[kind] = out.getvalue()
    out = BytesIO()
    picture.convert("P").save(out, "PNG", transparency=3)
    files["PNG of a palette"] = out.getvalue()
    out = BytesIO()
    picture.convert("CMYK").save(out, "JPEG", progressive=True)
    files["JPEG of four colours"] = out.getvalue()
    files["MP4"] = encode_gray_video("mp4", "libx264", 64, 36, 3)
    files["MKV"] = encode_gray_video("matroska", "libx264", 64, 36, 3)
    files["AVI"] = encode_gray_video("avi", "mpeg4", 64, 36, 3)
    return files


def _polyglots() -> Mapping[str, bytes]:
    whole = _valid_files()
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../escaped.txt", "x" * 10_000)
    script = b"<script>window.harm=1</script>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="harm()"><image href="%s"/></svg>'
    tiff, psd = BytesIO(), b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\xff\xff\0\0\xff\xff\0\x08\0\3"
    Image.new("RGB", (8, 8)).save(tiff, "TIFF")
    return {
        "png with a page behind it": whole["PNG"] + script,
        "gif that is a script": b"GIF89a/*" + whole["GIF"][8:] + b"*/=1;alert(1)",
        "jpeg with an archive behind it": whole["JPEG"] + archive.getvalue(),
        "an archive": archive.getvalue(),
        "pdf with a jpeg in it": b"%PDF-1.7\n" + whole["JPEG"],
        "page that says it is a gif": b"GIF89a" + script,
        "svg": svg % b"x.png",
        "svg of a file": svg % b"file:///etc/passwd",
        "svg of another server": svg % b"http://127.0.0.1:9/",
        "svg of entities": b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">'
        + b"".join(
            b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(9)
        )
        + b"]><svg>&l8;&a;</svg>",
        "tiff": tiff.getvalue(),
        "psd": psd,
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n{} loop\n",
        "icon": b"\0\0\1\0\1\0\xff\xff\0\0\1\0 \0\xff\xff\xff\x7f\x16\0\0\0",
        "a program": b"\x7fELF" + bytes(400),
        "one byte": b"\xff",
        "nothing but zeros": bytes(1 << 20),
        "two bytes of a jpeg": b"\xff\xd8",
        "the head of a webp": b"RIFF\xff\xff\xff\xffWEBPVP8X",
        "the head of an avif": b"\0\0\0\x1cftypavif" + bytes(4000),
        "avif whose boxes lie in each other": b"\0\0\0\x1cftypavif" + b"\0\0\0\x08meta" * 50_000,
        "png of a huge chunk": b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR" + bytes(100),
        "gif of no width": b"GIF89a\0\0\0\0\x80\0\0"
        + bytes(6)
        + b",\0\0\0\0\xff\xff\xff\xff\0\x02",
    }
