"""Memory for what strangers send: so many bytes together, and who comes then is told to wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from whenanime_app.errors import BusyError


class Reservation:
    """What one request holds of a budget."""

    def __init__(self, budget: "MemoryBudget") -> None:
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> None:
        """Take more bytes.

        Raises:
            BusyError: together with all others it would be too many.
        """
        self._budget.take(size)
        self.size += size


class MemoryBudget:
    """Bytes that may be held at once. Safe to share between threads."""

    def __init__(self, max_bytes: int) -> None:
        """Set the limit.

        Args:
            max_bytes: bytes, of all shares together.
        """
        self._free_bytes = max_bytes
        self._guard = threading.Lock()

    @contextmanager
    def open_reservation(self) -> Iterator[Reservation]:
        """Open a share; what it has grown to is given back when the block is left."""
        share = Reservation(self)
        try:
            yield share
        finally:
            self.take(-share.size)

    def take(self, size: int) -> None:
        """Take bytes, or give some back when `size` is negative.

        Raises:
            BusyError: there are not so many left.
        """
        with self._guard:
            if size > self._free_bytes:
                raise BusyError("the server is busy; try again in a few seconds")
            self._free_bytes -= size
