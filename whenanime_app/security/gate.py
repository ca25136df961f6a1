"""Checks each request before routing: closed paths, body sizes, limits of each client."""

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

# Endpoints of Gradio that the page uses. The others would let any client write to the disk, fetch
# files from other servers, or bypass the queue.
_GRADIO_PREFIX = "/gradio_api/"
_OPEN_GRADIO_PATHS = (
    *("queue/join", "queue/data", "upload", "heartbeat/", "reset", "cancel", "startup-events"),
    *("component_server", "theme.css", "info", "app_id"),
)
# Gradio's administration pages, and its copy of FastAPI's documentation.
_CLOSED_PATHS = ("/monitoring", "/dev/", "/login", "/logout", "/token", "/user", "/runs", "/redoc")

_SEARCH_PATHS = ("/search", "/api/v1/search")
_PAGE_PREFIX = "/page/"

_MULTIPART_OVERHEAD = 64 << 10
"""Bytes of a multipart body in addition to the picture."""
_BODY_TIMEOUT = 120.0
"""Seconds to receive a body: the largest picture at two megabits a second."""


class SecurityMiddleware:
    """ASGI middleware around all routes: refuses requests, bounds bodies, adds headers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_picture_bytes: int,
        limits: ClientLimits,
        budget: MemoryBudget,
        frame_ancestors: Sequence[str] = (),
    ) -> None:
        """Wrap an application.

        Args:
            app: application to wrap.
            max_picture_bytes: bytes of the largest picture; bodies may be slightly larger.
            limits: request limits of each client.
            budget: memory for the bodies of all running requests.
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
        """Handle a request: refuse it, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        headers = build_headers(path, scope["scheme"], self._frame_ancestors)
        with ExitStack() as stack:
            answer = self._check_request(scope, path)
            if answer is None:
                answer, limit_headers = self._apply_limits(scope, path, stack)
                headers |= limit_headers
            if answer is not None:
                await answer(scope, receive, _add_headers(send, headers))
                return
            reservation = stack.enter_context(self._budget.open_reservation())
            app = self._gradio_guard if path.startswith(_GRADIO_PREFIX) else self._app
            await app(scope, self._limit_body(receive, reservation), _add_headers(send, headers))

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
        self, scope: Scope, path: str, stack: ExitStack
    ) -> tuple[Response | None, dict[str, str]]:
        """Count a request; return a refusal if a limit is exceeded, and rate limit headers."""
        kind = _classify_request(path)
        if kind is None:
            return None, {}
        client = client_of(scope)
        status: RateLimitStatus | None = None
        try:
            status = self._limits.admit(client, kind)
            if kind == "search":
                stack.enter_context(self._limits.track_search(client))
        except RateLimitExceededError as error:
            after = {"Retry-After": str(error.status.reset_seconds)}
            return _error_response(path, 429, str(error)), error.status.headers | after
        except ConcurrencyLimitExceededError as error:
            # The code of trace.moe, which its clients understand.
            code = 402 if path.startswith("/search") else 429
            return _error_response(path, code, str(error)), {"Retry-After": "1"}
        return None, status.headers if status else {}

    def _limit_body(self, receive: Receive, reservation: Reservation) -> Receive:
        """Refuse a body that exceeds the limit while being received, or arrives too slowly."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _BODY_TIMEOUT
        complete = False

        async def receive_limited() -> Message:
            nonlocal complete
            if complete:  # only a disconnect can follow
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
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

        return receive_limited


def _is_closed_path(path: str) -> bool:
    if path.startswith(_GRADIO_PREFIX):
        return not path.removeprefix(_GRADIO_PREFIX).startswith(_OPEN_GRADIO_PATHS)
    return path.startswith(_CLOSED_PATHS)


def _classify_request(path: str) -> RequestKind | None:
    """Return the kind that a request is counted as; None for the page itself and its scripts.

    The page's searches are counted where they are run: other requests join Gradio's queue too,
    such as opening the page or reading the index's state.
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
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
