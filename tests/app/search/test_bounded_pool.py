import asyncio
import threading

import pytest

from whenanime_app.errors import BusyError
from whenanime_app.search.bounded_pool import BoundedExecutor


def test_job_beyond_the_queue_is_refused_until_a_slot_is_free() -> None:
    async def run() -> None:
        executor, gate = BoundedExecutor(threads=1, max_waiting=1), threading.Event()
        first = asyncio.create_task(executor.run(gate.wait, 30))
        second = asyncio.create_task(executor.run(gate.wait, 30))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await executor.run(gate.is_set)
        gate.set()
        assert await first
        assert await second
        assert await executor.run(gate.is_set)
        executor.close()

    asyncio.run(run())


def test_cancelled_caller_keeps_its_slot_until_its_job_ends() -> None:
    async def run() -> None:
        executor, started, gate = BoundedExecutor(1, 0), threading.Event(), threading.Event()

        def job() -> None:
            started.set()
            gate.wait(30)

        task = asyncio.create_task(executor.run(job))
        await asyncio.to_thread(started.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(BusyError):
            await executor.run(gate.is_set)
        gate.set()
        await asyncio.to_thread(executor.close)

    asyncio.run(run())


def test_errors_of_a_job_reach_its_caller() -> None:
    async def run() -> None:
        executor = BoundedExecutor(1, 0)
        with pytest.raises(ZeroDivisionError):
            await executor.run(lambda: 1 / 0)
        executor.close()

    asyncio.run(run())
