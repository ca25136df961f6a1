import asyncio
import threading

import pytest

from whenanime_app.errors import BusyError
from whenanime_app.search.bounded_pool import BoundedExecutor


def test_work_beyond_the_room_is_refused_and_room_comes_back() -> None:
    async def story() -> None:
        workers, gate = BoundedExecutor(threads=1, max_waiting=1), threading.Event()
        first = asyncio.create_task(workers.run(gate.wait, 30))
        second = asyncio.create_task(workers.run(gate.wait, 30))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await workers.run(gate.is_set)
        gate.set()
        assert await first
        assert await second
        assert await workers.run(gate.is_set)
        workers.close()

    asyncio.run(story())


def test_who_goes_away_keeps_the_thread_until_its_job_ends() -> None:
    async def story() -> None:
        workers, started, gate = BoundedExecutor(1, 0), threading.Event(), threading.Event()

        def job() -> None:
            started.set()
            gate.wait(30)

        task = asyncio.create_task(workers.run(job))
        await asyncio.to_thread(started.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(BusyError):
            await workers.run(gate.is_set)
        gate.set()
        await asyncio.to_thread(workers.close)

    asyncio.run(story())


def test_errors_of_a_job_reach_who_waits() -> None:
    async def story() -> None:
        workers = BoundedExecutor(1, 0)
        with pytest.raises(ZeroDivisionError):
            await workers.run(lambda: 1 / 0)
        workers.close()

    asyncio.run(story())
