"""Threads for what takes long: a bounded number at work, a bounded number waiting."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from whenanime_app.errors import BusyError

P = ParamSpec("P")
T = TypeVar("T")


class BoundedExecutor:
    """A thread pool that says no instead of piling work up."""

    def __init__(self, threads: int, max_waiting: int) -> None:
        """Make the pool; threads start when they are needed.

        Args:
            threads: jobs at work at once.
            max_waiting: jobs that may wait beside them.
        """
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="whenanime")
        self._free_slots = threads + max_waiting

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a job in a thread and wait for it.

        Raises:
            BusyError: there is no room left to wait in.
        """
        if self._free_slots == 0:
            raise BusyError("the server is busy; try again in a few seconds")
        self._free_slots -= 1
        future = self._pool.submit(partial(job, *args, **kwargs))
        # A caller that goes away gives the thread back only when its job is over, so the room is
        # counted by the job and not by who waits for it. Both ends run on the event loop.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._release_slot))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the jobs at work end and drop those that wait."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _release_slot(self) -> None:
        self._free_slots += 1
