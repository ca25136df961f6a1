"""Tells the libraries below to call nobody; before they are imported, for they look then."""

import os

SILENCE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}


def silence_telemetry() -> None:
    """Set the switches for this process, whatever the environment says."""
    os.environ.update(SILENCE)
