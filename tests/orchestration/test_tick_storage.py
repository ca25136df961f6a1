"""What the daemon's storage keeps of ticks, and what it shows of those that it does not keep."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.definitions.sensor_definition import SensorType
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorTick,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.test_utils import freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from whenanime_pipeline.orchestration.tick_storage import KEPT_INTERVAL, QuietScheduleStorage

LOCATION = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name="m"))
ORIGIN = RemoteInstigatorOrigin(RemoteRepositoryOrigin(LOCATION, "repository"), "watch")
ORIGIN_ID, SELECTOR_ID = ORIGIN.get_id(), ORIGIN.get_selector().get_id()
START = 1_800_000_000.0


@pytest.fixture
def stored(tmp_path: Path) -> SqliteScheduleStorage:
    """The same file as another process reads it."""
    return SqliteScheduleStorage.from_local(str(tmp_path))


@pytest.fixture
def storage(tmp_path: Path, stored: SqliteScheduleStorage) -> Iterator[QuietScheduleStorage]:
    storage = QuietScheduleStorage.from_config_value(None, {"base_dir": str(tmp_path)})
    storage.add_instigator_state(_state(0.0))
    yield storage
    storage.dispose()


def _state(time: float, cursor: str | None = None) -> InstigatorState:
    data = SensorInstigatorData(
        last_tick_start_timestamp=time, cursor=cursor, sensor_type=SensorType.STANDARD
    )
    return InstigatorState(ORIGIN, InstigatorType.SENSOR, InstigatorStatus.DECLARED_IN_CODE, data)


def _begin(storage: QuietScheduleStorage, time: float) -> InstigatorTick:
    """Do what the daemon does before it evaluates a sensor."""
    storage.update_instigator_state(_state(time))
    data = TickData(
        ORIGIN_ID,
        "watch",
        InstigatorType.SENSOR,
        TickStatus.STARTED,
        time,
        selector_id=SELECTOR_ID,
    )
    return storage.create_tick(data)


def _evaluate(
    storage: QuietScheduleStorage, time: float, reason: str = "nothing", cursor: str | None = None
) -> InstigatorTick:
    """Do what the daemon does for a tick that requests nothing."""
    with freeze_time(time):
        tick: InstigatorTick = _begin(storage, time).with_status(TickStatus.SKIPPED)
        tick = tick.with_reason(reason)
        storage.update_tick(tick)
        storage.update_instigator_state(_state(time, cursor))
        return tick


def _reasons(storage: SqliteScheduleStorage) -> list[str | None]:
    ticks = storage.get_ticks(ORIGIN_ID, SELECTOR_ID)
    return [tick.skip_reason for tick in reversed(ticks)]


def _last_start(storage: SqliteScheduleStorage) -> float | None:
    state = storage.get_instigator_state(ORIGIN_ID, SELECTOR_ID)
    assert state
    assert isinstance(state.instigator_data, SensorInstigatorData)
    return state.instigator_data.last_tick_start_timestamp


def test_a_tick_is_stored_when_its_outcome_differs(
    storage: QuietScheduleStorage, stored: SqliteScheduleStorage
) -> None:
    for number, reason in enumerate(["nothing"] * 5 + ["one"] * 5 + ["nothing"] * 5):
        _evaluate(storage, START + number, reason)
    assert _reasons(stored) == ["nothing", "one", "nothing"]


def test_a_tick_without_news_is_stored_now_and_then(
    storage: QuietScheduleStorage, stored: SqliteScheduleStorage
) -> None:
    for second in range(0, int(3 * KEPT_INTERVAL) + 1, 15):
        _evaluate(storage, START + second)
    assert len(_reasons(stored)) == 4


def test_the_daemon_sees_what_is_not_stored(
    storage: QuietScheduleStorage, stored: SqliteScheduleStorage
) -> None:
    _evaluate(storage, START)
    _evaluate(storage, START + 15)
    tick = _evaluate(storage, START + 30)
    assert _last_start(stored) == START + 15
    assert _last_start(storage) == START + 30
    (state,) = storage.all_instigator_state()
    assert state == storage.get_instigator_state(ORIGIN_ID, SELECTOR_ID)
    assert storage.get_ticks(ORIGIN_ID, SELECTOR_ID, limit=1) == [tick]
    assert storage.get_tick(int(tick.tick_id)) == tick
    assert len(_reasons(stored)) == 1


def test_what_is_held_is_stored_at_the_end(
    storage: QuietScheduleStorage, stored: SqliteScheduleStorage
) -> None:
    _evaluate(storage, START)
    _evaluate(storage, START + 15)
    storage.dispose()
    assert _last_start(stored) == START + 15
    assert len(_reasons(stored)) == 2


def test_a_new_cursor_is_stored_with_its_tick(
    storage: QuietScheduleStorage, stored: SqliteScheduleStorage
) -> None:
    _evaluate(storage, START)
    _evaluate(storage, START + 15, cursor="two")
    state = stored.get_instigator_state(ORIGIN_ID, SELECTOR_ID)
    assert state == _state(START + 15, "two")
    assert len(_reasons(stored)) == 2


def test_a_sensor_that_is_stopped_in_the_ui_is_stopped(
    storage: QuietScheduleStorage, stored: SqliteScheduleStorage
) -> None:
    _evaluate(storage, START)
    _evaluate(storage, START + 15)
    state = stored.get_instigator_state(ORIGIN_ID, SELECTOR_ID)
    assert state
    stopped = stored.update_instigator_state(state.with_status(InstigatorStatus.STOPPED))
    assert storage.get_instigator_state(ORIGIN_ID, SELECTOR_ID) == stopped
    storage.dispose()
    assert stored.get_instigator_state(ORIGIN_ID, SELECTOR_ID) == stopped


@pytest.mark.parametrize(
    "request_something",
    [
        lambda tick: tick.with_run_info(run_id="run"),
        lambda tick: tick.with_status(TickStatus.SUCCESS),
    ],
)
def test_a_tick_that_requests_something_is_stored_at_once(
    storage: QuietScheduleStorage,
    stored: SqliteScheduleStorage,
    request_something: Callable[[InstigatorTick], InstigatorTick],
) -> None:
    _evaluate(storage, START)
    held = _begin(storage, START + 15)
    assert len(_reasons(stored)) == 1
    storage.update_tick(request_something(held))
    (newest, _) = stored.get_ticks(ORIGIN_ID, SELECTOR_ID)
    assert newest.tick_id == held.tick_id
    # And what follows is, too.
    storage.update_tick(held.with_status(TickStatus.SUCCESS))
    assert stored.get_tick(held.tick_id).status == TickStatus.SUCCESS


def test_ids_are_not_used_twice(storage: QuietScheduleStorage, tmp_path: Path) -> None:
    ids = [_evaluate(storage, START + number, f"{number // 3}").tick_id for number in range(12)]
    storage.dispose()
    again = QuietScheduleStorage.from_config_value(None, {"base_dir": str(tmp_path)})
    ids += [_evaluate(again, START + number).tick_id for number in range(100, 103)]
    again.dispose()
    assert all(one < two for one, two in itertools.pairwise(ids))
