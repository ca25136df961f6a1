"""Builds the web application, API and page on one port, and runs its server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi_swagger import patch_fastapi

from whenanime_app.api.anilist import anilist_router
from whenanime_app.api.errors import add_error_handlers
from whenanime_app.api.tracemoe import tracemoe_router
from whenanime_app.api.tracemoe_openapi import remove_validation_responses
from whenanime_app.api.v1 import add_v1_routes
from whenanime_app.page.gradio_import import disable_telemetry, skip_gradio_stubs
from whenanime_app.page.routes import page_router
from whenanime_app.search.memory_budget import MemoryBudget
from whenanime_app.security.clients import ClientMiddleware
from whenanime_app.security.gate import SecurityMiddleware
from whenanime_app.security.log_filters import add_log_filters
from whenanime_app.security.safe_fetch import MAX_PICTURE_BYTES, Resolve
from whenanime_app.services import Services, make_services
from whenanime_app.settings import AppSettings

UVICORN_OPTIONS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,  # addresses hold keys and signed links, so none is logged at any level
    "ws": "none",  # not used; refused upgrades would be logged with their address
    "proxy_headers": False,  # `ClientMiddleware` applies them, under any ASGI server
    "server_header": False,
    "limit_concurrency": 1000,  # connections; a page keeps two open
    # Three times the `Retry-After` of a refused client, which retries on the same connection: a
    # request sent just as the connection closes would be lost.
    "timeout_keep_alive": 15,
    "timeout_graceful_shutdown": 5,
}
"""uvicorn's options."""


def create_app(settings: AppSettings, *, resolve: Resolve | None = None) -> FastAPI:
    """Build the application: the API's routes, their documentation at `/docs`, the page at `/`.

    Args:
        settings: folders, address, limits. The home need not hold a snapshot yet.
        resolve: host and port to addresses, for pictures given by URL; None asks the system.

    Raises:
        OSError: the home cannot be written to.
    """
    add_log_filters()
    services = make_services(settings, resolve)
    app = FastAPI(
        title="WhenAnime",
        description="Which anime, which episode, which second is this screenshot from?",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        lifespan=lambda _: _lifespan(services),
    )
    app.include_router(tracemoe_router(services), tags=["trace.moe"])
    app.include_router(anilist_router(services.search), tags=["trace.moe"])
    add_v1_routes(app, services)
    app.include_router(page_router(services))
    add_error_handlers(app)
    remove_validation_responses(app)
    # FastAPI's own `/docs` loads its script and its style from a CDN.
    patch_fastapi(app, redirect_from_root_to_docs=False)
    _mount_page(app, services)
    app.add_middleware(
        SecurityMiddleware,
        max_picture_bytes=MAX_PICTURE_BYTES,
        limits=services.limits,
        budget=MemoryBudget(settings.max_body_bytes),
        frame_ancestors=settings.frame_ancestors,
    )
    app.add_middleware(ClientMiddleware, trusted=settings.trusted_proxies)
    return app


def run(settings: AppSettings, *, on_listening: Callable[[], None] = lambda: None) -> None:
    """Serve until interrupted.

    Args:
        settings: as for `create_app`.
        on_listening: called once, as soon as the server accepts connections.

    Raises:
        OSError: the home cannot be written to.
        SystemExit: the port is in use.
    """
    app = create_app(settings)
    config = uvicorn.Config(app, host=settings.host, port=settings.port, **UVICORN_OPTIONS)
    with suppress(KeyboardInterrupt):  # uvicorn shuts down cleanly, then raises it again
        _AnnouncingServer(config, on_listening).run()


class _AnnouncingServer(uvicorn.Server):
    """uvicorn's server with a callback when it listens."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and call `on_listening`."""
        await super().startup(sockets)
        if self.started:
            self._on_listening()


def _mount_page(app: FastAPI, services: Services) -> None:
    disable_telemetry()
    # Gradio reads the environment at import, so it is imported after telemetry is disabled.
    with skip_gradio_stubs():
        from whenanime_app.page.blocks import mount_page

    mount_page(app, services)


@asynccontextmanager
async def _lifespan(services: Services) -> AsyncIterator[None]:
    warming = asyncio.create_task(services.search_executor.run(services.search.warm_up))
    try:
        yield
    finally:
        warming.cancel()
        with suppress(asyncio.CancelledError):
            await warming
        await asyncio.to_thread(services.close)
