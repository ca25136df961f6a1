"""Bounds the memory that requests of untrusted clients take together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from whenanime_app.errors import BusyError


class Reservation:
    """One request's share of a budget.

    Attributes:
        size: bytes reserved so far.
    """

    def __init__(self, budget: "MemoryBudget") -> None:
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> None:
        """Reserve more bytes.

        Raises:
            BusyError: the budget has too few bytes left.
        """
        self._budget.take(size)
        self.size += size


class MemoryBudget:
    """A limit on the bytes held at once. Safe to share between threads."""

    def __init__(self, max_bytes: int) -> None:
        """Set the limit.

        Args:
            max_bytes: bytes of all reservations together.
        """
        self._free_bytes = max_bytes
        self._guard = threading.Lock()

    @contextmanager
    def open_reservation(self) -> Iterator[Reservation]:
        """Yield an empty reservation; its bytes are returned when the block is left."""
        reservation = Reservation(self)
        try:
            yield reservation
        finally:
            self.take(-reservation.size)

    def take(self, size: int) -> None:
        """Take bytes, or return some when `size` is negative.

        Raises:
            BusyError: too few bytes are left.
        """
        with self._guard:
            if size > self._free_bytes:
                raise BusyError("the server is busy; try again in a few seconds")
            self._free_bytes -= size
