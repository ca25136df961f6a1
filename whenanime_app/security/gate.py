"""What stands before every route: closed doors, sizes of bodies, limits of each client."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenanime_app.errors import BusyError
from whenanime_app.search.memory_budget import MemoryBudget, Reservation
from whenanime_app.security.clients import client_of
from whenanime_app.security.gradio_guard import GradioGuard
from whenanime_app.security.rate_limits import (
    ClientLimits,
    ConcurrencyLimitExceededError,
    RateLimitExceededError,
    RateLimitStatus,
    RequestKind,
)
from whenanime_app.security.response_headers import build_headers, is_api_path

# All that the page asks of Gradio. The rest would let anybody write to the disk, fetch other
# servers' files, or go around the queue.
_GRADIO_PREFIX = "/gradio_api/"
_OPEN_GRADIO_PATHS = (
    *("queue/join", "queue/data", "upload", "heartbeat/", "reset", "cancel", "startup-events"),
    *("component_server", "theme.css", "info", "app_id"),
)
# Gradio's pages for who administers it, and its copy of FastAPI's.
_CLOSED_PATHS = ("/monitoring", "/dev/", "/login", "/logout", "/token", "/user", "/runs", "/redoc")

_SEARCH_PATHS = ("/search", "/api/v1/search")
_PAGE_PREFIX = "/page/"

# A multipart envelope and its other fields beside the picture.
_MULTIPART_OVERHEAD = 64 << 10
_BODY_TIMEOUT = 120.0
"""For the largest picture over two megabits a second."""


class SecurityMiddleware:
    """ASGI middleware around everything."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_picture_bytes: int,
        limits: ClientLimits,
        budget: MemoryBudget,
        frame_ancestors: Sequence[str] = (),
    ) -> None:
        """Stand before `app`.

        Args:
            app: what answers.
            max_picture_bytes: the largest picture; bodies may be a little larger.
            limits: of each client.
            budget: for the bodies of all requests that are under way.
            frame_ancestors: other sites that may show the page in a frame.
        """
        self._app = app
        self._gradio_guard = GradioGuard(app)
        self._max_body = max_picture_bytes + _MULTIPART_OVERHEAD
        self._too_large = f"the request is larger than {max_picture_bytes >> 20} MiB"
        self._limits = limits
        self._budget = budget
        self._frame_ancestors = tuple(frame_ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        headers = build_headers(path, scope["scheme"], self._frame_ancestors)
        with ExitStack() as held:
            answer = self._check_request(scope, path)
            if answer is None:
                answer, more = self._apply_limits(scope, path, held)
                headers |= more
            if answer is not None:
                await answer(scope, receive, _add_headers(send, headers))
                return
            share = held.enter_context(self._budget.open_reservation())
            app = self._gradio_guard if path.startswith(_GRADIO_PREFIX) else self._app
            await app(scope, self._limit_body(receive, share), _add_headers(send, headers))

    def _check_request(self, scope: Scope, path: str) -> Response | None:
        if _is_closed_path(path):
            return _error_response(path, 404, "not found")
        length = Headers(scope=scope).get("content-length", "0")
        # int() takes signs, spaces, underscores and other scripts' digits; HTTP does not.
        if not (length.isascii() and length.isdigit()):
            return _error_response(path, 400, "the content length is no number")
        if len(length) > 18 or int(length) > self._max_body:
            return _error_response(path, 413, self._too_large)
        if scope["method"] == "OPTIONS" and is_api_path(path):
            allow = {"Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*"}
            return Response(status_code=204, headers=allow)
        return None

    def _apply_limits(
        self, scope: Scope, path: str, held: ExitStack
    ) -> tuple[Response | None, dict[str, str]]:
        """Count the request; return a refusal, if it is one too many, and what is left."""
        kind = _classify_request(path)
        if kind is None:
            return None, {}
        client = client_of(scope)
        standing: RateLimitStatus | None = None
        try:
            standing = self._limits.admit(client, kind)
            if kind == "search":
                held.enter_context(self._limits.track_search(client))
        except RateLimitExceededError as error:
            after = {"Retry-After": str(error.status.reset_seconds)}
            return _error_response(path, 429, str(error)), error.status.headers | after
        except ConcurrencyLimitExceededError as error:
            # As trace.moe does; its clients know what it means.
            code = 402 if path.startswith("/search") else 429
            return _error_response(path, code, str(error)), {"Retry-After": "1"}
        return None, standing.headers if standing else {}

    def _limit_body(self, receive: Receive, reservation: Reservation) -> Receive:
        """Stop reading a body that grows too long without having said so, or comes too slowly."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _BODY_TIMEOUT
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
                    reservation.grow(len(message.get("body", b"")))
                except BusyError as error:
                    raise HTTPException(503, str(error), {"Retry-After": "5"}) from error
                if reservation.size > self._max_body:
                    raise HTTPException(413, self._too_large)
            return message

        return counted


def _is_closed_path(path: str) -> bool:
    if path.startswith(_GRADIO_PREFIX):
        return not path.removeprefix(_GRADIO_PREFIX).startswith(_OPEN_GRADIO_PATHS)
    return path.startswith(_CLOSED_PATHS)


def _classify_request(path: str) -> RequestKind | None:
    """Return what a request counts as; None for the page itself and its scripts.

    The page's own searches are counted where they are made: what joins Gradio's queue may as well
    be the page that is opened, or looks what is indexed.
    """
    if path.startswith(_SEARCH_PATHS):
        return "search"
    return (
        "request" if is_api_path(path) or path.startswith((_GRADIO_PREFIX, _PAGE_PREFIX)) else None
    )


def _error_response(path: str, code: int, message: str) -> Response:
    # Gradio's page shows `detail`; the API's clients read `error`.
    return JSONResponse({"error" if is_api_path(path) else "detail": message}, code)


def _add_headers(send: Send, extra: dict[str, str]) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers.setdefault(name, value)
        await send(message)

    return dressed
