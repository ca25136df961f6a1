"""Dagster's schedule storage for a daemon whose sensors mostly find nothing to do.

Dagster stores every tick of a sensor, in five transactions. Here a tick is stored when it requested
something, when its outcome differs from that of the last stored one, and every `KEPT_INTERVAL`
seconds, so that the UI shows that the sensor is evaluated. The last tick that is not stored is held
in memory, where the daemon finds it. A daemon that dies continues from the last stored tick, as if
the sensor had a longer interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import cast

import sqlalchemy as db
from dagster._core.definitions.asset_key import EntityKey
from dagster._core.definitions.declarative_automation.serialized_objects import (
    AutomationConditionEvaluationWithRunIds,
)
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.definitions.sensor_definition import SensorType
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorTick,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.storage.schedules.schema import JobTickTable
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData, serialize_value
from dagster._time import datetime_from_timestamp, get_current_timestamp
from sqlalchemy.pool import QueuePool

KEPT_INTERVAL = 900.0
"""Seconds after which a tick without news is stored all the same."""
PURGE_INTERVAL = 3600.0
"""Seconds between two removals of old ticks."""


@dataclass(slots=True)
class _SensorMemory:
    """What is held of one sensor.

    Attributes:
        held: the last tick, when it is not stored.
        is_stored: whether the current tick is stored; if so, the state is as well.
        outcome: outcome of the last stored tick.
        stored_at: when that was stored, in seconds since 1970.
        base: the sensor's state as it is stored.
        state: the state that followed `base`, which is not stored.
    """

    held: InstigatorTick | None = None
    is_stored: bool = False
    outcome: tuple[object, ...] | None = None
    stored_at: float = 0.0
    base: InstigatorState | None = None
    state: InstigatorState | None = None


class QuietScheduleStorage(SqliteScheduleStorage):
    """SQLite storage in which ticks without news leave no trace.

    For the one process that evaluates sensors. Others may read the same file, and start, stop and
    reset sensors: a state that they change takes the place of what is held.
    """

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(conn_string, inst_data)
        self._lock = RLock()
        self._sensors: dict[str, _SensorMemory] = {}
        self._next_tick_id = 0
        self._purged: dict[object, float] = {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, str]
    ) -> "QuietScheduleStorage":
        """Open the storage that a configuration names."""
        opened = cls.from_local(inst_data=inst_data, base_dir=config_value["base_dir"])
        return cast("QuietScheduleStorage", opened)

    @contextmanager
    def connect(self) -> Iterator[db.Connection]:
        """Connect; unlike Dagster's own, connections stay open, and so do SQLite's two files."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Store what is held, and close all connections."""
        with self._lock:
            for memory in self._sensors.values():
                if memory.held is None or memory.held.status != TickStatus.STARTED:
                    self._store_held(memory)
        self._engine.dispose()

    def create_tick(self, tick_data: TickData) -> InstigatorTick:
        """Create a tick; it is stored when there is a reason to."""
        if tick_data.instigator_type != InstigatorType.SENSOR or not tick_data.selector_id:
            return super().create_tick(tick_data)
        with self._lock:
            memory = self._sensors.setdefault(tick_data.selector_id, _SensorMemory())
            memory.is_stored = False
            memory.held = InstigatorTick(self._reserve_tick_id(), tick_data)
            return memory.held

    def update_tick(self, tick: InstigatorTick) -> InstigatorTick:
        """Update a tick, and store it if it requested something or ended differently."""
        with self._lock:
            memory = self._sensors.get(tick.selector_id or "")
            if memory is None or memory.held is None or memory.held.tick_id != tick.tick_id:
                return super().update_tick(tick)
            memory.held = tick
            if _did_something(tick) or self._is_due(memory, tick):
                self._store_held(memory)
        return tick

    def get_instigator_state(self, origin_id: str, selector_id: str) -> InstigatorState | None:
        """Return the state of a sensor, stored or held."""
        return self._newest(super().get_instigator_state(origin_id, selector_id))

    def all_instigator_state(
        self,
        repository_origin_id: str | None = None,
        repository_selector_id: str | None = None,
        instigator_type: InstigatorType | None = None,
        instigator_statuses: set[InstigatorStatus] | None = None,
    ) -> Sequence[InstigatorState]:
        """Return the states of several sensors, stored or held."""
        stored = super().all_instigator_state(
            repository_origin_id, repository_selector_id, instigator_type, instigator_statuses
        )
        return [newest for newest in map(self._newest, stored) if newest is not None]

    def update_instigator_state(self, state: InstigatorState) -> InstigatorState:
        """Update a state; times alone, and the cursor of automation, are held."""
        with self._lock:
            stored = super().get_instigator_state(state.instigator_origin_id, state.selector_id)
            memory = self._sensors.setdefault(state.selector_id, _SensorMemory())
            if stored is not None and not memory.is_stored and _may_wait(stored, state):
                memory.base, memory.state = stored, state
                return state
            if memory.held is not None and memory.held.status != TickStatus.STARTED:
                self._store_held(memory)
            memory.base = memory.state = None
            return super().update_instigator_state(state)

    def get_ticks(
        self,
        origin_id: str,
        selector_id: str,
        before: float | None = None,
        after: float | None = None,
        limit: int | None = None,
        statuses: Sequence[TickStatus] | None = None,
    ) -> Sequence[InstigatorTick]:
        """Return ticks of a sensor, the newest first, with the held one unless filtered."""
        stored = super().get_ticks(origin_id, selector_id, before, after, limit, statuses)
        memory = self._sensors.get(selector_id)
        is_filtered = before is not None or after is not None or statuses is not None
        if memory is None or memory.held is None or is_filtered:
            return stored
        return [memory.held, *stored][:limit]

    def get_tick(self, tick_id: int) -> InstigatorTick:
        """Return one tick, stored or held."""
        for memory in list(self._sensors.values()):
            if memory.held is not None and memory.held.tick_id == tick_id:
                return memory.held
        return super().get_tick(tick_id)

    def add_auto_materialize_asset_evaluations(
        self,
        evaluation_id: int,
        asset_evaluations: Sequence[AutomationConditionEvaluationWithRunIds[EntityKey]],
    ) -> None:
        """Store evaluations of automation conditions, and their tick with them."""
        with self._lock:
            for memory in self._sensors.values():
                if memory.held and memory.held.automation_condition_evaluation_id == evaluation_id:
                    self._store_held(memory)
        super().add_auto_materialize_asset_evaluations(evaluation_id, asset_evaluations)

    def purge_ticks(
        self,
        origin_id: str,
        selector_id: str,
        before: float,
        tick_statuses: Sequence[TickStatus] | None = None,
    ) -> None:
        """Remove old ticks, at most once in `PURGE_INTERVAL`."""
        if self._is_purge_due((selector_id, *sorted(s.value for s in tick_statuses or ()))):
            super().purge_ticks(origin_id, selector_id, before, tick_statuses)

    def purge_asset_evaluations(self, before: float) -> None:
        """Remove old evaluations, at most once in `PURGE_INTERVAL`."""
        if self._is_purge_due("evaluations"):
            super().purge_asset_evaluations(before)

    @cached_property
    def _engine(self) -> db.Engine:
        return db.create_engine(
            self._conn_string,
            poolclass=QueuePool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )

    def _reserve_tick_id(self) -> int:
        if not self._next_tick_id:
            newest = self.execute(db.select(db.func.max(JobTickTable.c.id)))
            self._next_tick_id = (newest[0][0] or 0) + 1
        self._next_tick_id += 1
        return self._next_tick_id - 1

    def _newest(self, stored: InstigatorState | None) -> InstigatorState | None:
        with self._lock:
            memory = self._sensors.get(stored.selector_id) if stored else None
            if memory is None or memory.state is None:
                return stored
            if memory.base == stored:
                return memory.state
            memory.base = memory.state = None  # somebody else changed it
            return stored

    def _is_due(self, memory: _SensorMemory, tick: InstigatorTick) -> bool:
        """Tell whether a tick that requested nothing is stored all the same."""
        if tick.status == TickStatus.STARTED:
            return False
        late = get_current_timestamp() - memory.stored_at >= KEPT_INTERVAL
        return late or memory.outcome != _outcome(tick)

    def _store_held(self, memory: _SensorMemory) -> None:
        """Store the held tick with the held state; later updates of both are stored at once."""
        tick = memory.held
        if tick is not None:
            values = {
                "id": tick.tick_id,
                "job_origin_id": tick.instigator_origin_id,
                "selector_id": tick.selector_id,
                "status": tick.status.value,
                "type": tick.instigator_type.value,
                "timestamp": datetime_from_timestamp(tick.timestamp),
                "tick_body": serialize_value(tick.tick_data),
            }
            with self.connect() as connection:
                connection.execute(JobTickTable.insert().values(**values))
            memory.outcome, memory.stored_at = _outcome(tick), get_current_timestamp()
            memory.held, memory.is_stored = None, True
        if memory.state is not None and memory.base is not None:
            state = self._newest(
                super().get_instigator_state(
                    memory.state.instigator_origin_id, memory.state.selector_id
                )
            )
            if memory.state is not None and state is memory.state:
                super().update_instigator_state(state)
            memory.base = memory.state = None

    def _is_purge_due(self, what: object) -> bool:
        with self._lock:
            now, last = get_current_timestamp(), self._purged.get(what)
            if last is not None and now - last < PURGE_INTERVAL:
                return False
            self._purged[what] = now
            return True


def _did_something(tick: InstigatorTick) -> bool:
    data = tick.tick_data
    asked = data.run_requests or data.run_ids or data.dynamic_partitions_request_results
    return bool(asked) or tick.status == TickStatus.SUCCESS


def _outcome(tick: InstigatorTick) -> tuple[object, ...]:
    """Return what counts as the outcome of a tick: without times and stack traces."""
    messages, error = [], tick.error
    while error is not None:
        messages.append(error.message)
        error = error.cause
    return (tick.status, tick.skip_reason, *messages)


def _may_wait(stored: InstigatorState, state: InstigatorState) -> bool:
    """Tell whether a state differs only in times, or in the cursor of automation."""
    before, now = stored.instigator_data, state.instigator_data
    if not isinstance(before, SensorInstigatorData) or not isinstance(now, SensorInstigatorData):
        return False
    same_cursor = now.sensor_type == SensorType.AUTOMATION or before.cursor == now.cursor
    return (
        same_cursor
        and stored.status == state.status
        and stored.origin == state.origin
        and before.last_run_key == now.last_run_key
        and before.sensor_type == now.sensor_type
    )
