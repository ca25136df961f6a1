"""What tells browsers and proxies that they have a picture already."""

import hashlib

from fastapi import Request

from whenanime_app.links.preview_links import LIFETIME


def etag_of(kind: str, *what: object) -> str:
    """Return the tag of an answer: the same for the same arguments, and for no others."""
    digest = hashlib.blake2b(repr((kind, *what)).encode(), digest_size=12)
    return f'"{digest.hexdigest()}"'


def is_unchanged(request: Request, etag: str) -> bool:
    """Return whether who asks has the answer of this tag."""
    asked = request.headers.get("if-none-match", "")
    named = [part.strip().removeprefix("W/") for part in asked.split(",")]
    return etag in named or named == ["*"]


def cached(etag: str, *, seconds: int | None = None) -> dict[str, str]:
    """Return the headers of an answer that may be kept.

    Args:
        etag: of the answer.
        seconds: for how long it is kept unasked; None for an answer that never changes, as what a
            signed link points to.
    """
    kept = f"max-age={LIFETIME}, immutable" if seconds is None else f"max-age={seconds}"
    return {"ETag": etag, "Cache-Control": f"public, {kept}"}
