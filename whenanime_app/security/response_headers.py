"""Builds the headers of every response: what browsers may do and which sites may read it."""

from collections.abc import Sequence

API_PATHS = ("/search", "/image", "/video", "/me", "/status", "/anilist", "/api/", "/openapi.json")
"""Path prefixes that scripts of other sites may read, unlike the page's own endpoints."""

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# API responses are never pages, even if a browser is made to open one as such.
_API_CSP = "default-src 'none'; frame-ancestors 'none'"
# Gradio generates scripts at run time; everything else comes from this server or from the page.
_PAGE_CSP = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
_YEAR_SECONDS = 365 * 24 * 3600


def is_api_path(path: str) -> bool:
    """Return whether a path belongs to the API and not to the page."""
    return path.startswith(API_PATHS)


def build_headers(
    path: str, scheme: str = "http", frame_ancestors: Sequence[str] = ()
) -> dict[str, str]:
    """Return the headers of every response to a path.

    Args:
        path: path of the request.
        scheme: scheme by which the client reached this server, or the proxy in front of it.
        frame_ancestors: other sites that may show the page in a frame.
    """
    if is_api_path(path):
        headers = _SECURITY_HEADERS | _CORS_HEADERS | {"Content-Security-Policy": _API_CSP}
    else:
        ancestors = " ".join(("'self'", *frame_ancestors))
        headers = _SECURITY_HEADERS | {
            "Content-Security-Policy": f"{_PAGE_CSP}; frame-ancestors {ancestors}"
        }
    if scheme == "https":
        headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
    return headers
