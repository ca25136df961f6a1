"""Disables Gradio's telemetry and the stub files that it writes; must run before it is imported."""

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TELEMETRY_OFF = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}


def disable_telemetry() -> None:
    """Disable the telemetry of this process, whatever the environment says."""
    os.environ.update(TELEMETRY_OFF)


@contextmanager
def skip_gradio_stubs() -> Iterator[None]:
    """Keep Gradio from writing `.pyi` files next to its modules while the block runs.

    At every import it parses and renders its own source for them, which takes longer than the rest
    of the import and changes installed files. It skips classes without a source file, so that
    `inspect.getfile` fails for its own classes here. If a later version finds its files in another
    way, the stubs are written again and only time is lost.
    """
    getfile = inspect.getfile

    def fail_for_gradio(object: Any) -> str:  # noqa: A002, ANN401  (the original's name and type)
        if isinstance(object, type) and object.__module__.partition(".")[0] == "gradio":
            raise OSError("no stubs are wanted")
        return getfile(object)

    inspect.getfile = fail_for_gradio
    try:
        yield
    finally:
        inspect.getfile = getfile
