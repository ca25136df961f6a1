"""A real server in a thread, on a free port of the loopback."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from whenanime_app.server import UVICORN_OPTIONS, create_app
from whenanime_app.settings import AppSettings

START_SECONDS = 30


@contextmanager
def run_server(settings: AppSettings) -> Iterator[str]:
    """Serve while the block runs; yields the base URL without a slash at the end."""
    started = threading.Event()
    # Gradio reads its folder from the environment, which all servers of this process share.
    uploads = os.environ.get("GRADIO_TEMP_DIR")

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(settings), **UVICORN_OPTIONS | {"timeout_graceful_shutdown": 3}
    )
    server = Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert started.wait(START_SECONDS), "the server did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()
        if uploads is not None:
            os.environ["GRADIO_TEMP_DIR"] = uploads
        assert not thread.is_alive(), "the server did not stop"
