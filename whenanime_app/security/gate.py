"""What stands before every route: closed doors, sizes of bodies, limits of each client."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenanime_app.errors import BusyError
from whenanime_app.search.memory_budget import Budget, Share
from whenanime_app.security.clients import client_of
from whenanime_app.security.gradio_guard import PageCalls
from whenanime_app.security.rate_limits import (
    Kind,
    Limits,
    Standing,
    TooManyAtOnceError,
    TooManyError,
)
from whenanime_app.security.response_headers import headers_for, is_api

# All that the page asks of Gradio. The rest would let anybody write to the disk, fetch other
# servers' files, or go around the queue.
_GRADIO = "/gradio_api/"
_OPEN = (
    *("queue/join", "queue/data", "upload", "heartbeat/", "reset", "cancel", "startup-events"),
    *("component_server", "theme.css", "info", "app_id"),
)
# Gradio's pages for who administers it, and its copy of FastAPI's.
_CLOSED = ("/monitoring", "/dev/", "/login", "/logout", "/token", "/user", "/runs", "/redoc")

_SEARCHES = ("/search", "/api/v1/search")
_PAGE_CALLS = "/page/"

# A multipart envelope and its other fields beside the picture.
_ENVELOPE = 64 << 10
_BODY_SECONDS = 120.0
"""For the largest picture over two megabits a second."""


class Gate:
    """ASGI middleware around everything."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int,
        limits: Limits,
        budget: Budget,
        frames: Sequence[str] = (),
    ) -> None:
        """Stand before `app`.

        Args:
            app: what answers.
            max_bytes: the largest picture; bodies may be a little larger.
            limits: of each client.
            budget: for the bodies of all requests that are under way.
            frames: other sites that may show the page in a frame.
        """
        self._app = app
        self._page_calls = PageCalls(app)
        self._max_body = max_bytes + _ENVELOPE
        self._too_large = f"the request is larger than {max_bytes >> 20} MiB"
        self._limits = limits
        self._budget = budget
        self._frames = tuple(frames)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        headers = headers_for(path, scope["scheme"], self._frames)
        with ExitStack() as held:
            answer = self._refusal(scope, path)
            if answer is None:
                answer, more = self._limited(scope, path, held)
                headers |= more
            if answer is not None:
                await answer(scope, receive, _dressed(send, headers))
                return
            share = held.enter_context(self._budget.share())
            app = self._page_calls if path.startswith(_GRADIO) else self._app
            await app(scope, self._counted(receive, share), _dressed(send, headers))

    def _refusal(self, scope: Scope, path: str) -> Response | None:
        if _is_closed(path):
            return _answer(path, 404, "not found")
        length = Headers(scope=scope).get("content-length", "0")
        # int() takes signs, spaces, underscores and other scripts' digits; HTTP does not.
        if not (length.isascii() and length.isdigit()):
            return _answer(path, 400, "the content length is no number")
        if len(length) > 18 or int(length) > self._max_body:
            return _answer(path, 413, self._too_large)
        if scope["method"] == "OPTIONS" and is_api(path):
            allow = {"Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*"}
            return Response(status_code=204, headers=allow)
        return None

    def _limited(
        self, scope: Scope, path: str, held: ExitStack
    ) -> tuple[Response | None, dict[str, str]]:
        """Count the request; return a refusal, if it is one too many, and what is left."""
        kind = _kind(path)
        if kind is None:
            return None, {}
        client = client_of(scope)
        standing: Standing | None = None
        try:
            standing = self._limits.admit(client, kind)
            if kind == "search":
                held.enter_context(self._limits.searching(client))
        except TooManyError as error:
            after = {"Retry-After": str(error.standing.seconds)}
            return _answer(path, 429, str(error)), error.standing.headers | after
        except TooManyAtOnceError as error:
            # As trace.moe does; its clients know what it means.
            code = 402 if path.startswith("/search") else 429
            return _answer(path, code, str(error)), {"Retry-After": "1"}
        return None, standing.headers if standing else {}

    def _counted(self, receive: Receive, share: Share) -> Receive:
        """Stop reading a body that grows too long without having said so, or comes too slowly."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _BODY_SECONDS
        complete = False

        async def counted() -> Message:
            nonlocal complete
            if complete:  # what comes now is only that the client goes away
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, "the request came too slowly") from error
            if message["type"] == "http.request":
                complete = not message.get("more_body", False)
                try:
                    share.grow(len(message.get("body", b"")))
                except BusyError as error:
                    raise HTTPException(503, str(error), {"Retry-After": "5"}) from error
                if share.size > self._max_body:
                    raise HTTPException(413, self._too_large)
            return message

        return counted


def _is_closed(path: str) -> bool:
    if path.startswith(_GRADIO):
        return not path.removeprefix(_GRADIO).startswith(_OPEN)
    return path.startswith(_CLOSED)


def _kind(path: str) -> Kind | None:
    """Return what a request counts as; None for the page itself and its scripts.

    The page's own searches are counted where they are made: what joins Gradio's queue may as well
    be the page that is opened, or looks what is indexed.
    """
    if path.startswith(_SEARCHES):
        return "search"
    return "request" if is_api(path) or path.startswith((_GRADIO, _PAGE_CALLS)) else None


def _answer(path: str, code: int, message: str) -> Response:
    # Gradio's page shows `detail`; the API's clients read `error`.
    return JSONResponse({"error" if is_api(path) else "detail": message}, code)


def _dressed(send: Send, extra: dict[str, str]) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers.setdefault(name, value)
        await send(message)

    return dressed
