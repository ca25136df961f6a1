"""`python -m whenanime_pipeline.orchestration.daemon WORKSPACE`: Dagster's daemon, quiet at rest.

`dagster-daemon run` writes seven heartbeats every half minute, and closes and opens SQLite's files
at each transaction, which writes an index of 32 kB every time. This one writes heartbeats every ten
minutes, keeps the files open, and stores no tick without news.
"""

import logging
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.controller import daemon_controller_from_instance

from whenanime_pipeline.orchestration.tick_storage import QuietScheduleStorage

HEARTBEAT_INTERVAL = 600
"""Seconds between two heartbeats; Dagster reports a daemon as dead after 1830 without one."""
_DATABASES = ("schedules/schedules.db", "history/runs.db", "history/runs/index.db")
_QUIET_LOGGERS = ("dagster.daemon.SensorDaemon", "dagster.daemon.AssetDaemon")
"""They log several lines a tick, also when it requests nothing."""


def main(arguments: Sequence[str]) -> None:
    """Run until interrupted.

    Args:
        arguments: the workspace file, and perhaps `--verbose`; `DAGSTER_HOME` is set.
    """
    workspace_file, verbose = arguments[0], "--verbose" in arguments[1:]
    folder = Path(os.environ["DAGSTER_HOME"])
    with (
        suppress(KeyboardInterrupt),
        open_quiet_instance(folder) as instance,
        keep_databases_open(folder),
        daemon_controller_from_instance(
            instance,
            WorkspaceFileTarget([workspace_file]),
            heartbeat_interval_seconds=HEARTBEAT_INTERVAL,
            code_server_log_level="warning",
        ) as controller,
    ):
        if not verbose:
            for name in _QUIET_LOGGERS:
                logging.getLogger(name).setLevel(logging.WARNING)
        controller.check_daemon_loop()


@contextmanager
def open_quiet_instance(folder: Path) -> Iterator[dg.DagsterInstance]:
    """Open the instance at a `DAGSTER_HOME` for the process that evaluates sensors.

    A storage that the operator configured is left as it is.
    """
    instance = dg.DagsterInstance.from_config(str(folder))
    if type(instance.schedule_storage) is SqliteScheduleStorage:
        instance.dispose()
        storage = {
            "module": QuietScheduleStorage.__module__,
            "class": QuietScheduleStorage.__name__,
            "config": {"base_dir": str(folder / "schedules")},
        }
        ref = InstanceRef.from_dir(str(folder), overrides={"schedule_storage": storage})
        instance = dg.DagsterInstance.from_ref(ref)
    with instance:
        yield instance


@contextmanager
def keep_databases_open(folder: Path) -> Iterator[None]:
    """Hold Dagster's databases open, so that no other connection is the last to close one.

    The last one merges the write-ahead log and deletes it with its index; the next recreates both.
    """
    with ExitStack() as stack:
        for name in _DATABASES:
            if (folder / name).is_file():
                connection = stack.enter_context(closing(sqlite3.connect(folder / name)))
                # Only with the first read is a file opened.
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        yield


if __name__ == "__main__":
    main(sys.argv[1:])
