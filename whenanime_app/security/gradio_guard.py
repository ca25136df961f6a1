"""Answers malformed requests to Gradio's endpoints with 400 instead of 500."""

import logging
import traceback

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger(__name__)


class GradioGuard:
    """ASGI application around Gradio's endpoints, which fail on unexpected input.

    These endpoints only accept requests, and accepted work runs elsewhere, so a failure here is
    the request's fault: it is answered with 400 and logged in one line instead of a traceback.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application.

        Args:
            app: application with Gradio's endpoints.
        """
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        failed = False

        async def send_unless_failed(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start" and message["status"] >= 500:
                failed = message["status"] != 503
            if not failed:
                await send(message)

        error: Exception | None = None
        try:
            await self._app(scope, receive, send_unless_failed)
        except Exception as raised:
            if not failed:
                raise
            error = raised
        if failed:
            _LOG.warning(
                "the page received an invalid request: %s", _describe_error_location(error)
            )
            answer = JSONResponse({"detail": "the page does not send such a request"}, 400)
            await answer(scope, receive, send)


def _describe_error_location(error: Exception | None) -> str:
    """Return error type and location without the input, which may be a key or forge log lines."""
    if error is None:
        return "an error response without an exception"
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {last.filename}:{last.lineno}"
