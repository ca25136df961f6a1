"""What stands before every route: size of bodies, who may call from elsewhere, closed doors."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_PATHS = ("/search", "/image", "/video", "/me", "/status", "/anilist", "/api/", "/openapi.json")
"""Open to other sites; the page's own endpoints are not."""

# Gradio's ways to write to the disk for anybody, and to fetch other servers' files.
CLOSED_PATHS = ("/gradio_api/deep_link", "/gradio_api/proxy=", "/gradio_api/file=http")

# A multipart envelope and its other fields beside the picture.
_ENVELOPE = 64 << 10

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def is_api(path: str) -> bool:
    """Return whether a path belongs to the API and not to the page."""
    return path.startswith(API_PATHS)


def headers_for(path: str) -> dict[str, str]:
    """Return the headers that every answer to a path carries."""
    return _SECURITY_HEADERS | (_CORS_HEADERS if is_api(path) else {})


class Gate:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        """Stand before `app`.

        Args:
            app: what answers.
            max_bytes: the largest picture; bodies may be a little larger.
        """
        self._app = app
        self._max_body = max_bytes + _ENVELOPE
        self._too_large = f"the request is larger than {max_bytes >> 20} MiB"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        answer = self._refusal(scope, path)
        if answer is not None:
            await answer(scope, receive, _dressed(send, path))
        else:
            await self._app(scope, self._counted(receive), _dressed(send, path))

    def _refusal(self, scope: Scope, path: str) -> Response | None:
        if path.startswith(CLOSED_PATHS):
            return JSONResponse({"error": "not found"}, 404)
        length = Headers(scope=scope).get("content-length", "0")
        # int() takes signs, spaces, underscores and other scripts' digits; HTTP does not.
        if not (length.isascii() and length.isdigit()):
            return JSONResponse({"error": "the content length is no number"}, 400)
        if len(length) > 18 or int(length) > self._max_body:
            return JSONResponse({"error": self._too_large}, 413)
        if scope["method"] == "OPTIONS" and is_api(path):
            allow = {"Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*"}
            return Response(status_code=204, headers=allow)
        return None

    def _counted(self, receive: Receive) -> Receive:
        """Stop reading a body that grows too long without having said so."""
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self._max_body:
                    raise HTTPException(413, self._too_large)
            return message

        return counted


def _dressed(send: Send, path: str) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in headers_for(path).items():
                headers.setdefault(name, value)
        await send(message)

    return dressed
