"""Computes ETags and cache headers, which spare repeated downloads."""

import hashlib

from fastapi import Request

from whenanime_app.links.preview_links import PREVIEW_LINK_LIFETIME


def make_etag(kind: str, *values: object) -> str:
    """Return the tag of an answer: the same for the same arguments, and for no others."""
    digest = hashlib.blake2b(repr((kind, *values)).encode(), digest_size=12)
    return f'"{digest.hexdigest()}"'


def is_unchanged(request: Request, etag: str) -> bool:
    """Return whether the client already has the answer of this tag."""
    header = request.headers.get("if-none-match", "")
    named = [part.strip().removeprefix("W/") for part in header.split(",")]
    return etag in named or named == ["*"]


def cache_headers(etag: str, *, max_age: int | None = None) -> dict[str, str]:
    """Return the headers of an answer that may be cached.

    Args:
        etag: tag of the answer.
        max_age: seconds for which the answer may be reused; None for an answer that never changes,
            such as the target of a signed link.
    """
    policy = (
        f"max-age={PREVIEW_LINK_LIFETIME}, immutable" if max_age is None else f"max-age={max_age}"
    )
    return {"ETag": etag, "Cache-Control": f"public, {policy}"}
