"""Removes what sensors of earlier builds left in Dagster's storage."""

import os
from pathlib import Path

from whenanime_pipeline.core.home import Home

KEPT_LOGS = 100
"""Number of log files that are kept of a sensor."""
MAX_REMOVED = 100_000
"""Number of files that are removed at once at most, of each sensor: a few seconds of work."""
_REPOSITORY = "__repository__"
"""Where Dagster keeps the logs of sensors, next to those of runs."""


def remove_old_sensor_logs(home: Home) -> int:
    """Remove the oldest log files of each sensor.

    Returns:
        The number of removed files.
    """
    folder = home.dagster / "storage" / _REPOSITORY
    try:
        sensors = [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir()]
    except FileNotFoundError:
        return 0
    return sum(map(_remove_old_files, sensors))


def _remove_old_files(folder: Path) -> int:
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_file()]
    files.sort()
    old = files[: max(0, len(files) - KEPT_LOGS)][:MAX_REMOVED]
    for _, path in old:
        Path(path).unlink(missing_ok=True)
    return len(old)
