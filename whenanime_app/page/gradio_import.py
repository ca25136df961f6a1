"""Prepares importing Gradio: disables telemetry and the stubs it writes; must run before it."""

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
    """Set the switches for this process, whatever the environment says."""
    os.environ.update(TELEMETRY_OFF)


@contextmanager
def skip_gradio_stubs() -> Iterator[None]:
    """Have Gradio write no `.pyi` beside its own files while the block runs.

    It parses and renders its own source for that at every import, which takes longer than all the
    rest of it, and changes what is installed. What has no file it leaves alone, and so it is told
    of its own classes that they have none. Should it ask in another way one day, only time is lost.
    """
    getfile = inspect.getfile

    def nowhere(object: Any) -> str:  # noqa: A002, ANN401  (the original's name and type)
        if isinstance(object, type) and object.__module__.partition(".")[0] == "gradio":
            raise OSError("no stubs are wanted")
        return getfile(object)

    inspect.getfile = nowhere
    try:
        yield
    finally:
        inspect.getfile = getfile
