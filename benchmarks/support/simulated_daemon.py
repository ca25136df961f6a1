"""Runs Dagster's daemon on a library for many simulated hours."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from unittest.mock import patch

from dagster._core.remote_origin import CodeLocationOrigin, InProcessCodeLocationOrigin
from dagster._core.test_utils import freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceLoadTarget
from dagster._daemon.asset_daemon import AssetDaemon
from dagster._daemon.sensor import execute_sensor_iteration

from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs import sensors
from whenanime_pipeline.orchestration.daemon import open_quiet_instance
from whenanime_pipeline.orchestration.dagster_instance import ensure_dagster_home
from whenanime_pipeline.orchestration.services import LOCATION

STEP = 15.0
"""Simulated seconds between two iterations of the daemon, which evaluates the sensors due."""


@dataclass(frozen=True)
class _ThisProcess(WorkspaceLoadTarget):
    """The graph in this process: no code server is needed."""

    def create_origins(self) -> Sequence[CodeLocationOrigin]:
        target = LoadableTargetOrigin(executable_path=sys.executable, module_name=LOCATION)
        return [InProcessCodeLocationOrigin(target, location_name=LOCATION)]


class SimulatedDaemon:
    """Dagster's daemon at one library, with a clock of its own.

    Args:
        workspace: of the library; `WHENANIME_HOME` and `WHENANIME_VIDEOS` name it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = ensure_dagster_home(workspace.home).resolve()
        self._now = time()

    def run_for(self, seconds: float, *, automation_every: int = 2) -> int:
        """Evaluate the sensors as often as `whenanime up` does in a number of seconds.

        Args:
            seconds: simulated time.
            automation_every: iterations to a tick of automation, which leaves no files and takes
                most of the real time.

        Returns:
            The number of iterations; in each, the folder is scanned.
        """
        logger, rounds = logging.getLogger("dagster.daemon"), int(seconds // STEP)
        with (
            _quiet_logs(),
            open_quiet_instance(self._folder) as instance,
            WorkspaceProcessContext(instance, _ThisProcess()) as context,
            AssetDaemon(settings={}, pre_sensor_interval_seconds=30) as asset_daemon,
        ):
            for number in range(rounds):
                self._now += STEP
                now = self._now
                with freeze_time(now), patch.object(sensors, "time", lambda now=now: now):
                    list(execute_sensor_iteration(context, logger, None, None))
                    if number % automation_every == automation_every - 1:
                        asset_daemon._run_iteration_impl(context, None, {}, {})
        return rounds


@contextmanager
def _quiet_logs() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
