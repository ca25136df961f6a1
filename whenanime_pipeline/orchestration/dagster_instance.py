"""Dagster's own storage inside a library's home."""

import os
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.defs.resources import LOGGER_NAME

_HEADER = "# Written by whenanime; delete this file to have it written again.\n"
# One episodes' run at a time: a video uses all cores, and two only get in each other's way.
_SETTINGS = f"""\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: run
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
python_logs:
  managed_python_loggers: [{LOGGER_NAME}]
  python_log_level: INFO
"""
_RETENTION = """\
# Days that ticks of sensors stay in the UI.
retention:
  sensor:
    purge_after_days:
      started: 7
      skipped: 7
      failure: 30
      success: 90
"""
_CONFIG = _HEADER + _SETTINGS + _RETENTION
_EARLIER_CONFIGS = (_HEADER + _SETTINGS, _HEADER.replace("again", "anew") + _SETTINGS)
"""What earlier builds wrote; a file that the operator changed is none of these, and is left."""

# Capturing what a step prints takes four processes a step, and a command prints to its terminal.
_IN_PROCESS = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


def ensure_dagster_home(home: Home) -> Path:
    """Return the library's `DAGSTER_HOME`, set up when it is new and brought up to date."""
    folder = home.dagster
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "dagster.yaml"
    if not config.exists() or config.read_text(encoding="utf-8") in _EARLIER_CONFIGS:
        write_text(config, _CONFIG)
    return folder


def open_instance(home: Home) -> dg.DagsterInstance:
    """Open the library's Dagster instance; its runs and events stand in the UI of `whenanime up`.

    What a step of this process prints is printed, and not also kept for the UI. Also tells this
    process' Dagster where its home is, for what looks it up by itself.
    """
    folder = ensure_dagster_home(home)
    os.environ["DAGSTER_HOME"] = str(folder.resolve())
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(folder), overrides=_IN_PROCESS))
