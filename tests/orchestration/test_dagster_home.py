"""Dagster's folder in a home: its settings, its log, and what is removed from it."""

import os
from pathlib import Path

from dagster._core.definitions.run_request import InstigatorType

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.orchestration.dagster_instance import ensure_dagster_home, open_instance
from whenanime_pipeline.orchestration.old_files import KEPT_LOGS, remove_old_sensor_logs
from whenanime_pipeline.orchestration.service_log import MAX_BYTES, OLD_FILES, open_service_log

EARLIER = """\
# Written by whenanime; delete this file to have it written anew.
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
  managed_python_loggers: [whenanime]
  python_log_level: INFO
"""


def test_settings_of_earlier_builds_are_replaced(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.dagster.mkdir()
    config = home.dagster / "dagster.yaml"
    config.write_text(EARLIER)
    with open_instance(home) as instance:
        settings = instance.get_tick_retention_settings(InstigatorType.SENSOR)
    assert min(settings.values()) >= 1
    assert set(EARLIER.splitlines()[1:]) < set(config.read_text().splitlines())


def test_settings_of_the_operator_stay(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.dagster.mkdir()
    config = home.dagster / "dagster.yaml"
    config.write_text(EARLIER.replace("default_limit: 1", "default_limit: 2"))
    before = config.read_text()
    ensure_dagster_home(home)
    assert config.read_text() == before


def test_old_logs_of_sensors_are_removed_and_those_of_runs_stay(tmp_path: Path) -> None:
    home = Home(tmp_path)
    sensor = home.dagster / "storage" / "__repository__" / "watch_videos"
    run = home.dagster / "storage" / "f3a1" / "compute_logs" / "step.err"
    for path in (run, *(sensor / f"{number}.err" for number in range(KEPT_LOGS + 30))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        if path is not run:
            os.utime(path, (1e9, int(path.stem) + 1e9))
    assert remove_old_sensor_logs(home) == 30
    assert run.exists()
    assert {int(path.stem) for path in sensor.iterdir()} == set(range(30, KEPT_LOGS + 30))
    assert remove_old_sensor_logs(home) == 0


def test_a_new_home_has_nothing_to_remove(tmp_path: Path) -> None:
    assert remove_old_sensor_logs(Home(tmp_path)) == 0


def test_the_log_keeps_the_newest_lines_in_bounded_size(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "dagster.log"
    line, count = b"x" * 9_999 + b"\n", (OLD_FILES + 3) * MAX_BYTES // 10_000
    with open_service_log(path, echo=False) as output:
        for number in range(count):
            os.write(output, b"\x1b[34m%08d\x1b[0m " % number + line)
    files = sorted(path.parent.iterdir())
    assert len(files) == 1 + OLD_FILES
    assert sum(file.stat().st_size for file in files) <= (1 + OLD_FILES) * MAX_BYTES
    assert path.read_text().splitlines()[-1].startswith(f"{count - 1:08} x")
