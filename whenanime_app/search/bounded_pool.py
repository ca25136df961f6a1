"""Runs slow jobs in a thread pool with a bounded queue."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from whenanime_app.errors import BusyError

P = ParamSpec("P")
T = TypeVar("T")


class BoundedExecutor:
    """A thread pool that refuses jobs when its queue is full."""

    def __init__(self, threads: int, max_waiting: int) -> None:
        """Make the pool; threads start when they are needed.

        Args:
            threads: jobs that run at once.
            max_waiting: jobs that may wait in addition.
        """
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="whenanime")
        self._free_slots = threads + max_waiting

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a job in a thread and wait for it.

        Raises:
            BusyError: the queue is full.
        """
        if self._free_slots == 0:
            raise BusyError("the server is busy; try again in a few seconds")
        self._free_slots -= 1
        future = self._pool.submit(partial(job, *args, **kwargs))
        # A cancelled caller's job still occupies its thread, so the slot is released when the job
        # ends, not when its caller stops waiting. The counter changes on the event loop only.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._release_slot))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Wait for running jobs and drop waiting ones."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _release_slot(self) -> None:
        self._free_slots += 1
