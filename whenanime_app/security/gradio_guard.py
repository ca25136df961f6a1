"""What is sent to the page's own endpoints without being made by the page."""

import logging
import traceback

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger(__name__)


class GradioGuard:
    """ASGI application around Gradio's endpoints, which fail on what they do not expect.

    They only take requests in: what fails there is the request, and work that was taken in fails
    elsewhere. So a failure is answered with 400, and told in one line and not in a hundred.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        failed = False

        async def told(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start" and message["status"] >= 500:
                failed = message["status"] != 503
            if not failed:
                await send(message)

        error: Exception | None = None
        try:
            await self._app(scope, receive, told)
        except Exception as raised:
            if not failed:
                raise
            error = raised
        if failed:
            _LOG.warning(
                "the page was sent what it cannot take: %s", _describe_error_location(error)
            )
            answer = JSONResponse({"detail": "the page does not send such a request"}, 400)
            await answer(scope, receive, send)


def _describe_error_location(error: Exception | None) -> str:
    """Tell what failed where, and not what was sent: that may be a key, or lines for the log."""
    if error is None:
        return "an answer that says no more"
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {last.filename}:{last.lineno}"
